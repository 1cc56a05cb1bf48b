//! Generates code as models write it: the same few patterns again and again, with different names.

use super::Random;

/// Names of languages, as after a code fence.
pub const LANGUAGES: &[&str] = &[
    "python",
    "rust",
    "javascript",
    "bash",
    "sql",
    "json",
    "yaml",
    "html",
];

const NAMES: &[&str] = &[
    "order", "session", "packet", "invoice", "sensor", "worker", "cluster", "record", "ticket",
    "region", "batch", "cursor", "payload", "member", "window", "bucket", "signal", "report",
    "device", "channel", "policy", "quota", "snapshot", "replica", "label", "metric", "budget",
    "shipment",
];

/// Returns the units of code of a language; `@a`, `@b` and `@n` become two names and a number.
fn units(language: &str) -> &'static [&'static str] {
    match language {
        "python" => PYTHON,
        "rust" => RUST,
        "javascript" => JAVASCRIPT,
        "bash" => BASH,
        "sql" => SQL,
        "json" => JSON,
        "yaml" => YAML,
        _ => HTML,
    }
}

/// Returns whole units of code with at least this many lines in total.
pub fn snippet(random: &mut Random, language: &str, lines: usize) -> String {
    let mut code = String::new();
    while code.lines().count() < lines {
        let unit = random.pick(units(language));
        let (a, b) = (random.pick(NAMES), random.pick(NAMES));
        let number = random.below(100).to_string();
        code.push_str(
            &unit
                .replace("@a", a)
                .replace("@b", b)
                .replace("@n", &number),
        );
    }
    code
}

const PYTHON: &[&str] = &[
    "import json\nfrom pathlib import Path\n\n",
    "def load_@a(path: Path) -> list[dict]:\n    \"\"\"Return every @a in the file.\"\"\"\n    with path.open() as handle:\n        return json.load(handle)\n\n",
    "class @aStore:\n    def __init__(self, limit=@n):\n        self.limit = limit\n        self.items = []\n\n    def add(self, @b):\n        if len(self.items) >= self.limit:\n            raise ValueError(\"too many\")\n        self.items.append(@b)\n\n",
    "for @a in @b_list:\n    # skip what is not ready\n    if @a is None:\n        continue\n    print(f\"{@a.name}: {@a.value:.2f}\")\n\n",
    "try:\n    @a = fetch(\"@b\", timeout=@n)\nexcept TimeoutError as error:\n    print(error)\n    return None\n\n",
];

const RUST: &[&str] = &[
    "use std::collections::HashMap;\n\n",
    "#[derive(Debug, Clone)]\npub struct @a {\n    pub name: String,\n    pub @b: Option<u64>,\n}\n\n",
    "/// Counts every @a.\nfn count_@a(items: &[String]) -> HashMap<&str, usize> {\n    let mut counts = HashMap::new();\n    for item in items {\n        *counts.entry(item.as_str()).or_insert(0) += 1;\n    }\n    counts\n}\n\n",
    "match @a {\n    Some(@b) if @b > @n => println!(\"large\"),\n    Some(_) => println!(\"small\"),\n    None => return Err(\"no @a\".into()),\n}\n\n",
    "fn main() {\n    let @a = @b::new(@n);\n    println!(\"{:?}\", @a);\n}\n\n",
];

const JAVASCRIPT: &[&str] = &[
    "import { useState } from \"react\";\n\n",
    "export async function get@a(id) {\n  const response = await fetch(`/api/@b/${id}`);\n  if (!response.ok) {\n    throw new Error(\"request failed\");\n  }\n  return response.json();\n}\n\n",
    "const @a = @b.filter((item) => item.count > @n).map((item) => item.name);\nconsole.log(@a);\n\n",
    "class @a {\n  constructor(@b) {\n    this.@b = @b;\n    this.limit = @n;\n  }\n\n  // Called once a second.\n  update() {\n    return this.@b.length < this.limit;\n  }\n}\n\n",
    "document.querySelector(\"#@a\").addEventListener(\"click\", () => {\n  @b.reset();\n});\n\n",
];

const BASH: &[&str] = &[
    "#!/usr/bin/env bash\nset -euo pipefail\n\n",
    "for file in @a/*.log; do\n  gzip --keep \"$file\"\ndone\n\n",
    "if [ -z \"$@a\" ]; then\n  echo \"no @a\" >&2\n  exit 1\nfi\n\n",
    "docker run --rm -p 80@n:80 @a/@b:latest\n",
    "curl -fsSL https://example.com/@a | jq '.@b'\n# show what is left\ndf -h | grep @b\n\n",
];

const SQL: &[&str] = &[
    "SELECT id, name, @a\nFROM @b\nWHERE @a > @n\nORDER BY name\nLIMIT 10;\n\n",
    "CREATE TABLE @a (\n    id SERIAL PRIMARY KEY,\n    name TEXT NOT NULL,\n    @b INTEGER DEFAULT @n\n);\n\n",
    "-- only the newest\nUPDATE @a SET @b = @n WHERE id = 1;\n\n",
    "INSERT INTO @a (name, @b) VALUES ('first', @n);\n\n",
    "SELECT @a.name, COUNT(*) AS total\nFROM @a\nJOIN @b ON @b.id = @a.id\nGROUP BY @a.name;\n\n",
];

const JSON: &[&str] = &[
    "{\n  \"name\": \"@a\",\n  \"@b\": @n,\n  \"enabled\": true\n}\n",
    "[\n  { \"id\": @n, \"@a\": null },\n  { \"id\": @n, \"@a\": \"@b\" }\n]\n",
    "{\n  \"@a\": {\n    \"items\": [1, 2, @n],\n    \"label\": \"@b\"\n  }\n}\n",
];

const YAML: &[&str] = &[
    "name: @a\non:\n  push:\n    branches: [main]\n",
    "jobs:\n  @a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make @b\n",
    "services:\n  @a:\n    image: \"@b:1.@n\"\n    ports:\n      - \"80@n:80\"\n",
    "# defaults\n@a:\n  replicas: @n\n  @b: true\n",
];

const HTML: &[&str] = &[
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n  <title>@a</title>\n</head>\n",
    "<section id=\"@a\">\n  <h2>@b</h2>\n  <p class=\"note\">There are @n of them.</p>\n</section>\n",
    "<ul>\n  <li><a href=\"/@a\">@a</a></li>\n  <li><a href=\"/@b\">@b</a></li>\n</ul>\n",
    "<form action=\"/@a\" method=\"post\">\n  <input type=\"text\" name=\"@b\" required>\n  <button>Send</button>\n</form>\n",
];
