#!/usr/bin/env python3
"""Tests the corpus and the check: `python3 bench/test_bench.py`.

`compare.py` itself checks in every run that the sites of the engines are complete.
"""

import hashlib
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import check
import corpus
import growth
from engines import ENGINES


class TheCorpus(unittest.TestCase):
    """Tests what makes figures of different days and machines comparable."""

    def test_is_the_same_everywhere(self):
        posts = "".join(corpus.reply(corpus.head(number, 1), corpus.body(number, 1)) for number in range(50))
        self.assertEqual(hashlib.sha256(posts.encode()).hexdigest()[:16], "dbffe4e190620a6c")

    def test_has_no_two_posts_with_one_address(self):
        slugs = {corpus.slug(corpus.subject(number, 1)[0]) for number in range(20_000)}
        self.assertEqual(len(slugs), 20_000)

    def test_has_more_titles_than_it_can_make(self):
        titles = {corpus.subject(number, 1)[0] for number in (5, 552_960 + 5, 2 * 552_960 + 5)}
        self.assertEqual(len(titles), 3)

    def test_has_addresses_that_no_engine_cuts(self):
        longest = max(len(corpus.slug(corpus.subject(number, 1)[0])) for number in range(20_000))
        self.assertLessEqual(longest, 80)

    def test_has_nothing_that_engines_take_for_templates(self):
        for number in range(300):
            body = corpus.body(number, 1)
            self.assertFalse("{{" in body or "{%" in body or "{#" in body, body)

    def test_is_one_of_long_posts_with_code_in_every_third(self):
        bodies = [corpus.body(number, 1) for number in range(300)]
        self.assertAlmostEqual(sum(map(len, bodies)) / 300, 6500, delta=500)
        self.assertAlmostEqual(sum("```" in body for body in bodies) / 300, 0.3, delta=0.1)


class TheCheck(unittest.TestCase):
    """Tests the check that keeps a broken site out of the tables."""

    def check(self, pages, expected):
        """Checks a site of one post that has these pages."""
        with tempfile.TemporaryDirectory() as folder:
            site, made = Path(folder, "site"), corpus.write(1, 1, [("yaml", folder)])
            for path, text in pages.items():
                Path(site, path).parent.mkdir(parents=True, exist_ok=True)
                Path(site, path).write_text(text, encoding="utf-8")
            problems = check.missing(site, made)
            self.assertTrue(any(expected in problem for problem in problems), problems)

    def whole(self):
        """Returns the pages of a site that lacks only the text of the post."""
        head = corpus.head(0, 1)
        terms = [f"tags/{corpus.slug(tag)}" for tag in head.tags]
        terms += [f"categories/{corpus.slug(category)}" for category in head.categories]
        folders = [".", "tags", "categories", "archive", f"posts/{head.slug}", *terms]
        return {**{f"{folder}/index.html": "" for folder in folders}, "sitemap.xml": "", "atom.xml": ""}

    def test_tells_what_is_missing(self):
        for name, expected in [("atom.xml", "no feed"), ("sitemap.xml", "no sitemap"), ("tags/index.html", "/tags/")]:
            pages = self.whole()
            del pages[name]
            self.check(pages, expected)

    def test_tells_of_a_tag_without_a_page(self):
        tag = f"tags/{corpus.slug(corpus.head(0, 1).tags[0])}"
        pages = self.whole()
        del pages[f"{tag}/index.html"]
        self.check(pages, f"no page /{tag}/")

    def test_tells_of_a_post_without_text(self):
        for lacking in ("title", "description", "<h2>"):
            self.check(self.whole(), f"lacks its {lacking}")


class TheEngines(unittest.TestCase):
    """Tests that every engine can be measured without highlighting."""

    def test_turn_highlighting_off(self):
        for engine in ENGINES:
            with tempfile.TemporaryDirectory() as folder:
                name, line, instead = engine.plain_code
                site = Path(folder, "site")
                engine.prepare(site, highlighted=False)
                text = (site / name).read_text(encoding="utf-8")
                self.assertTrue(instead in text and line not in text.replace(instead, ""), engine.name)


class ThePicture(unittest.TestCase):
    """Tests the picture of growth."""

    def test_shows_every_size_on_both_panels(self):
        sizes = [1_000, 10_000, 100_000]
        points = [{"posts": posts, "cpu": {"cold build": posts / 3000}, "peak": posts * 2000} for posts in sizes]
        root = ElementTree.fromstring(growth.draw(points))
        circles = [element for element in root if element.tag.endswith("circle")]
        self.assertEqual(len(circles), 2 * len(sizes))
        # Ten times the posts are equally far apart.
        xs = [float(circle.get("cx")) for circle in circles[:3]]
        self.assertAlmostEqual(xs[1] - xs[0], xs[2] - xs[1], delta=0.2)


if __name__ == "__main__":
    unittest.main()
