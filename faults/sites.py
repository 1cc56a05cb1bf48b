"""Makes sites of random replies, runs the program on them, and compares whole folders."""

import hashlib
import os
import random
import re
import shutil
import subprocess
import urllib.parse
from pathlib import Path

TODAY = "1781481600"
"""2026-06-15, the day that counts as today, so that builds on two days are the same."""

WORDS = (
    "a bridge carries cold water down every field from grey hills into late summer morning near old "
    "paper rivers slow stone that the village wind with years"
).split()
TAGS = ["Rust", "C++", "Static sites", "Testing", "Rivers", "Été"]
CATEGORIES = ["News", "Reviews", "Artificial Intelligence"]


def reply(source, title):
    """Returns a labelled reply with this title."""
    text = "\n\n".join(" ".join(source.choices(WORDS, k=60)).capitalize() + "." for _ in range(4))
    code = "".join(f"fn {source.choice(WORDS)}() -> u32 {{ {number} }}\n" for number in range(6))
    return (
        f"TITLE: {title}\nMETA_DESCRIPTION: {' '.join(source.choices(WORDS, k=12))}.\n"
        f"TAGS: {', '.join(source.sample(TAGS, 2))}\nCATEGORIES: {source.choice(CATEGORIES)}\n"
        f"DATE: 2026-{source.randint(1, 5):02}-{source.randint(1, 28):02}\n\n"
        f"## {' '.join(source.choices(WORDS, k=3))}\n\n{text}\n\n```rust\n{code}```\n\n-EndOFText-\n"
    )


def title(source):
    """Returns a title. There are so few that some are repeated, so that names and addresses collide."""
    return " ".join(source.choices(WORDS, k=3)).capitalize()


def make(folder, posts, seed):
    """Makes a site of this many posts, each in a file of its own."""
    source = random.Random(seed)
    write(folder / "site.toml", 'title = "Faults"\nbase_url = "https://me.github.io/blog/"\n'
          '[content]\ndates = "none"\n')
    write(folder / "static/picture.svg", "<svg/>" * 500)
    for number in range(posts):
        write(folder / f"content/{number:04}.txt", reply(source, title(source)))


def edit(folder, source, ending=".txt"):
    """Changes some content of a site, the same for the same `source`."""
    files = sorted((folder / "content").glob(f"[0-9]*{ending}"))
    for _ in range(source.randint(1, 5)):
        kind = source.choice(["text", "title", "new", "gone", "template", "static"])
        path = source.choice(files)
        if kind == "text" and path.exists():
            text = path.read_text(encoding="utf-8")
            write(path, text.replace(source.choice(WORDS), source.choice(WORDS)))
        elif kind == "title" and path.exists():
            write(path, reply(source, title(source)))
        elif kind == "new":
            write(folder / f"content/{source.randint(5000, 9999)}{ending}", reply(source, title(source)))
        elif kind == "gone" and path.exists() and len(files) > 5:
            path.unlink()
            files.remove(path)
        elif kind == "template":
            write(folder / "templates/partials/footer.html", f"<footer>{source.choice(WORDS)}</footer>\n")
        elif kind == "static":
            write(folder / f"static/{source.choice(WORDS)}", source.choice(WORDS) * 99)


def write(path, text):
    """Writes a file, and creates its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def environment(home):
    """Returns the environment of the program: it hides the settings of the user who runs this."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER")
           for what, text in (("NAME", "A"), ("EMAIL", "a@b.example"), ("DATE", "2026-06-15T00:00:00Z"))}
    return kept | who | {"SOURCE_DATE_EPOCH": TODAY, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}


def run(command, folder, **more):
    """Runs a command in a folder, which must succeed, and returns what it printed."""
    done = subprocess.run([str(word) for word in command], cwd=folder, env=environment(folder),
                          capture_output=True, text=True, errors="replace", check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command} in {folder}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def tree(folder, leave_out=()):
    """Returns the hash of every file below a folder, by its path; targets of links are not read."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(name == out or name.startswith(out + "/") for out in leave_out):
            continue
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def difference(found, expected):
    """Describes how two trees differ; empty if they are the same."""
    lines = [f"{name}: {'missing' if name not in found else 'unexpected' if name not in expected else 'other content'}"
             for name in sorted(found.keys() | expected.keys()) if found.get(name) != expected.get(name)]
    return "\n".join(lines[:10] + (["…"] if len(lines) > 10 else []))


def copy(origin, folder, *names):
    """Replaces some files and folders of a site by those of another."""
    for name in names:
        shutil.rmtree(folder / name, ignore_errors=True)
        if (origin / name).is_dir():
            shutil.copytree(origin / name, folder / name)
        elif (origin / name).exists():
            shutil.copy2(origin / name, folder / name)


def dead_ends(public, base="/blog/"):
    """Links that a reader can follow from the home page, or that were there before, which lead to no file."""
    def target(path):
        return path + "index.html" if path == "" or path.endswith("/") else path
    seen, found, following = set(), set(), ["index.html"] if (public / "index.html").exists() else []
    while following:
        page = following.pop()
        if page in seen or not page.endswith(".html"):
            continue
        seen.add(page)
        html = (public / page).read_text(encoding="utf-8", errors="replace")
        for link in re.findall(rf'(?:href|src)="{base}([^"#?]*)', html):
            name = target(urllib.parse.unquote(link))
            if (public / name).is_file():
                following.append(name)
            else:
                found.add(f"{page} -> {name}")
    return sorted(found)
