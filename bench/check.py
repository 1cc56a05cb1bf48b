"""Reports what is missing from a site, so that no engine is fast because it did less.

The addresses of posts and terms are the same with every engine, so the corpus alone determines what a site must have.
"""

import html
import math
import re
from pathlib import Path

import corpus

PER_PAGE = 20
"""Posts on one page of a list."""

PER_ARCHIVE_PAGE = 500
"""Posts on one page of the archive."""

LOOKED_INTO = 300
"""Number of posts whose pages are read; of the others, only the existence of a page is checked."""

FEEDS = ["atom.xml", "rss.xml", "index.xml"]
SHOWN = 5


def missing(site, made, highlighted=True):
    """Lists what a site lacks, in words; empty if it is complete. `made` is the result of `corpus.write`."""
    wanted = _pages(made)
    problems = [f"no page {path}" for path in wanted if not _file(site, path).is_file()]
    if not (site / "sitemap.xml").is_file():
        problems.append("no sitemap.xml")
    if not any((site / feed).is_file() for feed in FEEDS):
        problems.append("no feed")
    if not problems:
        step = max(1, made["posts"] // LOOKED_INTO)
        for number in range(0, made["posts"], step):
            problems += _wrong_with_post(site, number, made["seed"], highlighted)
    return problems


def summary(problems):
    """Describes the first of many problems in one line."""
    more = f", and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return ", ".join(problems[:SHOWN]) + more


def post_page(site, number, seed):
    """Returns the file of a post."""
    return _file(site, f"/posts/{corpus.head(number, seed).slug}/")


def _pages(made):
    """Returns the addresses of all pages that a site must have."""
    pages = [f"/posts/{corpus.slug(corpus.subject(number, made['seed'])[0])}/" for number in range(made["posts"])]
    pages += ["/tags/", "/categories/"]
    pages += _paged("/", made["posts"], PER_PAGE)
    pages += _paged("/archive/", made["posts"], PER_ARCHIVE_PAGE)
    for kind in ("tags", "categories"):
        for name, count in made[kind].items():
            pages += _paged(f"/{kind}/{corpus.slug(name)}/", count, PER_PAGE)
    return pages


def _paged(base, posts, per_page):
    """Returns the addresses of the pages of a list."""
    last = math.ceil(posts / per_page)
    return [base] + [f"{base}page/{number}/" for number in range(2, last + 1)]


def _file(site, address):
    return Path(site, address.strip("/"), "index.html")


def _wrong_with_post(site, number, seed, highlighted):
    """Lists what the page of a post lacks compared with its Markdown."""
    post, markdown = corpus.head(number, seed), corpus.body(number, seed)
    page = post_page(site, number, seed).read_text(encoding="utf-8")
    # Whether and how quotes are made typographic does not matter here.
    text = re.sub("[“”]", '"', html.unescape(page))
    wrong = []
    if post.title not in text:
        wrong.append("title")
    if not re.search(r'<meta name="?description"? content="[^"]{20}', page):
        wrong.append("description")
    for tag, count in _elements(markdown).items():
        if len(re.findall(f"<{tag}[ >]", page)) < count:
            wrong.append(f"<{tag}>")
    if highlighted and "```" in markdown and not re.search(r"<pre.*?<span class=", page, re.DOTALL):
        wrong.append("highlighting")
    return [f"post {post.slug} lacks its {what}" for what in wrong]


def _elements(markdown):
    """Counts the elements that Markdown from `corpus` becomes."""
    parts = markdown.split("```")
    prose = "\n".join(parts[::2])
    return {
        "h2": len(re.findall("^## ", prose, re.MULTILINE)),
        "h3": len(re.findall("^### ", prose, re.MULTILINE)),
        "blockquote": len(re.findall("^> ", prose, re.MULTILINE)),
        "table": prose.count("| :--- |"),
        "pre": len(parts) // 2,
    }
