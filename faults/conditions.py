#!/usr/bin/env python3
"""Builds and ingests on full disks, without memory, and while other programs change the files.

    faults/conditions.py

Each time it checks for a message that says what and where, for exit code 1, for the last good site in place, and that
the next build repairs what is missing. What the machine does not allow, above all mounting, is skipped with a message.
It needs Python 3 and a release build of pressrun. Tests without these needs are in tests/it/faults.rs.
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import sites

POSTS = 100


class Skipped(Exception):
    """The machine does not allow this test."""


def main():
    """Runs all tests; exits with 1 if any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    default = Path(__file__).resolve().parents[1] / "target/release/pressrun"
    parser.add_argument("--program", type=lambda path: Path(path).resolve(), default=default)
    parser.add_argument("names", nargs="*", help="only these")
    arguments = parser.parse_args()
    failed = False
    for condition in CONDITIONS:
        name = condition.__name__.replace("_", " ")
        if arguments.names and condition.__name__ not in arguments.names:
            continue
        with tempfile.TemporaryDirectory(prefix="pressrun-faults-") as folder:
            try:
                said = condition(Site(Path(folder) / "site", arguments.program)) or "held"
            except Skipped as reason:
                said = f"skipped: {reason}"
            except AssertionError as wrong:
                said, failed = f"WRONG: {wrong}", True
        print(f"{name}: {said}", flush=True)
    sys.exit(failed)


class Site:
    """A site, and the program that is run on it."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        sites.make(folder, POSTS, 1)

    def run(self, *words, **more):
        """Runs the program and returns the completed process."""
        return subprocess.run([str(self.program), *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              errors="replace", check=False, timeout=300, env=sites.environment(self.folder), **more)

    def good(self, *words):
        """Runs the program, which must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode} {done.stderr}"
        return done

    def clean(self):
        """Returns the files of a clean build of the site as it is."""
        beside = self.folder.parent / "clean"
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(self.folder, beside, ignore=shutil.ignore_patterns("public", ".pressrun", "posts"))
        sites.run([self.program, "build"], beside)
        return sites.tree(beside / "public")

    def edit(self, number=1):
        """Changes a few things."""
        sites.edit(self.folder, random.Random(number))


@contextlib.contextmanager
def disk(place, options):
    """Mounts a small disk at a place, for a time."""
    place.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], capture_output=True, check=False).returncode:
        raise Skipped("nothing can be mounted here; as root, or below `unshare -rm`, it can")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def same(found, expected, what):
    """Checks that two trees are the same."""
    differ = sites.difference(found, expected)
    assert not differ, f"{what}: {differ}"


def refused(done, *expected):
    """Checks that the program refused, and said why."""
    assert done.returncode == 1, f"exit code {done.returncode}: {done.stdout}{done.stderr}"
    for text in expected:
        assert text in done.stderr, f"no {text!r} in {done.stderr}"


def full_disk_for_the_site(site):
    """With any amount of space, a build succeeds or leaves what was there."""
    refusals = 0
    for kilobytes in range(100, 3600, 350):
        with disk(site.folder / "public", f"size={kilobytes}k"):
            done = site.run("build")
            if done.returncode == 0:
                same(sites.tree(site.folder / "public"), site.clean(), f"{kilobytes} kB")
                continue
            refusals += 1
            refused(done, "No space left on device", "make room on the disk")
            left = sites.tree(site.folder / "public")
            assert not left, f"{kilobytes} kB: {sorted(left)[:5]}"
    assert refusals, "the disk was never full"
    return f"held, {refusals} times full"


def full_disk_under_the_last_good_site(site):
    """A site that outgrows the disk leaves the old one in place, and is built again when there is space."""
    with disk(site.folder / "public", "size=6m"):
        site.good("build")
        old = sites.tree(site.folder / "public")
        sites.write(site.folder / "templates/partials/footer.html", "<footer>" + "x" * 30000 + "</footer>\n")
        refused(site.run("build"), "No space left on device")
        same(sites.tree(site.folder / "public"), old, "the last good site")
        sites.write(site.folder / "templates/partials/footer.html", "<footer>small</footer>\n")
        site.good("build")
        same(sites.tree(site.folder / "public"), site.clean(), "the next build")


def disk_without_room_for_more_files(site):
    """Files and folders run out before bytes do."""
    refusals = 0
    for number in (10, 60, 200, 500):
        with disk(site.folder / "public", f"nr_inodes={number}"):
            done = site.run("build")
            if done.returncode:
                refused(done, "No space left on device")
                refusals += 1
    return f"held, {refusals} times full"


def full_disk_for_the_cache(site):
    """A build works without a cache if it cannot be written."""
    expected = site.clean()
    for kilobytes in (4, 16, 64, 256, 700):
        shutil.rmtree(site.folder / "public", ignore_errors=True)
        with disk(site.folder / ".pressrun", f"size={kilobytes}k"):
            for _ in range(3):
                done = site.good("build")
                assert "warning[cache-unusable]" in done.stderr or kilobytes > 64, done.stderr
                same(sites.tree(site.folder / "public"), expected, f"{kilobytes} kB")
            site.good("check")


def disk_that_may_only_be_read(site):
    """On a read-only disk, a site that is up to date is accepted; anything else is refused."""
    public = site.folder / "public"
    with disk(public, "size=10m"):
        site.good("build")
        old = sites.tree(public)
        subprocess.run(["mount", "-o", "remount,ro", public], check=True)
        site.good("build")
        site.edit()
        refused(site.run("build"), "Read-only file system", "help:")
        same(sites.tree(public), old, "the last good site")
        subprocess.run(["mount", "-o", "remount,rw", public], check=True)
        site.good("build")
        same(sites.tree(public), site.clean(), "the next build")


def full_disk_for_ingest(site):
    """Only complete files are left, and the next run continues."""
    with disk(site.folder / "posts", "size=100k"):
        refused(site.run("ingest", "content", "--into", "posts"), "No space left on device")
        left = sites.tree(site.folder / "posts")
        subprocess.run(["mount", "-o", "remount,size=10m", site.folder / "posts"], check=True)
        site.good("ingest", "content", "--into", "posts")
        whole = sites.tree(site.folder / "posts")
    assert all(whole.get(name) == content for name, content in left.items()), "half a file"
    site.good("ingest", "content", "--into", "clean")
    same(whole, sites.tree(site.folder / "clean"), "after the disk had room again")


def no_memory_for_a_huge_post(site):
    """The build is refused or ends at once; the last good site stays."""
    site.good("build")
    old = sites.tree(site.folder / "public")
    source = random.Random(1)
    huge = site.folder / "content/huge.txt"
    with huge.open("w", encoding="utf-8") as file:
        file.write("TITLE: Huge\nTAGS: x\n\n")
        for _ in range(1500):
            file.write(("\n\n".join(" ".join(source.choices(sites.WORDS, k=60)) for _ in range(150))) + "\n\n")
    ends = set()
    for megabytes in (60, 100, 150, 200):
        limit = megabytes << 20
        done = site.run("build", preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        ends.add(done.returncode)
        assert done.returncode != 0, f"{megabytes} MB were enough: {done.stdout}"
        assert "memory" in done.stderr or done.returncode in (127, -11), done.stderr
        same(sites.tree(site.folder / "public", (".pressrun-staging",)), old, f"{megabytes} MB")
    huge.unlink()
    site.good("build")
    same(sites.tree(site.folder / "public"), old, "without the post")
    return f"held, exit codes {sorted(ends)}"


def sources_that_change_meanwhile(site):
    """Whatever a build saw, it does not panic, and the next one after it is right."""
    stop = threading.Event()

    def meddle():
        source = random.Random(2)
        while not stop.is_set():
            with contextlib.suppress(OSError):
                sites.edit(site.folder, source)

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        ends = [site.run("build") for _ in range(40)]
    finally:
        stop.set()
        thread.join()
    wrong = [done.stderr for done in ends if done.returncode not in (0, 1) or "panic" in done.stderr]
    assert not wrong, wrong[0]
    site.good("build")
    same(sites.tree(site.folder / "public"), site.clean(), "the last build")
    return f"held, {sum(done.returncode for done in ends)} of 40 refused"


def output_that_is_removed_meanwhile(site):
    """A build whose folder is removed says so or creates it again; the next one is complete."""
    source, refusals = random.Random(3), 0
    for number in range(40):
        site.edit(number)
        process = subprocess.Popen([site.program, "build"], cwd=site.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, env=sites.environment(site.folder))
        time.sleep(source.uniform(0, 0.3))
        shutil.rmtree(site.folder / "public", ignore_errors=True)
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, 1) and "panic" not in said, said
        refusals += process.returncode
        site.good("build")
        same(sites.tree(site.folder / "public"), site.clean(), f"round {number}")
    return f"held, {refusals} of 40 refused"


def builds_at_once(site):
    """Four builds of two sites with the same files into one folder: each waits for the others."""
    other = site.folder.parent / "other"
    shutil.copytree(site.folder, other)
    expected = site.clean()
    for number in range(15):
        shutil.rmtree(site.folder / "public", ignore_errors=True)
        builds = [subprocess.Popen([site.program, "build", "--output", site.folder / "public"], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   env=sites.environment(folder))
                  for folder in (site.folder, other) * 2]
        said = [build.communicate(timeout=120)[1] for build in builds]
        for build, text in zip(builds, said):
            assert build.returncode == 0 or "in the meantime; run the command again" in text, text
        same(sites.tree(site.folder / "public"), expected, f"round {number}")


def ingests_at_once(site):
    """Four runs into one folder: each waits for the others."""
    site.good("ingest", "content", "--into", "clean")
    expected = sites.tree(site.folder / "clean")
    for number in range(15):
        shutil.rmtree(site.folder / "posts", ignore_errors=True)
        runs = [subprocess.Popen([site.program, "ingest", "content", "--into", "posts"], cwd=site.folder,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                 env=sites.environment(site.folder)) for _ in range(4)]
        for run in runs:
            _, text = run.communicate(timeout=120)
            assert run.returncode == 0 or "in the meantime; run the command again" in text, text
        same(sites.tree(site.folder / "posts"), expected, f"round {number}")


def times_that_jump(site):
    """Files dated in the future and before 1970, and changed files with unchanged times."""
    site.good("build")
    source = random.Random(4)
    for number in range(30):
        site.edit(number)
        for path in (site.folder / "content").glob("*.txt"):
            if source.random() < 0.3:
                os.utime(path, (source.randint(-(10**8), 4 * 10**9),) * 2)
        site.good("build")
        same(sites.tree(site.folder / "public"), site.clean(), f"round {number}")


def unchanged(site, *expected):
    """A build is refused, with and without --force, and touches no file."""
    public = site.folder / "public"

    def look():
        return {path: path.lstat().st_mtime_ns for path in public.rglob("*") if not path.is_dir()}, sites.tree(public)

    before = look()
    for words in (["build"], ["build", "--force"]):
        refused(site.run(*words), *expected)
        assert look() == before, f"{words} changed files"


def built_and_edited(site):
    """Builds a site and edits it so that many pages change; returns its output folder."""
    site.good("build")
    sites.write(site.folder / "templates/partials/footer.html", "<footer>another</footer>\n")
    sites.write(site.folder / "content/9000.txt", sites.reply(random.Random(9), "Wholly new"))
    return site.folder / "public"


def folder_in_the_place_of_a_page(site):
    """An empty folder where a page of the site belongs stops a build before anything changes."""
    public = built_and_edited(site)
    for page in ("tags/index.html", "posts/wholly-new/index.html", "sitemap.xml"):
        kept = (public / page).read_bytes() if (public / page).exists() else None
        (public / page).unlink(missing_ok=True)
        (public / page).mkdir(parents=True)
        unchanged(site, f"it contains the folder `{page}`")
        (public / page).rmdir()
        if kept is not None:
            (public / page).write_bytes(kept)
    site.good("build")
    same(sites.tree(public), site.clean(), "the next build")


def file_that_nobody_may_replace(site):
    """An immutable page stops a build before anything changes."""
    public = built_and_edited(site)
    for flag, page in (("i", "tags/index.html"), ("a", "archive/index.html"), ("i", "posts")):
        if subprocess.run(["chattr", f"+{flag}", public / page], capture_output=True, check=False).returncode:
            raise Skipped("no file can be made immutable here")
        try:
            unchanged(site, page, "permitted" if page == "posts" else f"run `chattr -{flag}` so that it can be replaced")
        finally:
            subprocess.run(["chattr", f"-{flag}", public / page], check=True)
    site.good("build")
    same(sites.tree(public), site.clean(), "the next build")


def page_that_is_mounted(site):
    """A page or a folder of pages on another disk stops a build before anything changes."""
    public = built_and_edited(site)
    page, other = public / "tags/index.html", site.folder.parent / "other"
    other.write_text("another", encoding="utf-8")
    if subprocess.run(["mount", "--bind", other, page], capture_output=True, check=False).returncode:
        raise Skipped("nothing can be mounted here; as root, or below `unshare -rm`, it can")
    try:
        unchanged(site, "another file is mounted there")
    finally:
        subprocess.run(["umount", "-l", page], check=True)
    copy = site.folder.parent / "posts"
    shutil.copytree(public / "posts", copy)
    for options in (["--bind", copy], ["-t", "tmpfs", "none"]):
        subprocess.run(["mount", *options, public / "posts"], check=True)
        try:
            unchanged(site, "it is on another disk")
        finally:
            subprocess.run(["umount", "-l", public / "posts"], check=True)
    site.good("build")
    same(sites.tree(public), site.clean(), "the next build")


def content_that_is_gone(site):
    """A content folder that is gone does not empty the site."""
    public = built_and_edited(site)
    site.good("build")
    content, away = site.folder / "content", site.folder / "away"
    old = sites.tree(public)
    content.rename(away)
    refused(site.run("build"), "error[content-gone]")
    # Without a cache only the manifest in the output folder knows it.
    shutil.rmtree(site.folder / ".pressrun", ignore_errors=True)
    refused(site.run("build"), "error[content-gone]")
    same(sites.tree(public), old, "the last good site")
    away.rename(content)
    site.good("build")
    same(sites.tree(public), old, "the next build")


def files_of_another_disk(site):
    """A link to a file of another disk that has the same number, size and time is another file."""
    one, other = site.folder.parent / "one", site.folder.parent / "other"
    with disk(one, "size=1m"), disk(other, "size=1m"):
        link = site.folder / "content/linked.txt"
        for place, word in ((one, "first"), (other, "other")):
            sites.write(place / "a.txt", f"TITLE: Linked\n\nThis is the {word} of two files.\n")
            os.utime(place / "a.txt", (10**9, 10**9))
        numbers = {(place / "a.txt").stat().st_ino for place in (one, other)}
        link.symlink_to(one / "a.txt")
        site.good("build")
        # A stamp counts only when the file is at rest.
        time.sleep(2.5)
        sites.write(site.folder / "content/0000.txt", sites.reply(random.Random(7), "Another"))
        site.good("build")
        link.unlink()
        link.symlink_to(other / "a.txt")
        site.good("build")
        page = (site.folder / "public/posts/linked/index.html").read_text(encoding="utf-8")
        assert "the other of two files" in page, "the old file is shown"
    return f"held, {'the same number' if len(numbers) == 1 else 'other numbers'}"


def manifest_that_was_cut(site):
    """Whatever is left of a manifest, no file of others is replaced."""
    site.good("build")
    public = site.folder / "public"
    manifest = (public / ".pressrun-manifest").read_bytes()
    old = sites.tree(public, (".pressrun-manifest",))
    sites.write(site.folder / "content/9000.txt", sites.reply(random.Random(9), "Wholly new"))
    sites.write(public / "posts/wholly-new/index.html", "theirs")
    cuts = [0, len(manifest.splitlines(True)[0]), *(random.Random(1).randrange(len(manifest)) for _ in range(10))]
    for cut in cuts:
        (public / ".pressrun-manifest").write_bytes(manifest[:cut])
        refused(site.run("build"), "is damaged")
        left = sites.tree(public, (".pressrun-manifest", "posts/wholly-new"))
        same(left, old, f"cut at {cut}")
        assert (public / "posts/wholly-new/index.html").read_text(encoding="utf-8") == "theirs"
    site.good("build", "--force")
    found, clean = sites.tree(public), site.clean()
    # Without a manifest, files that no longer belong count as files of others, and stay.
    del found[".pressrun-manifest"], clean[".pressrun-manifest"]
    same({name: found.get(name) for name in clean}, clean, "the next build")


CONDITIONS = [full_disk_for_the_site, full_disk_under_the_last_good_site, disk_without_room_for_more_files,
              full_disk_for_the_cache, disk_that_may_only_be_read, full_disk_for_ingest, no_memory_for_a_huge_post,
              sources_that_change_meanwhile, output_that_is_removed_meanwhile, builds_at_once, ingests_at_once,
              times_that_jump, folder_in_the_place_of_a_page, file_that_nobody_may_replace, page_that_is_mounted,
              content_that_is_gone, files_of_another_disk, manifest_that_was_cut]

if __name__ == "__main__":
    main()
