"""The engines: where each is found, how it is run, and what it leaves behind.

Not here: checking the result (`check.py`) and measuring (`measure.py`).
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent


@dataclass(frozen=True)
class Engine:
    """A static site generator and how it is used here.

    Its site is made from the folder with its name beside this file; the posts are added.
    """

    name: str
    #: Format of the posts (see `corpus.FORMATS`), and the folder for them.
    format: str
    posts: str
    #: Folder that the site is written to.
    output: str
    build: tuple
    version: tuple
    #: Caches of the engine. Without them, the next build is a cold one.
    caches: tuple = ()
    environment: dict = field(default_factory=dict)
    #: What turns highlighting off: a file of the site, a line in it, and what replaces the line.
    plain_code: tuple = ()

    def command(self):
        """Returns the start of every command of the engine, or `None` if it is not installed."""
        if self.name == "eleventy":
            return _eleventy()
        named = os.environ.get(f"{self.name.upper()}_BIN")
        found = shutil.which(named or self.name)
        if self.name == "pressrun" and not named:
            # An installed pressrun may be older than the one to measure.
            found = shutil.which(PROJECT / "target" / "release" / "pressrun")
        return [str(Path(found).resolve())] if found else None

    def version_text(self):
        """Returns the engine's description of its version."""
        done = subprocess.run([*self.command(), *self.version], capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return lines[-1].split(" linux/")[0] if lines else "unknown"

    def is_script(self):
        """Returns whether the command is a script around the engine, whose start would be measured as well."""
        command = self.command()
        with open(command[0], "rb") as file:
            return len(command) == 1 and file.read(2) == b"#!"

    def prepare(self, site, highlighted=True):
        """Copies the skeleton of the site into a folder."""
        shutil.copytree(HERE / self.name, site, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
        if self.name == "eleventy":
            (site / "node_modules").symlink_to(_eleventy_home() / "node_modules")
        if not highlighted:
            name, line, instead = self.plain_code
            text = (site / name).read_text(encoding="utf-8")
            if line not in text:
                raise ValueError(f"{self.name}: {name} lacks `{line}`")
            (site / name).write_text(text.replace(line, instead), encoding="utf-8")

    def clean(self, site):
        """Removes what builds have left behind."""
        for name in (self.output, *self.caches):
            path = site / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _eleventy_home():
    return Path(os.environ.get("ELEVENTY_HOME", HERE / "eleventy")).resolve()


def _eleventy():
    """Returns how to run Eleventy, which is a package and not a program."""
    node = shutil.which("node")
    script = _eleventy_home() / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs"
    return [node, str(script)] if node and script.exists() else None


ENGINES = [
    Engine(
        name="pressrun",
        format="reply",
        posts="content",
        output="public",
        build=("build", "--quiet"),
        version=("--version",),
        caches=(".pressrun",),
        plain_code=("site.toml", "[search]", "[markdown]\nhighlight = false\n\n[search]"),
    ),
    Engine(
        name="hugo",
        format="yaml",
        posts="content/posts",
        output="public",
        build=("build", "--quiet"),
        version=("version",),
        caches=(".cache", "resources", ".hugo_build.lock"),
        # By default it keeps its cache in the home folder.
        environment={"HUGO_CACHEDIR": "{site}/.cache"},
        plain_code=("hugo.toml", "noClasses = false", "noClasses = false\ncodeFences = false"),
    ),
    Engine(
        name="zola",
        format="toml",
        posts="content/archive",
        output="public",
        # Newer versions look for `zola.toml`, older ones only know `config.toml`.
        build=("--config", "config.toml", "build"),
        version=("--version",),
        plain_code=("config.toml", '[markdown.highlighting]\ntheme = "gruvbox-dark"\nstyle = "class"', ""),
    ),
    Engine(
        name="eleventy",
        format="yaml",
        posts="posts",
        output="_site",
        build=("--quiet",),
        version=("--version",),
        caches=(".cache",),
        # By default Node stops at about 4 GB.
        environment={"NODE_OPTIONS": "--max-old-space-size=12000"},
        plain_code=("eleventy.config.js", "  config.addPlugin(highlight);\n", ""),
    ),
]
