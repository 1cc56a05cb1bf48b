#!/usr/bin/env python3
"""Makes single system calls fail, or kills pressrun at them, one after the other.

    faults/inject.py

It uses strace, which numbers the calls: the first rename of a build, the second, and so on, fails with an error, or
kills the process. Afterwards no file is half-written, and the next build gives the same files as a clean one.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sites

FAULTS = {
    "rename": ["signal=KILL", "error=EIO", "error=EACCES"],
    "mkdir": ["signal=KILL", "error=ENOSPC"],
    "linkat": ["error=EPERM", "error=ENOSPC", "signal=KILL"],
    "rmdir": ["error=EBUSY", "signal=KILL"],
    "unlink": ["signal=KILL", "error=EPERM"],
    "openat": ["error=EMFILE", "error=EIO", "signal=KILL"],
    "write": ["error=ENOSPC", "error=EIO", "signal=KILL"],
    "pwrite64": ["error=ENOSPC", "error=EIO"],
    "read": ["error=EIO"],
    "pread64": ["error=EIO"],
    "getdents64": ["error=EIO"],
    "statx": ["error=EIO"],
    "flock": ["error=ENOLCK"],
}


def main():
    """Goes through all calls; exits with 1 if any check failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    default = Path(__file__).resolve().parents[1] / "target/release/pressrun"
    parser.add_argument("--program", type=lambda path: Path(path).resolve(), default=default)
    parser.add_argument("--posts", type=int, default=6)
    parser.add_argument("--most", type=int, default=60, help="points of each call, spread over all that there are")
    parser.add_argument("calls", nargs="*", help="only these")
    arguments = parser.parse_args()
    if not shutil.which("strace"):
        print("skipped: there is no strace")
        return
    failed = False
    for call, kinds in FAULTS.items():
        for kind in kinds if not arguments.calls or call in arguments.calls else []:
            with tempfile.TemporaryDirectory(prefix="pressrun-inject-") as folder:
                tried, refused, wrong = sweep(Path(folder), call, kind, arguments)
            failed |= bool(wrong)
            print(f"{call} {kind}: {tried} times, {refused} refused or killed, {len(wrong)} wrong", flush=True)
            for line in wrong[:5]:
                print(f"    {line}", flush=True)
    sys.exit(failed)


def sweep(folder, call, kind, arguments):
    """Makes each of the calls of a build fail in one way."""
    before, site, expected = prepare(folder, arguments)
    whole = sites.tree(before / "public")
    old = {name: content for name, content in whole.items() if name != ".pressrun-manifest"}
    count = calls(fresh(before, site), call, arguments.program)
    step = max(1, count // arguments.most)
    tried, refused, wrong = 0, 0, []
    for number in range(1, count + 1, step):
        done = traced(fresh(before, site), arguments.program, f"inject={call}:{kind}:when={number}")
        tried += 1
        refused += done.returncode != 0
        found = sites.tree(site / "public", (".pressrun-manifest", ".pressrun-staging"))
        halves = [name for name, content in found.items() if content not in (old.get(name), expected.get(name))]
        if halves:
            wrong.append(f"{call} {number}: half-written {halves[:3]}")
        ends_nowhere = sites.dead_ends(site / "public")
        if ends_nowhere:
            wrong.append(f"{call} {number}: links that lead nowhere {ends_nowhere[:3]}")
        # An error takes everything back, unless it is the removal of the staging folder that fails, when all is done.
        left = sites.tree(site / "public", (".pressrun-staging",))
        if done.returncode == 1 and left not in (whole, expected):
            wrong.append(f"{call} {number}: not taken back: {sites.difference(left, whole)} {done.stderr[-300:]}")
        # The calls of the dynamic loader are among them.
        ends = (0, 1, 127) if "shared libraries" in done.stderr else (0, 1)
        if "panicked" in done.stderr or (done.returncode not in ends and "KILL" not in kind):
            wrong.append(f"{call} {number}: exit code {done.returncode}: {done.stderr[-400:]}")
        if done.returncode == 0:
            differ = sites.difference(sites.tree(site / "public"), expected)
            if differ:
                wrong.append(f"{call} {number}: went well, and gave another site: {differ} {done.stderr[-300:]}")
        sites.run([arguments.program, "build"], site)
        differ = sites.difference(sites.tree(site / "public"), expected)
        if differ:
            wrong.append(f"{call} {number}: the next build: {differ}")
    return tried, refused, wrong


def prepare(folder, arguments):
    """Returns a site that was built and edited, a place for its copies, and the files of a clean build."""
    before, site, clean = folder / "before", folder / "site", folder / "clean"
    sites.make(before, arguments.posts, 1)
    sites.run([arguments.program, "build"], before)
    source = random.Random(2)
    for _ in range(3):
        sites.edit(before, source)
    shutil.copytree(before, clean, ignore=shutil.ignore_patterns("public", ".pressrun"))
    sites.run([arguments.program, "build"], clean)
    return before, site, sites.tree(clean / "public")


def fresh(before, site):
    """Restores the site."""
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(before, site, copy_function=shutil.copy2)
    return site


def traced(site, program, what):
    """Builds under strace."""
    command = ["strace", "-f", "-qq", "-e", "trace=" + what.split("=")[1].split(":")[0], "-e", what, "-o", "/dev/null", program, "build", "--jobs", "1"]
    return subprocess.run([str(word) for word in command], cwd=site, capture_output=True, text=True,
                          errors="replace", check=False, timeout=120, env=sites.environment(site))


def calls(site, call, program):
    """Counts the calls of a kind that the busiest thread of a build makes."""
    log = site.parent / "log"
    command = ["strace", "-f", "-qq", "-e", f"trace={call}", "-o", log, program, "build", "--jobs", "1"]
    subprocess.run([str(word) for word in command], cwd=site, capture_output=True, check=False, env=sites.environment(site))
    numbers = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        thread = re.match(r"\d+", line)
        if thread and f" {call}(" in line:
            numbers[thread[0]] = numbers.get(thread[0], 0) + 1
    return max(numbers.values(), default=0)


if __name__ == "__main__":
    main()
