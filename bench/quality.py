#!/usr/bin/env python3
"""Measures how well pressrun finds near-duplicates, related posts, and categories.

    quality.py --sizes 1000,10000 [--json FILE]

The posts are those of `corpus.py`, whose topics are known. Some are light rewrites of an earlier post, some lack tags
or a category. The pages and findings of `pressrun` are compared with what is known:

recall      of the rewrites whose similarity is 0.8 or more, the share that is reported
precision   of the reported pairs, the share whose similarity is 0.8 or more, computed here again
purity      of the related posts on pages, the share that has the topic of the page; also on a site without tags
categories  of the categories chosen for posts without one, the share that is right; and how many were chosen
"""

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import corpus

REWRITTEN = 33
"""One in this many posts is a rewrite of an earlier one."""

UNTOLD = 10
"""One in this many posts has no category, and one in this many has no tags."""

SEED = 1
HERE = Path(__file__).resolve().parent
PRESSRUN = os.environ.get("PRESSRUN_BIN", str(HERE.parent / "target" / "release" / "pressrun"))


def original(number):
    """Returns the post that a post is a rewrite of, or None."""
    if number == 0 or number % REWRITTEN:
        return None
    return corpus.Draw(SEED, number, "original").below(number // REWRITTEN) * REWRITTEN + 1


def body(number):
    """Returns the Markdown of a post; a rewrite has up to one sentence in twelve replaced."""
    source = original(number)
    if source is None:
        return corpus.body(number, SEED)
    draw = corpus.Draw(SEED, number, "rewrite")
    percent = draw.between(0, 8)
    writer = corpus.Writer(draw, topic(number), [])
    other = [writer.fill(corpus.text.SENTENCES) for _ in range(20)]
    sentences = re.split(r"(?<=[.!?]) ", corpus.body(source, SEED))
    return " ".join(draw.pick(other) if draw.chance(percent) else sentence for sentence in sentences)


def topic(number):
    """Returns the topic of a post."""
    source = original(number)
    return corpus.subject(number if source is None else source, SEED)[1]


def name(number):
    """Returns the name of a post's file, without extension."""
    return f"{number:06}"


def write_some(numbers, folder, tagged):
    """Writes the replies with these numbers."""
    for number in numbers:
        head = corpus.head(number, SEED)
        # The category is the name of the topic, which nothing else in the post reveals.
        head.categories = [topic(number).category] if number % UNTOLD != 7 else []
        head.tags = head.tags if tagged and number % UNTOLD != 3 else []
        text = corpus.reply(head, body(number))
        lines = [line for line in text.split("\n") if line not in ("TAGS: ", "CATEGORIES: ")]
        Path(folder, f"{name(number)}.txt").write_text("\n".join(lines), encoding="utf-8")


def site(root, posts, tagged):
    """Writes a site of this many posts."""
    content = Path(root, "content")
    shutil.rmtree(root, ignore_errors=True)
    content.mkdir(parents=True)
    categories = json.dumps([topic.category for topic in corpus.text.TOPICS])
    config = f'title = "Quality"\n[search]\nenabled = false\n[categories]\nallowed = {categories}\n'
    Path(root, "site.toml").write_text(config, encoding="utf-8")
    chunks = [range(first, min(first + 250, posts)) for first in range(0, posts, 250)]
    with ProcessPoolExecutor() as pool:
        list(pool.map(write_some, chunks, [content] * len(chunks), [tagged] * len(chunks)))


def built(root, posts):
    """Builds the site; returns the time of each stage and of the whole, and every finding."""
    run = [PRESSRUN, "--root", root, "build", "--force", "--timings"]
    with tempfile.NamedTemporaryFile() as result:
        measure = [sys.executable, str(HERE / "measure.py"), result.name, "3600", *run]
        told = subprocess.run(measure, check=True, capture_output=True, text=True)
        took = json.load(result)
    if took["code"] != 0:
        sys.exit(told.stdout + told.stderr)
    gather = re.search(r"^gather +[\d.]+ \w+ +([\d.]+) (m?s)", told.stdout + told.stderr, re.M)
    took["gather"] = float(gather[1]) / (1000 if gather[2] == "ms" else 1)
    found = subprocess.run(
        [PRESSRUN, "--root", root, "check", "--format", "json"], check=False, capture_output=True, text=True
    )
    return took, json.loads(found.stdout)["diagnostics"]


def sequences(number):
    """Returns the five-word sequences in the body of a post."""
    words = re.findall(r"\w+", body(number).casefold())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def similarity(pair):
    """Returns the share of sequences that two posts have in common."""
    one, other = (sequences(number) for number in pair)
    return len(one & other) / len(one | other)


def duplicates(posts, findings):
    """Returns the number of pairs, recall and precision."""
    rewrites = [(original(number), number) for number in range(posts) if original(number) is not None]
    reported, named = set(), set()
    for finding in findings:
        # An exact copy is rejected; it counts as found, too.
        if finding["code"] in ("near-duplicate", "duplicate-post"):
            numbers = [finding["file"], finding["message"].rsplit("`", 2)[1]]
            pair = tuple(sorted(int(re.search(r"(\d{6})\.txt", path)[1]) for path in numbers))
            named.update(pair)
            # Without this text, the post is similar to another rewrite, not to the post that is named.
            if "% similar to that of" in finding["message"]:
                reported.add(pair)
    with ProcessPoolExecutor() as pool:
        near = [pair[1] for pair, value in zip(rewrites, pool.map(similarity, rewrites, chunksize=50)) if value >= 0.8]
        right = sum(value >= 0.8 for value in pool.map(similarity, sorted(reported), chunksize=50))
    # Among rewrites of the same post any may be the one that is kept, so count posts instead of pairs.
    recall = sum(number in named for number in near) / max(len(near), 1)
    return len(near), recall, right / max(len(reported), 1)


def purity(root, posts):
    """Returns the share of related posts that have the topic of their page."""
    topics = {corpus.subject(number, SEED)[0]: topic(number).category for number in range(posts)}
    same = shown = 0
    for page in Path(root, "public", "posts").glob("*/index.html"):
        text = page.read_text(encoding="utf-8")
        own = topics[html.unescape(re.search(r"<h1>(.*?)</h1>", text)[1]).translate(STRAIGHT)]
        section = re.search(r'<section class="related">(.*?)</section>', text, re.S)
        for title in re.findall(r"<a [^>]*>(.*?)</a>", section[1] if section else ""):
            shown += 1
            same += topics[html.unescape(title).translate(STRAIGHT)] == own
    return same / max(shown, 1)


STRAIGHT = str.maketrans("“”‘’", "\"\"''")


def categories(posts, findings):
    """Returns the share of posts without a category that got one, and the share of these that is right."""
    chosen = {}
    for finding in findings:
        if finding["code"] == "category-assigned":
            number = int(re.search(r"(\d{6})\.txt", finding["file"])[1])
            chosen[number] = re.search("`(.*?)`", finding["message"])[1]
    right = sum(topic(number).category == category for number, category in chosen.items())
    untold = len(range(7, posts, UNTOLD))
    return len(chosen) / max(untold, 1), right / max(len(chosen), 1)


def measure(posts, root):
    """Measures a site of one size."""
    site(root, posts, tagged=True)
    took, findings = built(root, posts)
    pairs, recall, precision = duplicates(posts, findings)
    pure = purity(root, posts)
    chosen, right = categories(posts, findings)
    site(root, posts, tagged=False)
    built(root, posts)
    return {
        "posts": posts,
        "cpu": took["cpu"],
        "gather": took["gather"],
        "peak": took["peak"],
        "near_duplicates": pairs,
        "recall": recall,
        "precision": precision,
        "purity": pure,
        "purity_without_tags": purity(root, posts),
        "categories_chosen": chosen,
        "categories_right": right,
    }


HEAD = """| posts | build, CPU | of that `gather` | peak memory | near-duplicates | recall | precision | purity | without tags | categories chosen | right |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def main():
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default="1000", help="posts, with commas between (default: 1000)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--work", type=Path, help="folder for the sites (default: in memory)")
    arguments = parser.parse_args()
    room = "/dev/shm" if Path("/dev/shm").is_dir() else None
    figures = []
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory(dir=arguments.work or room) as folder:
        for size in map(int, arguments.sizes.split(",")):
            one = measure(size, str(Path(folder, "site")))
            figures.append(one)
            shares = [one[name] for name in ("recall", "precision", "purity", "purity_without_tags")]
            shares += [one["categories_chosen"], one["categories_right"]]
            cells = [f"{size:,}", f"{one['cpu']:.2f} s", f"{one['gather']:.3f} s", f"{one['peak'] / 1e6:.0f} MB"]
            cells += [f"{one['near_duplicates']:,}", *(f"{share:.3f}" for share in shares)]
            print("| " + " | ".join(cells) + " |", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    low = [one for one in figures if min(one["recall"], one["precision"]) < 0.99 or one["purity"] < 0.8]
    if low:
        sys.exit("fewer were found than is promised: recall and precision 0.99, purity 0.8")


if __name__ == "__main__":
    main()
