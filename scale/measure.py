#!/usr/bin/env python3
"""Measures the steps of `pressrun shard` on this machine, and computes from them what a cluster would take.

    scale/measure.py --program target/release/pressrun --posts 1000000 --shards 64 --json scale/measured.json
    scale/measure.py --from scale/measured.json          # the tables of docs/scale.md once more

The steps run one after the other, each with all cores, on a site of `sample.py`. The first table is what was measured,
the second what follows for clusters. `test_measure.py` compares both with docs/scale.md.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent / "bench"
SECONDS = 4 * 3600
"""The longest time for a step."""

CORES = 8
"""Cores of each machine of the clusters that are computed."""

CLUSTERS = [(1, 1_000_000), (1, 10_000_000), (10, 10_000_000), (10, 100_000_000), (100, 100_000_000)]
"""Machines, and posts."""

STEPS = ["plan", "read", "gather", "render", "finish"]


def measure_command(command):
    """Returns time and peak memory of a command that succeeds."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        # A small process of its own: the peak of a process includes what it was before it became the command.
        words = [sys.executable, BENCH / "measure.py", result, SECONDS, *command]
        run = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
        measured = json.loads(result.read_text())
    if measured["code"]:
        sys.exit(f"error: `{' '.join(map(str, command))}` exited with {measured['code']}:\n{run.stderr}")
    return measured


def measure_size(folder):
    """Returns the bytes and the number of all files of a folder."""
    sizes = [os.lstat(Path(place, name)).st_size for place, _, names in os.walk(folder) for name in names]
    return {"bytes": sum(sizes), "files": len(sizes)}


def measure_steps(program, site, work, shards):
    """Runs all steps and returns the figures of each."""
    figures = {}
    for step in STEPS:
        runs = []
        numbers = [str(shard) for shard in range(shards)] if step in ("read", "render") else [None]
        for number in numbers:
            words = [program, "shard", step, *([number] if number else []), work, "--root", site, "--quiet"]
            runs.append(measure_command(words + (["--shards", shards] if step == "plan" else [])))
            print(f"\r{step} {len(runs)} of {len(numbers)}  ", end="", file=sys.stderr, flush=True)
        figures[step] = {
            "runs": len(runs),
            "wall": round(sum(run["wall"] for run in runs), 2),
            "cpu": round(sum(run["cpu"] for run in runs), 2),
            "peak": max(run["peak"] for run in runs),
        }
        print(f"{figures[step]['wall']:.1f} s", file=sys.stderr, flush=True)
    return figures


def measure_all(program, posts, shards, is_long, folder):
    """Makes a site, measures its steps and returns everything that the tables need."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import sample

    site, work = folder / "site", folder / "work"
    if not site.exists():
        sample.write_sample(site, posts, is_long, files=5)
    source = measure_size(site)
    figures = measure_steps(program, site, work, shards)
    made = measure_size(work / "site")
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return {
        "version": version,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "posts": posts,
        "shards": shards,
        "source": source,
        "site": made,
        "work": {"bytes": measure_size(work)["bytes"] - made["bytes"]},
        "steps": figures,
    }


def format_bytes(number):
    """Formats a number of bytes as a person would say it."""
    for unit, size in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6)]:
        if number >= size:
            value = number / size
            return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
    return f"{number / 1e3:.0f} kB"


def format_seconds(seconds):
    """Formats a time as a person would say it."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36_000 else f"{seconds / 3600:,.0f} h"


def list_measured(measured):
    """Returns the table of what was measured."""
    lines = ["| step | runs | time | CPU | peak memory of a run |", "| --- | ---: | ---: | ---: | ---: |"]
    for step in STEPS:
        row = measured["steps"][step]
        times = f"{format_seconds(row['wall'])} | {format_seconds(row['cpu'])}"
        lines.append(f"| `{step}` | {row['runs']} | {times} | {format_bytes(row['peak'])} |")
    return lines


def compute_cluster(measured, machines, posts):
    """Returns the time of each step on a cluster, and the memory that `gather` needs.

    Everything grows with the posts. `read` and `render` are divided among all cores. The other steps take the time that
    they took here, because they run on one machine and use few of its cores.
    """
    steps, factor = measured["steps"], posts / measured["posts"]
    divided = {step: steps[step]["cpu"] * factor / (machines * CORES) for step in ("read", "render")}
    times = {step: divided.get(step, steps[step]["wall"] * factor) for step in STEPS}
    return times, steps["gather"]["peak"] * factor


def list_clusters(measured):
    """Returns the table of what was computed."""
    lines = [
        f"| posts | machines of {CORES} cores | `read` | `gather` | `render` | `plan`, `finish` | all | memory of `gather` |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for machines, posts in CLUSTERS:
        times, memory = compute_cluster(measured, machines, posts)
        columns = [times["read"], times["gather"], times["render"], times["plan"] + times["finish"], sum(times.values())]
        shown = " | ".join(map(format_seconds, columns))
        lines.append(f"| {posts:,} | {machines} | {shown} | {format_bytes(memory)} |")
    return lines


def describe_site(measured):
    """Returns what was built, in one sentence."""
    posts, each = measured["posts"], lambda part: format_bytes(measured[part]["bytes"] / measured["posts"])
    return (
        f"{posts:,} posts ({format_bytes(measured['source']['bytes'])} in {measured['source']['files']:,} files) in "
        f"{measured['shards']} shards: {measured['site']['files']:,} files of the site "
        f"({format_bytes(measured['site']['bytes'])}, {each('site')} a post); besides it, the work folder has "
        f"{format_bytes(measured['work']['bytes'])}, {each('work')} a post"
    )


def main():
    """Measures, or reads what was measured, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", type=Path, default=Path("target/release/pressrun"))
    parser.add_argument("--posts", type=int, default=20_000, help="default: 20000")
    parser.add_argument("--shards", type=int, default=16, help="default: 16")
    parser.add_argument("--long", action="store_true", help="texts of 6 KB instead of 1 KB")
    parser.add_argument("--folder", type=Path, help="where to work; it stays, and a site that is in it is used")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--from", dest="measured", type=Path, help="print the tables of such a file")
    arguments = parser.parse_args()
    if arguments.measured:
        measured = json.loads(arguments.measured.read_text())
    else:
        folder = arguments.folder or Path(tempfile.mkdtemp(prefix="pressrun-scale-"))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            program = arguments.program.resolve()
            measured = measure_all(program, arguments.posts, arguments.shards, arguments.long, folder.resolve())
        finally:
            if not arguments.folder:
                shutil.rmtree(folder)
        if arguments.json:
            arguments.json.write_text(json.dumps(measured, indent=1) + "\n")
    print("\n".join([describe_site(measured), "", *list_measured(measured), "", *list_clusters(measured)]))


if __name__ == "__main__":
    main()
