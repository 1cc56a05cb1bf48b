#!/usr/bin/env python3
"""Measures how fast `pressrun ingest` reads replies from JSON Lines, and writes them as posts.

    bench/ingest.py --posts 10000

The replies are those of `corpus.py`, as lines with a text and as the results of a batch, which have ids. A dry run
reads them once; the other runs write a file for each, into a new folder. It prints the medians.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import corpus
from compare import new_folder, seconds
from engines import ENGINES, HERE

BYTES_PER_POST = 40_000
"""Space that a post takes in both sources and as a file."""

SOURCES = {
    "lines": lambda number, text: {"text": text},
    "batch": lambda number, text: {
        "custom_id": f"request-{number}",
        "response": {"status_code": 200, "body": {"choices": [choice(text)]}},
        "error": None,
    },
}
"""The record of each kind of source."""

RUNS = {"dry run": ["--dry-run"], "write": []}


def main():
    """Measures what the command line asks for and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--posts", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--repeat", type=int, default=3, help="how often; medians are shown (default: 3)")
    arguments = parser.parse_args()
    command = next(engine for engine in ENGINES if engine.name == "pressrun").command()
    if not command:
        sys.exit(f"error: pressrun is not here; see {HERE / 'README.md'}")
    folder = new_folder(arguments.posts * BYTES_PER_POST)
    try:
        print("| source | run | wall | CPU | MB/s | MB/s of CPU | peak memory |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        for name in SOURCES:
            source = write_source(folder, name, arguments.posts)
            for run in RUNS:
                print(measure(command, source, folder / "site", run, arguments.repeat), flush=True)
            source.unlink()
    finally:
        shutil.rmtree(folder)


def choice(text):
    """Returns the answer of a model in the form of a chat."""
    return {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}


def write_source(folder, name, posts):
    """Writes the posts as lines of JSON, and returns the file."""
    source = folder / f"{name}.jsonl"
    with open(source, "w", encoding="utf-8") as file:
        for number in range(posts):
            text = corpus.reply(corpus.head(number, 1), corpus.body(number, 1))
            file.write(json.dumps(SOURCES[name](number, text), ensure_ascii=False) + "\n")
    return source


def measure(command, source, site, run, repeat):
    """Runs `ingest` several times and returns a row of the table."""
    runs = []
    for _ in range(repeat):
        shutil.rmtree(site, ignore_errors=True)
        site.mkdir()
        (site / "site.toml").write_text('title = "Bench"\n', encoding="utf-8")
        result = site / ".result.json"
        measured = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(result), "600"]
        subprocess.run(
            [*measured, *command, "ingest", *RUNS[run], str(source)],
            cwd=site,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        runs.append(json.loads(result.read_text(encoding="utf-8")))
        if runs[-1]["code"] != 0:
            sys.exit(f"error: ingest ended with code {runs[-1]['code']}")
    wall, cpu, peak = (statistics.median(one[key] for one in runs) for key in ("wall", "cpu", "peak"))
    size = source.stat().st_size / 1e6
    speeds = [f"{size / time:.0f}" for time in (wall, cpu)]
    cells = [source.stem, run, seconds(wall), seconds(cpu), *speeds, f"{peak / 1e6:.0f} MB"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    if not hasattr(os, "wait4"):
        sys.exit("error: this system does not tell what a process took; Linux, macOS and BSD do")
    sys.exit(main())
