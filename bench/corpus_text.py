"""The words and the code that `corpus.py` makes posts of.

A topic is a category with its own nouns, verbs and adjectives, so that a post stays on its subject.
In the patterns below `{noun}`, `{verb}`, `{adjective}` and `{setting}` are words of the topic,
`{other}` is a second noun, `{number}` a small number, `{word}` and `{command}` are names for code and
`{earlier}` is the address of another post. A change of a list, or of its order, changes the corpus:
figures measured before cannot be compared with those measured after.
"""

# Category: nouns; verbs; adjectives.
_TOPICS = """
Storage: backup, snapshot, journal, file system, checksum, disk, archive, replica;
 restore, verify, copy, prune, mirror, compress;
 durable, incremental, cold, redundant, offline, encrypted
Networks: packet, route, firewall, name server, handshake, proxy, tunnel, retry budget;
 forward, throttle, resolve, trace, probe, encrypt;
 congested, idle, private, noisy, distant, asymmetric
Databases: index, query plan, migration, transaction, lock, cursor, view, partition;
 scan, commit, vacuum, join, rewrite, shard;
 normalized, stale, nested, concurrent, unique, sparse
Web Design: font, layout, colour scheme, form, heading, style sheet, button, margin;
 align, shrink, label, stack, preview, group;
 readable, fluid, narrow, dense, plain, accessible
Small Business: invoice, customer, price list, contract, deposit, supplier, refund, warranty;
 negotiate, schedule, ship, quote, renew, record;
 seasonal, local, overdue, modest, recurring, careful
Home Energy: heat pump, meter, battery, radiator, thermostat, solar panel, boiler, tariff;
 insulate, charge, measure, balance, replace, shade;
 efficient, quiet, draughty, rooftop, variable, winter
Photography: lens, shutter, tripod, histogram, raw file, flash, filter, print;
 expose, crop, frame, focus, develop, bracket;
 sharp, muted, backlit, grainy, portable, manual
Gardening: seedling, compost heap, hedge, greenhouse, trellis, mulch, rain barrel, orchard;
 prune, water, sow, graft, dig, transplant;
 hardy, shaded, sandy, perennial, sheltered, young
Cycling: chain, brake, saddle, gear hub, tyre, pannier, dynamo, route map;
 adjust, clean, tighten, climb, pack, true;
 worn, steep, light, winding, loaded, reliable
Cooking: sourdough, stock, cast-iron pan, spice mix, braise, pickle, knife, oven;
 simmer, knead, season, rest, chill, reduce;
 slow, salty, crisp, tender, bitter, leftover
Music Practice: scale, metronome, chord, recording, pedal, phrase, tuning fork, rehearsal;
 repeat, count, sing, improvise, slow down, transpose;
 steady, quiet, syncopated, expressive, minor, rough
Team Work: meeting, deadline, review, handover, checklist, retrospective, roadmap, estimate;
 delegate, agree, postpone, document, ask, plan;
 weekly, short, honest, shared, optional, written
"""

# The second words of tags.
FACETS = ["basics", "costs", "mistakes", "tools", "in practice", "history"]

# Each pattern of a title uses all of these blanks, so that no two titles are the same.
TITLES = [
    "The {adjective} {noun}: a field guide for {setting}",
    "{setting} and the {adjective} {noun}: what we learned",
    "A {adjective} {noun} is enough for {setting}",
    'What "{adjective} {noun}" means to {setting}',
    "Before you buy a {adjective} {noun}: advice for {setting}",
    "Why {setting} give up on the {adjective} {noun}",
    "{setting}: how to live with a {adjective} {noun}",
    'The myth of the "{adjective}" {noun} among {setting}',
    "Seven questions {setting} ask about a {adjective} {noun}",
    "From {adjective} {noun} to habit: notes for {setting}",
    "When the {adjective} {noun} fails: a plan for {setting}",
    "Measuring a {adjective} {noun}: numbers for {setting}",
]

SETTINGS = [
    f"{size} {people}"
    for size in "small,large,busy,new,remote,volunteer,family,school,city,village".split(",")
    for people in "teams,workshops,clubs,offices,households,studios,shops,crews".split(",")
]

DESCRIPTIONS = [
    "How a {adjective} {noun} changes the work of {setting}, what it costs to {verb} {number} of them, and "
    "when a simple {other} does the same.",
    "A calm look at the {adjective} {noun}: when to {verb} it, when to leave it alone, and how {setting} "
    'avoid the usual "quick fix" for {number} weeks.',
    "What {setting} should know before they {verb} a {noun}: {number} tests, two costs that nobody names, "
    "and one {adjective} {other}.",
]

HEADINGS = [
    "What a {adjective} {noun} is for",
    "When to {verb}, and when to wait",
    "The {noun} nobody looks at",
    "A {adjective} {noun} by numbers",
    "How {setting} do it",
    "Three ways to {verb} the {noun}",
    "Costs: the {noun} and the {other}",
    "If the {noun} fails",
]

SENTENCES = [
    "A {noun} is only as good as the {other} behind it.",
    "Most {setting} {verb} too early and regret it when the {adjective} {other} arrives.",
    "It takes {number} minutes to {verb} a {noun}, and far longer to explain why nobody did.",
    "We once had {number} of them, and not one was {adjective}.",
    "The {adjective} {noun} gets the attention; the {other} does the work.",
    "If you {verb} on Monday, the {noun} has until Friday to show that it is {adjective}.",
    "There is a good reason to keep the {noun} apart from the {other}: one of them changes every week.",
    "Nobody plans for a {adjective} {noun}, which is why {setting} end up with {number}.",
    "Ask who will {verb} it in a year, and whether the {noun} will still be there.",
    "In our notes from {setting}, the word {noun} appears {number} times and the word {other} twice.",
    "That a {noun} can be {adjective} does not mean that it has to be.",
    "Write down what the {noun} did before you {verb} anything.",
    "The cost of a {other} is easy to see, that of a missing {noun} is not.",
    "For {setting} the choice is simpler: {verb} once, check the {noun}, and leave the {other} alone.",
    "A rule that helped us was to {verb} only what had failed {number} times.",
    "Anything {adjective} looks fine from a distance, so go and look at the {noun} itself.",
    "You will hear that every {noun} needs a {other}; in {number} cases out of ten that is not so.",
    "Later, when the {other} was gone, the {noun} turned out to be the {adjective} part.",
]

# Sentences with Markdown in them.
RICH_SENTENCES = [
    "The **{adjective} {noun}** is the one to {verb} first.",
    "What matters is *when* you {verb}, not how {adjective} the {noun} is.",
    "Set `{word}_limit` to {number} and see whether the {other} still fits.",
    "There is a [longer note on the {noun}](https://example.org/{word}/{number}/) with all the figures.",
    "We wrote about this [in an earlier post]({earlier}), with {setting} in mind.",
    'The manual calls it "{adjective}"; we call it *one {noun} too many*.',
    "Run `{word} --{command} {number}` before you {verb} the {other}.",
]

ITEMS = [
    "**{noun}:** {verb} it before the {other} is {adjective}.",
    "Keep a {adjective} {other} at hand, and `{word}` in the notes.",
    "Check the {noun} {number} times a year.",
    "Let {setting} {verb} first.",
    "A {adjective} {noun} is a warning, not a failure.",
]

# Units of code. `@n` and `@a` become names made of words of the topic, `@k` a number, `@s` a sentence. Lines without
# these are the same wherever a unit is used; code by language models repeats itself that much too.
_CODE = """
=== python
from pathlib import Path


def read_@n(folder: Path) -> list[str]:
    \"\"\"@s\"\"\"
    @a = []
    for path in sorted(folder.glob("@n-*.txt"))[:@k]:
        text = path.read_text(encoding="utf-8")
        @a += [line for line in text.splitlines() if line.strip()]
    return @a
---
def check_@n(value: float, limit: float = @k.5) -> bool:
    # @s
    if value < 0:
        raise ValueError("a value below zero")
    return value * @k <= limit
---
if __name__ == "__main__":
    for number, line in enumerate(read_@n(Path("@a"))):
        print(f"{number:>4}  {line}")
=== javascript
const response = await fetch("/api/@n?limit=@k");
if (!response.ok) {
  throw new Error(`status ${response.status}`);
}
const @a = await response.json(); // @s
---
export function group(items, key) {
  const groups = new Map([["@n", @k]]);
  for (const item of items) {
    const name = item[key] ?? "@a";
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}
---
document.querySelector("#@n").addEventListener("click", (event) => {
  event.preventDefault();
  event.currentTarget.dataset.@a = "@k";
});
=== rust
use std::collections::HashMap;

/// @s
fn @n(names: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::with_capacity(@k);
    for name in names {
        *counts.entry(name.as_str()).or_insert(0) += 1;
    }
    counts
}
---
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    name: String,
    @n: u32,
    @a: Option<[u8; @k]>,
}
---
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("@n.txt")?;
    let longest = text.lines().map(str::len).max().unwrap_or(@k);
    println!("@a: {longest}");
    Ok(())
}
=== bash
#!/usr/bin/env bash
set -euo pipefail

# @s
for file in data/@n-*.log; do
  if [ -s "$file" ]; then
    gzip --keep "$file"
    echo "@a: packed $file" >> log-@k.txt
  fi
done
---
find . -name '@n*' -mtime +@k -print0 | xargs -0 --no-run-if-empty ls -l
=== sql
-- @s
SELECT name, sum(@n) AS total
FROM @a
WHERE created_at > now() - interval '@k days'
GROUP BY name
HAVING count(*) > 1
ORDER BY total DESC;
---
CREATE TABLE @a (
    id integer PRIMARY KEY,
    @n text NOT NULL DEFAULT '@k',
    created_at timestamp DEFAULT now()
);
=== json
{
  "name": "@n",
  "enabled": true,
  "limit": @k,
  "hosts": ["@a.example.org", "b.example.org"],
  "comment": "@s"
}
=== yaml
name: @n
on:
  schedule:
    - cron: "@k 4 * * *"
jobs:
  @a:
    runs-on: ubuntu-latest
    steps:
      - run: ./check.sh --all --limit @k
=== css
/* @s */
.@n {
  display: grid;
  gap: 1rem;
  max-width: @krem;
  color: #333;
}
---
@media (max-width: 40rem) {
  .@a { margin: @kpx; }
}
=== go
package main

import "fmt"

// @s
func main() {
	@a := map[string]int{"@n": @k}
	for name, total := range @a {
		fmt.Printf("%s: %d\\n", name, total)
	}
}
=== html
<section id="@n" data-limit="@k">
  <h2>@s</h2>
  <p class="note">We answer within two days.</p>
  <a href="/@a/">Write to us</a>
</section>
"""


class Topic:
    """A category and the words of its posts."""

    def __init__(self, line):
        self.category, rest = line.split(": ", 1)
        lists = [[word.strip() for word in part.split(",")] for part in rest.split(";")]
        self.nouns, self.verbs, self.adjectives = lists


def _topics():
    """Parses the topics; a line that begins with a space continues the one before."""
    return [Topic(line) for line in _TOPICS.strip().replace("\n ", " ").split("\n")]


def _code():
    """Parses the units of code of every language."""
    languages = {}
    for part in _CODE.strip().split("=== ")[1:]:
        language, _, units = part.partition("\n")
        languages[language] = [unit.strip("\n") for unit in units.split("---\n")]
    return languages


TOPICS = _topics()
CODE = _code()
