#!/usr/bin/env python3
"""Kills pressrun at random moments, again and again, and checks what it leaves behind.

    faults/kill.py build ingest publish --times 200

After a kill no file is half-written. The next run then gives exactly the files that it would have given without the
kill. After a kill of `publish`, the user's repository is unchanged, and the branch on the remote is either the old
one or the new one. It needs Python 3, git and a release build of pressrun.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sites

STAGING = (".pressrun-staging", ".pressrun-ingest", ".pressrun-manifest")


def main():
    """Runs what the command line asks for; exits with 1 if any check failed."""
    arguments = parse_arguments()
    failed = False
    for name in arguments.commands:
        with tempfile.TemporaryDirectory(prefix="pressrun-kill-", dir=arguments.folder) as folder:
            failed |= not trials(name, Path(folder), arguments)
    sys.exit(failed)


def parse_arguments():
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("commands", nargs="*", default=sorted(TRIALS), choices=sorted(TRIALS))
    parser.add_argument("--times", type=int, default=200, help="kills of each command")
    parser.add_argument("--posts", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    default = Path(__file__).resolve().parents[1] / "target/release/pressrun"
    parser.add_argument("--program", type=lambda path: Path(path).resolve(), default=default)
    parser.add_argument("--folder", help="where sites are put [default: among the temporary files]")
    return parser.parse_args()


def trials(name, folder, arguments):
    """Kills a command this many times; returns whether all checks passed."""
    source = random.Random(arguments.seed)
    trial = TRIALS[name](folder, arguments, source)
    counts = {"killed": 0, "ended first": 0, "wrong": 0}
    while counts["killed"] < arguments.times:
        trial.prepare()
        for _ in range(source.choice([1, 1, 1, 2, 3])):
            # Half of them when files are moved, which is the last thing that a build does.
            earliest = source.choice([0, 0.7]) * trial.takes
            killed = kill(trial.command, trial.folder, source.uniform(earliest, trial.takes * 1.1), source)
            counts["killed" if killed else "ended first"] += 1
            wrong = trial.left_behind()
            if wrong:
                counts["wrong"] += 1
                print(f"{name}, after a kill: {wrong}", file=sys.stderr)
        started = time.monotonic()
        wrong = trial.repaired()
        # Follow the duration of a run as the site grows, so that kills stay spread over all of it.
        trial.takes = 0.8 * trial.takes + 0.2 * min(time.monotonic() - started, 2 * trial.takes)
        if wrong:
            counts["wrong"] += 1
            print(f"{name}, after the next run: {wrong}", file=sys.stderr)
        if counts["wrong"] > 5:
            break
    mixed = f", {trial.mixed} left old and new files" if trial.mixed else ""
    print(f"{name}: {counts['killed']} killed, {counts['ended first']} ended before that{mixed}, {counts['wrong']} wrong",
          flush=True)
    return counts["wrong"] == 0


def kill(command, folder, after, source):
    """Starts a command and kills it after a time, with or without its children; returns whether it still ran."""
    process = subprocess.Popen([str(word) for word in command], cwd=folder, env=sites.environment(folder),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        process.wait(timeout=after)
        return False
    except subprocess.TimeoutExpired:
        pass
    with_children = source.random() < 0.5
    if with_children:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    # Children that were not killed end by themselves, since nothing reads their output.
    while not with_children and is_group(process.pid):
        time.sleep(0.01)
    return True


def is_group(number):
    """Returns whether a process group has processes."""
    try:
        os.killpg(number, 0)
        return True
    except ProcessLookupError:
        return False


def halves(found, old, new):
    """Lists the files of a tree that are neither in the old nor in the new one."""
    wrong = [name for name, content in found.items() if content not in (old.get(name), new.get(name))]
    return ", ".join(wrong[:10])


class Trial:
    """A command on a site, and the same site on which nothing is killed."""

    mixed = 0

    def __init__(self, folder, arguments, source):
        self.folder, self.reference = folder / "killed", folder / "reference"
        self.program, self.source = arguments.program, source
        for site in (self.folder, self.reference):
            sites.make(site, arguments.posts, arguments.seed)
        self.start()
        started = time.monotonic()
        self.good()
        self.takes = time.monotonic() - started
        # Both sites have the same history.
        sites.run(self.command, self.folder)

    def start(self):
        """Prepares both sites."""

    def change(self):
        """Edits both sites in the same way."""
        number = self.source.randint(0, 1 << 30)
        for site in (self.folder, self.reference):
            sites.edit(site, random.Random(number))


class Build(Trial):
    """`pressrun build`, of a new site or of one that was built before."""

    command = property(lambda self: [self.program, "build"])

    def good(self):
        """Makes a clean build of the site as it is now."""
        sites.copy(self.folder, self.reference, "public")
        shutil.rmtree(self.reference / "public", ignore_errors=True)
        shutil.rmtree(self.reference / ".pressrun", ignore_errors=True)
        sites.run(self.command, self.reference)
        return sites.tree(self.reference / "public")

    def prepare(self):
        """Edits the site; sometimes removes what was built before."""
        kind = self.source.random()
        if kind < 0.2:
            shutil.rmtree(self.folder / "public", ignore_errors=True)
        if kind < 0.1 or kind > 0.9:
            shutil.rmtree(self.folder / ".pressrun", ignore_errors=True)
        self.old = sites.tree(self.folder / "public", STAGING)
        self.change()
        self.new = self.good()

    def left_behind(self):
        """Lists what is wrong after a kill: a file that is neither the old nor the new one, or a dead link."""
        public = self.folder / "public"
        found = sites.tree(public, STAGING)
        counts = [sum(found.get(name) != content for name, content in tree.items()) for tree in (self.old, self.new)]
        self.mixed += all(counts)
        return halves(found, self.old, self.new) + ", ".join(sites.dead_ends(public)[:5])

    def repaired(self):
        """Lists what is wrong after the next build."""
        sites.run(self.command, self.folder)
        return sites.difference(sites.tree(self.folder / "public"), self.new)


class Ingest(Trial):
    """`pressrun ingest`, into an empty folder or one with files of earlier runs."""

    command = property(lambda self: [self.program, "ingest", "replies", "--into", "posts"])

    def start(self):
        """Moves the replies out of the site."""
        for site in (self.folder, self.reference):
            (site / "content").rename(site / "replies")
            (site / "content").symlink_to("replies")

    def good(self):
        """Makes an undisturbed run on the folder as it was."""
        sites.run(self.command, self.reference)
        return sites.tree(self.reference / "posts")

    def prepare(self):
        """Edits the replies; sometimes empties the folder."""
        if self.source.random() < 0.3:
            for site in (self.folder, self.reference):
                shutil.rmtree(site / "posts", ignore_errors=True)
        self.old = sites.tree(self.folder / "posts", STAGING)
        self.change()
        self.new = self.good()

    def left_behind(self):
        """Lists what is wrong after a kill: a file that is neither the old nor the new one."""
        return halves(sites.tree(self.folder / "posts", STAGING), self.old, self.new)

    def repaired(self):
        """Lists what is wrong after the next run."""
        sites.run(self.command, self.folder)
        return sites.difference(sites.tree(self.folder / "posts"), self.new)


class Publish(Trial):
    """`pressrun publish` to a bare repository on this machine."""

    command = property(lambda self: [self.program, "publish"])

    def start(self):
        """Puts the site into a repository with a remote."""
        for site in (self.folder, self.reference):
            remote = site.parent / f"{site.name}.git"
            sites.run(["git", "init", "--quiet", "--bare", remote], site)
            sites.run(["git", "init", "--quiet", "--initial-branch=main"], site)
            sites.run(["git", "remote", "add", "origin", remote], site)
            # Commits would start garbage collection, which would change the repository while it is compared.
            sites.run(["git", "config", "gc.auto", "0"], site)
            sites.write(site / ".gitignore", "/public/\n/.pressrun/\n")
            self.commit(site)

    def commit(self, site):
        """Commits all of a site except the last file, which is left in the index."""
        sites.run(["git", "add", "."], site)
        sites.run(["git", "commit", "--quiet", "--message=x", "--allow-empty"], site)
        sites.write(site / "content/0000.txt", sites.reply(random.Random(4), "Staged"))
        sites.run(["git", "add", "content/0000.txt"], site)
        sites.write(site / "content/0001.txt", sites.reply(random.Random(5), "Not staged"))

    def good(self):
        """Makes an undisturbed publication of the site as it is now."""
        sites.run(self.command, self.reference)
        return self.published(self.reference)

    def prepare(self):
        """Edits the site and commits everything except two files."""
        self.old = self.published(self.folder)
        self.change()
        for site in (self.folder, self.reference):
            self.commit(site)
        self.new = self.good()
        self.repository = self.of_user()

    def published(self, site):
        """Returns the tree of the branch on the remote; empty if there is none."""
        remote = site.parent / f"{site.name}.git"
        if not sites.run(["git", "branch", "--list", "gh-pages"], remote):
            return ""
        return sites.run(["git", "rev-parse", "gh-pages^{tree}"], remote).strip()

    def of_user(self):
        """Returns every byte of the user's repository and folder, without objects and records of the push."""
        own = ("public", ".pressrun", ".git/objects", ".git/refs/remotes", ".git/logs/refs/remotes")
        return sites.tree(self.folder, own)

    def left_behind(self):
        """Lists what is wrong after a kill."""
        wrong = sites.difference(self.of_user(), self.repository)
        if self.published(self.folder) not in (self.old, self.new):
            wrong += " the branch is neither the old nor the new one"
        for repository in (self.folder, self.folder.parent / f"{self.folder.name}.git"):
            sites.run(["git", "fsck", "--connectivity-only", "--no-dangling"], repository)
        return wrong

    def repaired(self):
        """Lists what is wrong after the next publication."""
        # A real remote is another machine, on which nothing is killed. Only here is its git our child process.
        for lock in (self.folder.parent / f"{self.folder.name}.git").rglob("*.lock"):
            lock.unlink()
        sites.run(self.command, self.folder)
        wrong = sites.difference(self.of_user(), self.repository)
        if self.published(self.folder) != self.new:
            wrong += " the branch is not the new one"
        locks = sorted(str(path) for path in (self.folder / ".git").rglob("*.lock"))
        return wrong + " ".join(locks)


TRIALS = {"build": Build, "ingest": Ingest, "publish": Publish}

if __name__ == "__main__":
    main()
