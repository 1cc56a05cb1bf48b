#!/usr/bin/env python3
"""Generates a site that has of everything which the steps of `pressrun shard` must carry from one shard to another.

    scale/sample.py --posts 20000 --out SITE

Posts come in many small files and in a few large files of JSON Lines, which are divided. Among them are drafts, posts
dated ahead, posts with the words of another post or nearly its words, broken and refused records, posts that want the
same address, several languages and their translations, series, authors, former addresses, and links from one post to
another. The same arguments give the same bytes on every machine.
"""

import argparse
import json
import struct
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import corpus

SEED = 5
CHUNK = 500
"""Number of posts that a process makes at a time."""

LINES = 4
"""Number of files of JSON Lines. Each is larger than the one before it."""

CONFIG = """\
title = "Sample"
description = "A site that is built in parts."
base_url = "https://sample.example/blog/"
language = "en"

[author]
name = "The Editors"

[authors.ada]
name = "Ada Example"
bio = "She counts things."

[authors.ben]
name = "Ben Example"

[content]
dates = "none"

[categories]
allowed = [{categories}]

[search]
full_text = {full_text}
"""

AUTHORS = ["ada", "Ben Example", "Cleo Guest", "ada"]

OTHER_LANGUAGES = {
    "de": [
        "Die Werkstatt liegt hinter dem alten Bahnhof, und im Winter ist sie kalt.",
        "Wer eine Pumpe mit der Nummer {n} kauft, sollte vorher ihre Dichtung prüfen.",
        "Nach {m} Wochen zeigt sich, ob der Plan etwas taugt oder nicht.",
        "Am Abend schreiben wir auf, was am Tag kaputtgegangen ist.",
        "Das Wasser aus dem Brunnen reicht für den Garten und für {m} Gäste.",
        "Niemand hat die Rechnung gesehen, obwohl sie {n} Tage auf dem Tisch lag.",
    ],
    "fr": [
        "L'atelier se trouve derrière la vieille gare, et il y fait froid en hiver.",
        "Avant d'acheter une pompe numéro {n}, il faut en vérifier le joint.",
        "Après {m} semaines, on voit bien si le plan vaut quelque chose.",
        "Le soir, nous notons tout ce qui s'est cassé pendant la journée.",
        "L'eau du puits suffit pour le jardin et pour {m} invités.",
        "Personne n'a vu la facture, qui est restée {n} jours sur la table.",
    ],
}


def make_body(number, is_long):
    """Returns the text of a post: about 6 KB, or a fifth of that."""
    if is_long:
        return corpus.body(number, SEED)
    draw = corpus.Draw(SEED, number, "short")
    earlier = [f"/posts/{corpus.slug(corpus.subject(draw.below(number), SEED)[0])}/"] if number else []
    writer = corpus.Writer(draw, corpus.subject(number, SEED)[1], earlier)
    middle = draw.pick([writer.bullets, writer.steps, writer.table, writer.code, writer.paragraph])
    blocks = [writer.paragraph(), f"## {writer.fill(corpus.text.HEADINGS)}", middle(), writer.paragraph()]
    return "\n\n".join(blocks)


def make_foreign_body(number, language):
    """Returns a text in another language."""
    draw = corpus.Draw(SEED, number, language)
    fill = lambda: draw.pick(OTHER_LANGUAGES[language]).format(n=number, m=draw.between(2, 60))
    return "\n\n".join(" ".join(fill() for _ in range(4)) for _ in range(3))


def make_post(number, is_long):
    """Returns the fields of a post, named as in front matter, and its text as `body`."""
    head = corpus.head(number, SEED)
    draw = corpus.Draw(SEED, number, "fields")
    post = {
        "title": head.title, "description": head.description, "date": str(head.day),
        "tags": head.tags, "categories": head.categories,
    }
    kind = draw.below(100)
    body = None
    if kind < 2 and number > 10:
        # All words of an earlier post, or nearly all.
        body = make_body(number - 1 - draw.below(min(number, 5000) - 1), is_long)
        body += "\n\nOne more sentence stands here." if kind else ""
    elif kind < 4:
        post["draft"] = True
    elif kind < 5:
        post["date"] = "2999-01-01"
    elif kind < 7:
        post["title"] = f"Notes of {draw.pick(['March', 'April', 'May'])}"
    elif kind < 12:
        post["language"] = draw.pick(list(OTHER_LANGUAGES))
        body = make_foreign_body(number, post["language"])
        post["translation_key"] = f"text-{number}"
    elif kind < 14:
        # The original of a translation, which may be in any other file.
        post["translation_key"] = f"text-{number + draw.between(1, 300)}"
    elif kind < 18:
        post["series"] = f"Steps {draw.below(40)}"
        post["weight"] = draw.between(1, 9)
    elif kind < 20:
        post["aliases"] = [f"/old/{number // 2}/"]
    elif kind < 21:
        post["tags"] = []
    elif kind < 22:
        post["categories"] = []
    if draw.chance(20):
        post["author"] = draw.pick(AUTHORS)
    post["body"] = body or make_body(number, is_long)
    return post


def format_file(number, post):
    """Returns path and text of a post in a file of its own: front matter, or every tenth a labelled reply."""
    fields = dict(post)
    body = fields.pop("body")
    folder = f"content/{number // 1000}"
    if number % 10 == 3 and not set(fields) - {"title", "description", "date", "tags", "categories"}:
        labels = {"title": "TITLE", "description": "META_DESCRIPTION", "date": "DATE"}
        lines = [f"{label}: {fields[key]}" for key, label in labels.items()]
        lines += [f"TAGS: {', '.join(fields['tags'])}", f"CATEGORIES: {', '.join(fields['categories'])}"]
        return f"{folder}/reply-{number}.txt", "\n".join(lines) + f"\n\n{body}\n\n-EndOfText-\n"
    # A JSON string is also a YAML string, whatever a title contains.
    header = "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items())
    return f"{folder}/{number}.md", f"---\n{header}---\n\n{body}\n"


def format_line(number, post):
    """Returns the lines of a post in a file of JSON Lines. A few are none: blank, broken, or a refusal."""
    line = json.dumps(post, ensure_ascii=number % 2 == 0) + "\n"
    extra = {
        11: "\n", 222: '{"title": "Broken\n', 333: json.dumps({**post, "body": "I'm sorry, but I can't help with that."}) + "\n",
        444: "   \n", 555: json.dumps({**post, "unheard_of": number}) + "\n",
    }
    return extra.get(number % 1000, "") + line


def make_chunk(numbers, is_long, files_end):
    """Returns path and text of each post in a file, and the lines of the others."""
    files, lines = [], []
    for number in numbers:
        post = make_post(number, is_long)
        if number < files_end:
            files.append(format_file(number, post))
        else:
            lines.append(format_line(number, post))
    return files, "".join(lines)


def make_picture(width, height):
    """Returns a grey picture as PNG."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((x + y) % 256 for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write_file(path, data):
    """Writes a file, and makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def write_frame(site, full_text):
    """Writes everything but the numbered posts."""
    names = ", ".join(json.dumps(topic.category) for topic in corpus.text.TOPICS)
    write_file(site / "site.toml", CONFIG.format(categories=names, full_text=full_text))
    write_file(site / "content/pages/about.md", "---\ntitle: About\ndescription: What this is.\n---\n\nA sample.\n")
    write_file(site / "content/tags/backup-costs.md", "---\ntitle: Backup costs\n---\n\nWhat copies cost.\n")
    write_file(site / "content/0/picture.png", make_picture(900, 300))
    shown = "---\ntitle: A picture\ndate: 2020-02-02\ncover: picture.png\n---\n\n![Grey](picture.png)\n\nIt is grey.\n"
    write_file(site / "content/0/picture.md", shown)
    write_file(site / "static/robots.txt", "User-agent: *\n")


def write_sample(site, posts, is_long=False, files=30, full_text=0):
    """Writes a site; `files` per cent of its posts have a file of their own."""
    site = Path(site)
    write_frame(site, full_text)
    files_end = posts * files // 100
    # Each file of lines has one part more than the one before it.
    parts = LINES * (LINES + 1) // 2
    ends = [files_end + (posts - files_end) * nth * (nth + 1) // 2 // parts for nth in range(LINES + 1)]
    starts = sorted({*range(0, posts, CHUNK), files_end, *ends, posts})
    ranges = [range(start, end) for start, end in zip(starts, starts[1:])]
    opened = None
    with ProcessPoolExecutor() as pool:
        made = pool.map(make_chunk, ranges, [is_long] * len(ranges), [files_end] * len(ranges))
        for numbers, (some, lines) in zip(ranges, made):
            for path, text in some:
                write_file(site / path, text)
            if numbers.start in ends[:-1]:
                name = f"content/lines-{ends.index(numbers.start)}.jsonl"
                write_file(site / name, "")
                opened = site / name
            if lines:
                with opened.open("ab") as file:
                    file.write(lines.encode())


def main():
    """Writes a site."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--posts", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--long", action="store_true", help="texts of 6 KB instead of 1 KB")
    parser.add_argument("--files", type=int, default=30, help="per cent of posts in files of their own (default: 30)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the site, which must not exist")
    arguments = parser.parse_args()
    if arguments.out.exists():
        parser.error(f"{arguments.out} exists already")
    write_sample(arguments.out, arguments.posts, arguments.long, arguments.files)


if __name__ == "__main__":
    main()
