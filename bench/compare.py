#!/usr/bin/env python3
"""Compares the speed of pressrun with that of the static site generators on this machine.

    bench/compare.py --sizes 1000,10000 --repeat 3
    bench/compare.py --million --picture growth.svg

Every engine builds the same posts into an equivalent site, three times in a row: from nothing, again with
nothing changed, and again after an edit of one post. The engines take turns, so that other work on the
machine affects all of them. README.md in this folder says how to get the engines.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import check
import corpus
import growth
from engines import ENGINES, HERE

KINDS = {"cold": "cold build", "unchanged": "nothing changed", "edit": "one post edited"}

MILLION = [1_000, 10_000, 100_000, 1_000_000]
"""Sizes that `--million` measures."""

BYTES_PER_POST = 60_000
"""Space that a post takes as source, as page and in pressrun's cache, with a margin."""

REST = 2.5
"""Seconds to wait after sources are written. A file that changed a moment ago may change again without its
time showing it, so pressrun, for example, would not trust its time."""


def main():
    """Measures what the command line asks for and prints tables."""
    arguments = parse_arguments()
    if arguments.million:
        arguments.sizes, arguments.engines = MILLION, "pressrun"
    engines = choose(arguments.engines)
    versions = {engine.name: engine.version_text() for engine in engines}
    for name, version in versions.items():
        note(f"{name}: {version}")
    work = arguments.work or new_folder(max(arguments.sizes) * BYTES_PER_POST)
    results = []
    try:
        for posts in arguments.sizes:
            results.append(measure_size(engines, posts, work.resolve() / str(posts), arguments))
            print(table(results[-1]), flush=True)
            write_json(arguments.json, versions, results)
            if arguments.picture:
                arguments.picture.write_text(growth.draw(growth_points(results)), encoding="utf-8")
    finally:
        if arguments.keep:
            note(f"the sites are in {work}")
        elif not arguments.work:
            shutil.rmtree(work)
    return 1 if any(result["problems"] for result in results) else 0


def parse_arguments():
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--sizes", type=parse_sizes, default=[1000], help="posts, as 1000,10000 (default: 1000)")
    million = "pressrun alone, from 1,000 posts to a million; needs 60 GB"
    sizes.add_argument("--million", action="store_true", help=million)
    parser.add_argument("--no-code", action="store_true", help="without highlighting, in all engines")
    parser.add_argument("--picture", type=Path, help="SVG file to draw pressrun's figures of all sizes to")
    parser.add_argument("--repeat", type=int, default=3, help="how often; medians are shown (default: 3)")
    names = ",".join(engine.name for engine in ENGINES)
    parser.add_argument("--engines", help=f"some of {names} (default: those that are found)")
    parser.add_argument("--work", type=Path, help="folder for the sites (default: a new one, in memory if it can be)")
    parser.add_argument("--keep", action="store_true", help="leave the sites, to look at them")
    parser.add_argument("--json", type=Path, help="file to write every single run to")
    parser.add_argument("--seed", type=int, default=1, help="another number, other posts (default: 1)")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that a build may take (default: 1800)")
    return parser.parse_args()


def parse_sizes(text):
    """Parses a list of numbers."""
    sizes = [int(part) for part in text.split(",")]
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError("a blog has at least one post")
    return sizes


def choose(names):
    """Returns the engines that the command line asks for, or else all that are installed."""
    known = {engine.name: engine for engine in ENGINES}
    wanted = names.split(",") if names else list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.exit(f"error: there is no engine {unknown[0]}; there are {', '.join(known)}")
    chosen = [known[name] for name in wanted if known[name].command()]
    for name in wanted:
        if known[name] not in chosen:
            note(f"{name}: not found, left out")
            if names or name == "pressrun":
                sys.exit(f"error: {name} is not here; see {HERE / 'README.md'}")
    for engine in chosen:
        if engine.is_script():
            note(f"{engine.name}: this is a script, and its start is measured too; see {HERE / 'README.md'}")
    return chosen


def new_folder(size):
    """Returns the folder for the sites: in memory if there is room, so that no disk is measured."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > size
    place = memory if fits else None
    if not fits and shutil.disk_usage(tempfile.gettempdir()).free < size:
        sys.exit(f"error: this takes about {size / 1e9:,.0f} GB; name a folder with --work")
    return Path(tempfile.mkdtemp(prefix="pressrun-bench-", dir=place))


def measure_size(engines, posts, folder, arguments):
    """Measures all engines with one number of posts; `folder` is for the sites."""
    sites = {engine.name: folder / engine.name for engine in engines}
    made = make_sites(engines, sites, posts, arguments)
    runs = {engine.name: {kind: [] for kind in KINDS} for engine in engines}
    problems = {}
    for turn in range(arguments.repeat):
        # A different engine begins each time.
        first = turn % len(engines)
        for engine in engines[first:] + engines[:first]:
            if engine.name in problems:
                continue
            try:
                take_turn(engine, sites[engine.name], made, runs[engine.name], arguments)
            except BrokenSite as broken:
                problems[engine.name] = str(broken)
                note(f"{engine.name}: left out, because {broken}")
            if not arguments.keep:
                engine.clean(sites[engine.name])
    if not arguments.keep:
        shutil.rmtree(folder)
    return {"posts": posts, "corpus": made, "runs": runs, "problems": problems}


def make_sites(engines, sites, posts, arguments):
    """Creates the site of every engine with the same posts, and returns what a site must have."""
    note(f"writing {posts:,} posts")
    for engine in engines:
        shutil.rmtree(sites[engine.name], ignore_errors=True)
        engine.prepare(sites[engine.name], highlighted=not arguments.no_code)
    places = [(engine.format, str(sites[engine.name] / engine.posts)) for engine in engines]
    made = corpus.write(posts, arguments.seed, places)
    time.sleep(REST)
    return made


class BrokenSite(Exception):
    """An engine failed, or made a site that is not complete."""


def take_turn(engine, site, made, runs, arguments):
    """Runs the three builds of an engine and checks their results."""

    def run(kind):
        figures = build(engine, site, arguments.timeout)
        runs[kind].append(figures)
        note(f"{engine.name}, {KINDS[kind]}: {seconds(figures['wall'])}, CPU {seconds(figures['cpu'])}")

    turn, output = len(runs["cold"]), site / engine.output
    engine.clean(site)
    run("cold")
    if turn == 0:
        problems = check.missing(output, made, highlighted=not arguments.no_code)
        if problems:
            raise BrokenSite(check.summary(problems))
    run("unchanged")
    number = (turn + 1) * made["posts"] // 7 % made["posts"]
    post = site / engine.posts / corpus.file_name(corpus.head(number, made["seed"]), engine.format)
    original, sentence = post.read_bytes(), f"This was added in turn {turn}."
    post.write_bytes(edited(original, sentence))
    run("edit")
    if sentence not in check.post_page(output, number, made["seed"]).read_text(encoding="utf-8"):
        raise BrokenSite("the edited post does not show the edit")
    post.write_bytes(original)
    time.sleep(REST)


def edited(post, sentence):
    """Inserts a sentence before the last section of a post."""
    before, after = post.rsplit(b"\n## ", maxsplit=1)
    return before + f"\n{sentence}\n\n## ".encode() + after


def build(engine, site, timeout):
    """Runs and measures one build."""
    result, log, clock = site / ".result.json", site / ".log.txt", site / ".clock"
    # The clock of the file system sets the time of this file, as it does for the files of the site.
    clock.touch()
    started = clock.stat().st_mtime_ns
    environment = {name: value.format(site=site) for name, value in engine.environment.items()}
    measure = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(result), str(timeout)]
    with open(log, "wb") as output:
        subprocess.run(
            [*measure, *engine.command(), *engine.build],
            cwd=site,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )
    figures = json.loads(result.read_text(encoding="utf-8"))
    if figures["wall"] >= timeout:
        raise BrokenSite(f"it took longer than {timeout} s")
    if figures["code"] != 0:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise BrokenSite(f"it ended with code {figures['code']}: {' / '.join(said[:3])}")
    figures["files"], figures["written"] = count_files(site / engine.output, started)
    return figures


def count_files(folder, since):
    """Counts the files below a folder, and how many of them were written since a moment."""
    files = written = 0
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    files += 1
                    written += entry.stat().st_mtime_ns >= since
    return files, written


def table(result):
    """Formats the figures for one number of posts as Markdown; ratios are to pressrun."""
    made = result["corpus"]
    lines = [
        "",
        f"{result['posts']:,} posts, {made['bytes'] / 1e6:,.1f} MB of Markdown, {len(made['tags']):,} tags:",
        "",
        "| | | wall | CPU | ratio | peak memory | ratio | files | written |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    names = [name for name in result["runs"] if name not in result["problems"]]
    for kind, label in KINDS.items():
        rows = {name: medians(result["runs"][name][kind]) for name in names}
        for name in names:
            lines.append(table_row(label, name, rows[name], rows.get("pressrun")))
            label = ""
    lines += [f"\n{name} is left out: {problem}" for name, problem in result["problems"].items()]
    return "\n".join(lines)


def table_row(label, name, row, base):
    """Formats one row of a table."""
    ratios = [f"{row[key] / base[key]:.1f}" if base and base[key] else "" for key in ("cpu", "peak")]
    cells = [
        label,
        name,
        seconds(row["wall"]),
        seconds(row["cpu"]),
        ratios[0],
        f"{row['peak'] / 1e6:,.0f} MB",
        ratios[1],
        f"{row['files']:,.0f}",
        f"{row['written']:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def growth_points(results):
    """Returns pressrun's figures of every size, as the picture shows them."""
    points = []
    for result in results:
        if "pressrun" in result["runs"] and "pressrun" not in result["problems"]:
            rows = {kind: medians(runs) for kind, runs in result["runs"]["pressrun"].items()}
            cpu = {KINDS[kind]: row["cpu"] for kind, row in rows.items()}
            points.append({"posts": result["posts"], "cpu": cpu, "peak": rows["cold"]["peak"]})
    return points


def medians(runs):
    """Returns the median of every figure."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def seconds(value):
    """Formats a time with as many digits as are meaningful."""
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"


def write_json(path, versions, results):
    """Writes every run to a file, if the command line names one."""
    if path is None:
        return
    machine = {
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }
    found = {"machine": machine, "versions": versions, "results": results}
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def processor():
    """Returns the name of the processor, as far as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def note(text):
    """Prints progress to standard error, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if not hasattr(os, "wait4"):
        sys.exit("error: this system does not tell what a process took; Linux, macOS and BSD do")
    sys.exit(main())
