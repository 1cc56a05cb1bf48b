#!/usr/bin/env python3
"""Generates a blog of any size, in the format of each engine.

    corpus.py --posts 1000 --format reply --out DIR

Post `n` of a seed depends only on `n` and the seed, so it is the same on every machine, in every format and
in a blog of any size. It has about 6 to 7 KB of Markdown: headings, lists, an occasional table, links to
other posts and, in every third post, code. A few tags are on many posts, most are on few. Titles contain
colons and quotes, as those of language models do.
"""

import argparse
import json
import math
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import corpus_text as text

FIRST_DAY = date(2016, 1, 1)
DAYS = 3650
"""Range of the dates in days. All dates are in the past, so no engine leaves a post out."""

SHORTEST, LONGEST = 3600, 6900
"""Least and most bytes of a body, before the section that is being written is complete."""

CHUNK = 250
"""Number of posts that a process writes at a time."""


class Draw:
    """Random numbers for one post.

    Only `random()` is guaranteed to give the same numbers in every version of Python, so everything else uses it.
    """

    def __init__(self, seed, number, part):
        self._random = Random(f"{seed}/{number}/{part}").random

    def below(self, end):
        """Returns a number from 0 to `end`, excluding `end`."""
        return int(self._random() * end)

    def between(self, low, high):
        """Returns a number from `low` to `high`, including both."""
        return low + self.below(high - low + 1)

    def pick(self, choices):
        """Returns one item of a list."""
        return choices[self.below(len(choices))]

    def low(self, end):
        """Returns a number below `end`; the probability of each is inverse to its size, as with words."""
        return int((end + 1) ** self._random()) - 1

    def chance(self, percent):
        """Returns true with this probability."""
        return self.below(100) < percent


@dataclass
class Head:
    """Everything about a post except its body."""

    title: str
    description: str
    day: date
    tags: list
    categories: list

    @property
    def slug(self):
        """Returns the last part of its address."""
        return slug(self.title)


def slug(name):
    """Returns the last part of an address, as every engine makes it from such plain names."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def with_articles(words):
    """Replaces "a" by "an" before vowels."""
    return re.sub(r"\b([Aa]) (?=\W*(?:[aeiou]|honest))(?!\W*unique)", r"\1n ", words)


def capital(words):
    """Makes the first letter a capital."""
    return words[0].upper() + words[1:]


def subject(number, seed):
    """Returns the title of a post, which is unique, and the topic of the post."""
    first = text.TOPICS[0]
    lists = [text.TOPICS, text.TITLES, text.SETTINGS, first.adjectives, first.nouns]
    total = math.prod(map(len, lists))
    # The factor is coprime to the total, so every title is used once before any is repeated.
    rounds, rest = divmod(number, total)
    rest = (rest * 104_729 + seed) % total
    chosen = []
    for choices in lists:
        rest, one = divmod(rest, len(choices))
        chosen.append(one)
    topic, pattern, setting, adjective, noun = chosen
    topic = text.TOPICS[topic]
    title = text.TITLES[pattern].format(
        setting=text.SETTINGS[setting], adjective=topic.adjectives[adjective], noun=topic.nouns[noun]
    )
    title = capital(with_articles(title))
    return (f"{title}, part {rounds + 1}" if rounds else title), topic


def _all_tags():
    """Returns every tag, the frequent ones first; each topic has some of both."""
    pairs = [(noun, facet) for facet in range(len(text.FACETS)) for noun in range(len(text.TOPICS[0].nouns))]
    tags = []
    for noun, facet in pairs:
        for topic in text.TOPICS:
            tags.append(f"{topic.nouns[noun]} {text.FACETS[facet]}")
    return tags


TAGS = _all_tags()


def _tags(draw, topic):
    """Returns the tags of a post: mostly those of its topic, without repetition."""
    tags = {}
    for _ in range(draw.between(3, 6)):
        if draw.chance(60):
            place = text.TOPICS.index(topic)
            own = TAGS[place :: len(text.TOPICS)]
            tags[own[draw.low(len(own))]] = None
        else:
            tags[TAGS[draw.low(len(TAGS))]] = None
    return list(tags)


def head(number, seed):
    """Returns everything about a post except its body."""
    draw = Draw(seed, number, "head")
    title, topic = subject(number, seed)
    categories = {topic.category: None}
    if draw.chance(30):
        categories[draw.pick(text.TOPICS).category] = None
    writer = Writer(draw, topic, [])
    return Head(
        title=title,
        description=writer.fill(text.DESCRIPTIONS),
        day=FIRST_DAY + timedelta(days=draw.below(DAYS)),
        tags=_tags(draw, topic),
        categories=list(categories),
    )


class Writer:
    """Writes Markdown about a topic."""

    def __init__(self, draw, topic, earlier):
        self.draw = draw
        self.topic = topic
        self.earlier = earlier

    def fill(self, patterns):
        """Returns one of the patterns with its blanks filled in."""
        draw, topic = self.draw, self.topic
        noun = draw.pick(topic.nouns)
        filled = draw.pick(patterns).format(
            noun=noun,
            other=draw.pick(topic.nouns),
            verb=draw.pick(topic.verbs),
            adjective=draw.pick(topic.adjectives),
            setting=draw.pick(text.SETTINGS),
            number=draw.between(2, 90),
            word=slug(noun).replace("-", "_"),
            command=slug(draw.pick(topic.verbs)),
            earlier=draw.pick(self.earlier) if self.earlier else "/archive/",
        )
        return capital(with_articles(filled))

    def paragraph(self):
        """Returns some sentences."""
        kinds = [text.SENTENCES] * 6 + [text.RICH_SENTENCES]
        return " ".join(self.fill(self.draw.pick(kinds)) for _ in range(self.draw.between(3, 6)))

    def bullets(self):
        """Returns a list."""
        return "\n".join(f"- {self.fill(text.ITEMS)}" for _ in range(self.draw.between(3, 6)))

    def steps(self):
        """Returns a numbered list."""
        return "\n".join(f"{n}. {self.fill(text.ITEMS)}" for n in range(1, self.draw.between(4, 7)))

    def subsection(self):
        """Returns a heading of the third level and the text below it."""
        return f"### {self.fill(text.HEADINGS)}\n\n{self.paragraph()}"

    def quotation(self):
        """Returns a quotation."""
        return f"> {self.fill(text.SENTENCES)} {self.fill(text.SENTENCES)}"

    def table(self):
        """Returns a table of numbers."""
        draw, topic = self.draw, self.topic
        rows = ["| Part | Weeks | Cost | Verdict |", "| :--- | ---: | ---: | --- |"]
        for _ in range(draw.between(3, 7)):
            cells = [draw.pick(topic.nouns), draw.between(1, 52), f"${draw.between(5, 900)}.50"]
            rows.append(f"| {cells[0]} | {cells[1]} | {cells[2]} | **{draw.pick(topic.adjectives)}** |")
        return "\n".join(rows)

    def code(self):
        """Returns a block of code."""
        draw = self.draw
        language = draw.pick(list(text.CODE))
        units = text.CODE[language]
        chosen = "\n\n".join(draw.pick(units) for _ in range(min(len(units), draw.between(1, 3))))
        names = {"@n": self._name(self.topic.verbs), "@a": self._name(self.topic.adjectives)}
        filled = re.sub("@[naks]", lambda blank: names.get(blank[0]) or self._value(blank[0]), chosen)
        return f"```{language}\n{filled}\n```"

    def _name(self, words):
        """Returns a name as programs have it, made of two words."""
        name = f"{self.draw.pick(words)} {self.draw.pick(self.topic.nouns)}"
        return slug(name).replace("-", "_")

    def _value(self, blank):
        """Returns a number or a sentence for a blank in code."""
        return str(self.draw.between(2, 99)) if blank == "@k" else self.fill(text.SENTENCES)


def body(number, seed):
    """Returns the Markdown of a post."""
    draw = Draw(seed, number, "body")
    # Links lead to earlier posts, so they are valid in a blog of any size.
    earlier = [f"/posts/{slug(subject(draw.below(number), seed)[0])}/" for _ in range(2 if number else 0)]
    writer = Writer(draw, subject(number, seed)[1], earlier)
    kinds = [writer.paragraph] * 12 + [writer.bullets, writer.steps, writer.subsection] * 2
    kinds += [writer.quotation, writer.table]
    if draw.chance(33):
        kinds += [writer.code] * 4
    blocks, size, wanted = [writer.paragraph()], 0, draw.between(SHORTEST, LONGEST)
    while size < wanted:
        section = [f"## {writer.fill(text.HEADINGS)}", writer.paragraph()]
        section += [draw.pick(kinds)() for _ in range(draw.between(1, 3))]
        blocks += section
        size += sum(map(len, section))
    return "\n\n".join(blocks) + f"\n\n{writer.paragraph()}"


def reply(post, markdown):
    """Formats a post as a language model replies it."""
    return (
        f"TITLE: {post.title}\nMETA_DESCRIPTION: {post.description}\nTAGS: {', '.join(post.tags)}\n"
        f"CATEGORIES: {', '.join(post.categories)}\nDATE: {post.day}\n\n{markdown}\n\n-EndOFText-\n"
    )


# A JSON string is also a YAML and a TOML string, whatever a title contains.


def yaml(post, markdown):
    """Formats a post with front matter in YAML."""
    return (
        f"---\ntitle: {json.dumps(post.title)}\ndescription: {json.dumps(post.description)}\n"
        f"date: {post.day}\ntags: {json.dumps(post.tags)}\ncategories: {json.dumps(post.categories)}\n"
        f"---\n\n{markdown}\n"
    )


def toml(post, markdown):
    """Formats a post with front matter for Zola."""
    return (
        f"+++\ntitle = {json.dumps(post.title)}\ndescription = {json.dumps(post.description)}\n"
        f"date = {post.day}\npath = {json.dumps('posts/' + post.slug)}\n[taxonomies]\n"
        f"tags = {json.dumps(post.tags)}\ncategories = {json.dumps(post.categories)}\n+++\n\n{markdown}\n"
    )


FORMATS = {"reply": (reply, ".txt"), "yaml": (yaml, ".md"), "toml": (toml, ".md")}
"""The function that writes each format, and the file extension."""


def file_name(post, form):
    """Returns the name of a post's file in a format."""
    return post.slug + FORMATS[form][1]


def _write_some(numbers, seed, places):
    """Writes the posts with these numbers; returns how many posts have each tag and category, and the bytes."""
    tags, categories, size = Counter(), Counter(), 0
    for number in numbers:
        post, markdown = head(number, seed), body(number, seed)
        for form, folder in places:
            path = Path(folder, file_name(post, form))
            path.write_bytes(FORMATS[form][0](post, markdown).encode())
        tags.update(post.tags)
        categories.update(post.categories)
        size += len(markdown)
    return tags, categories, size


def write(posts, seed, places):
    """Writes a blog to each of the places (a format and a folder), on all cores.

    Returns what is needed to check a site: how many posts each term has.
    """
    for _, folder in places:
        Path(folder).mkdir(parents=True, exist_ok=True)
    chunks = [range(first, min(first + CHUNK, posts)) for first in range(0, posts, CHUNK)]
    tags, categories, size = Counter(), Counter(), 0
    with ProcessPoolExecutor() as pool:
        for some in pool.map(_write_some, chunks, [seed] * len(chunks), [places] * len(chunks)):
            tags += some[0]
            categories += some[1]
            size += some[2]
    return {"posts": posts, "seed": seed, "bytes": size, "tags": dict(tags), "categories": dict(categories)}


def main():
    """Writes a blog in one format."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--posts", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="another number, another blog (default: 1)")
    parser.add_argument("--format", choices=FORMATS, default="reply", help="default: reply")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the posts to")
    arguments = parser.parse_args()
    made = write(arguments.posts, arguments.seed, [(arguments.format, str(arguments.out))])
    print(
        f"{made['posts']} posts, {made['bytes'] / 1e6:.1f} MB, "
        f"{len(made['tags'])} tags, {len(made['categories'])} categories"
    )


if __name__ == "__main__":
    main()
