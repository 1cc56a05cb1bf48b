#!/usr/bin/env python3
"""Measures how long `pressrun serve --watch` takes from the save of a file until the new page is served.

    bench/preview.py --posts 10000

It prints a row for each kind of change: of a text, of a title whose post states its address, of a title that
makes the address, and of a template. Half of the edits come when the preview is idle, half directly after the
one before. CPU is what the program took for one edit, with the work that it does when nobody waits any more.
"""

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import corpus
from compare import REST, new_folder, seconds
from engines import ENGINES, HERE

BYTES_PER_POST = 20_000
"""Space that a post takes as source and in the cache of the preview, with a margin."""

EDITED = 17
"""Number of the post that is edited."""

IDLE = 1.5
"""Seconds after which the preview has finished what it does when nothing happens."""

PATIENCE = 60
"""Longest time to wait for a page, in seconds."""

TICK = os.sysconf("SC_CLK_TCK")


def main():
    """Measures what the command line asks for and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--posts", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--edits", type=int, default=20, help="how many of each kind (default: 20)")
    kinds = ", ".join(KINDS)
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"some of {kinds} (default: all)")
    arguments = parser.parse_args()
    folder = new_folder(arguments.posts * BYTES_PER_POST)
    try:
        site = make_site(folder, arguments.posts)
        with preview(site) as server:
            print(f"{arguments.posts:,} posts, listening after {seconds(server.start)}, {server.memory()}\n")
            print("| change | median | 90 of 100 | worst | CPU of one |\n| --- | ---: | ---: | ---: | ---: |")
            for name in arguments.kinds.split(","):
                print(measure(server, site, name, arguments.edits), flush=True)
            print(f"\n{server.memory()} at the end")
    finally:
        shutil.rmtree(folder)


def make_site(folder, posts):
    """Creates a site whose post to edit is in a file with a short name."""
    site = folder / "site"
    next(engine for engine in ENGINES if engine.name == "pressrun").prepare(site)
    corpus.write(max(posts, EDITED + 1), 1, [("reply", str(site / "content"))])
    (site / "content" / corpus.file_name(corpus.head(EDITED, 1), "reply")).unlink()
    save(site, *KINDS["text"]("Edited")[:2])
    time.sleep(REST)
    return site


def reply(mark, slug, title):
    """Returns the edited post; `mark` is a word in its text or in its title."""
    post, markdown = corpus.head(EDITED, 1), corpus.body(EDITED, 1)
    text = corpus.reply(post, markdown)
    if slug:
        text = text.replace("\nTAGS: ", f"\nSLUG: {slug}\nTAGS: ", 1)
    where = "TITLE: " if title else "\n\n"
    return text.replace(where, f"{where}{mark} ", 1)


# For each kind of change, the file that is written, the text of it, and the address that shows the mark.
KINDS = {
    "text": lambda mark: ("content/edited.txt", reply(mark, "edited", False), "/posts/edited/"),
    "title": lambda mark: ("content/edited.txt", reply(mark, "edited", True), "/posts/edited/"),
    "address": lambda mark: ("content/edited.txt", reply(mark, mark.lower(), True), f"/posts/{mark.lower()}/"),
    "template": lambda mark: ("templates/partials/footer.html", mark, "/posts/edited/"),
}


def measure(server, site, name, edits):
    """Makes some edits of a kind, and returns a row of the table."""
    make = KINDS[name]
    save(site, *make(f"Before{name}")[:2])
    server.wait_for(make(f"Before{name}")[2], f"Before{name}")
    time.sleep(IDLE)
    times, spent = [], server.cpu()
    for turn in range(edits):
        mark = f"Mark{name}{turn}"
        path, text, page = make(mark)
        if turn % 2 == 0:
            time.sleep(IDLE)
        started = time.monotonic()
        save(site, path, text)
        server.wait_for(page, mark)
        times.append(time.monotonic() - started)
    time.sleep(IDLE)
    spent = (server.cpu() - spent) / edits
    times.sort()
    cells = [statistics.median(times), times[(len(times) - 1) * 9 // 10], times[-1], spent]
    return f"| {name} | {' | '.join(f'{1000 * cell:.0f} ms' for cell in cells)} |"


def save(site, path, text):
    """Writes a file of the site."""
    file = Path(site, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


class Server:
    """A running preview."""

    def __init__(self, process, address, start):
        self.process, self.start = process, start
        self.connection = http.client.HTTPConnection(address, timeout=PATIENCE)

    def wait_for(self, page, mark):
        """Asks for a page until it shows the mark."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.connection.request("GET", page)
            answer = self.connection.getresponse()
            if mark.encode() in answer.read():
                return
            # Each answer takes the time of a page, which would be missing elsewhere.
            time.sleep(0.002)
        sys.exit(f"error: {page} does not show {mark}")

    def cpu(self):
        """Returns the seconds of processor time that the program has taken."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICK

    def memory(self):
        """Returns how much memory the program uses."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return f"{int(line.split()[1]) * 1024 / 1e6:.0f} MB"


@contextmanager
def preview(site):
    """Starts a preview, and stops it at the end."""
    command = next(engine for engine in ENGINES if engine.name == "pressrun").command()
    if not command:
        sys.exit(f"error: pressrun is not here; see {HERE / 'README.md'}")
    log, started = site / ".log.txt", time.monotonic()
    with open(log, "wb") as output:
        arguments = [*command, "serve", "--watch", "--port", "0"]
        process = subprocess.Popen(arguments, cwd=site, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        while "listening on http://" not in (said := log.read_text(encoding="utf-8")):
            if process.poll() is not None:
                sys.exit(f"error: the preview ended: {said}")
            time.sleep(0.01)
        start = time.monotonic() - started
        yield Server(process, said.split("listening on http://")[1].split("/")[0], start)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    if not Path("/proc/self/stat").exists():
        sys.exit("error: this measures processor time as Linux tells it")
    sys.exit(main())
