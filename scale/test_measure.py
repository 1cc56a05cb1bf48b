#!/usr/bin/env python3
"""Tests the tables of docs/scale.md against scale/measured.json: `python3 scale/test_measure.py`."""

import json
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import measure


def make_figures(**changed):
    """Returns figures of a site of 1,000 posts."""
    step = {"runs": 1, "wall": 1.0, "cpu": 2.0, "peak": 10_000_000}
    return {"posts": 1000, "steps": {name: {**step, **changed.get(name, {})} for name in measure.STEPS}}


class TheTables(unittest.TestCase):
    """Tests what is computed from figures."""

    def test_documentation_shows_what_was_measured(self):
        measured = json.loads((HERE / "measured.json").read_text())
        page = (HERE.parent / "docs/scale.md").read_text()
        for table in (measure.list_measured(measured), measure.list_clusters(measured)):
            self.assertIn("\n".join(table), page)

    def test_only_read_and_render_are_divided(self):
        times, memory = measure.compute_cluster(make_figures(), 10, 100_000)
        self.assertEqual(times["gather"], 100)
        self.assertEqual(times["plan"] + times["finish"], 200)
        self.assertEqual(times["read"], 200 / (10 * measure.CORES))
        self.assertEqual(memory, 1_000_000_000)

    def test_times_and_sizes_are_shown_in_units_of_people(self):
        shown = [measure.format_seconds(seconds) for seconds in (4.2, 42, 420, 42_000)]
        self.assertEqual(shown, ["4.2 s", "42 s", "7 min", "12 h"])
        shown = [measure.format_bytes(number) for number in (4200, 42_000_000, 4.2e9, 420e9, 4.2e12)]
        self.assertEqual(shown, ["4 kB", "42 MB", "4.2 GB", "420 GB", "4.2 TB"])


if __name__ == "__main__":
    unittest.main()
