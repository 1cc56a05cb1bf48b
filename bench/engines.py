"""The engines: where each is found, how it is run, and what it leaves behind.

Not here: what comes out (`check.py`) and what it takes (`measure.py`).
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
    """One static site generator and how it is used here.

    Its site is the folder of its name beside this file, with the posts added.
    """

    name: str
    #: How posts are written, see `corpus.FORMATS`, and the folder for them.
    format: str
    posts: str
    #: The folder that the site is written to.
    output: str
    build: tuple
    version: tuple
    #: What else a build leaves behind: without it the next build is a cold one.
    caches: tuple = ()
    environment: dict = field(default_factory=dict)

    def command(self):
        """The beginning of every command of the engine; `None` if it is not here."""
        if self.name == "eleventy":
            return _eleventy()
        named = os.environ.get(f"{self.name.upper()}_BIN")
        found = shutil.which(named or self.name)
        if self.name == "pressrun" and not named:
            # Never one that happens to be installed: it may be older than what is measured.
            found = shutil.which(PROJECT / "target" / "release" / "pressrun")
        return [str(Path(found).resolve())] if found else None

    def version_text(self):
        """What the engine says of its version."""
        done = subprocess.run([*self.command(), *self.version], capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return lines[-1].split(" linux/")[0] if lines else "unknown"

    def is_script(self):
        """Whether what is run is a script around the engine, whose start would be measured as well."""
        command = self.command()
        with open(command[0], "rb") as file:
            return len(command) == 1 and file.read(2) == b"#!"

    def prepare(self, site):
        """Puts the skeleton of the site into a folder."""
        shutil.copytree(HERE / self.name, site, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
        if self.name == "eleventy":
            (site / "node_modules").symlink_to(_eleventy_home() / "node_modules")

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
    """How Eleventy is run, which is a package and not a program."""
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
    ),
    Engine(
        name="hugo",
        format="yaml",
        posts="content/posts",
        output="public",
        build=("build", "--quiet"),
        version=("version",),
        caches=(".cache", "resources", ".hugo_build.lock"),
        # By itself it would keep its cache in the home folder.
        environment={"HUGO_CACHEDIR": "{site}/.cache"},
    ),
    Engine(
        name="zola",
        format="toml",
        posts="content/archive",
        output="public",
        # Newer versions look for `zola.toml`, older ones know `config.toml` only.
        build=("--config", "config.toml", "build"),
        version=("--version",),
    ),
    Engine(
        name="eleventy",
        format="yaml",
        posts="posts",
        output="_site",
        build=("--quiet",),
        version=("--version",),
        caches=(".cache",),
        # Without it Node gives up at some 4 GB.
        environment={"NODE_OPTIONS": "--max-old-space-size=12000"},
    ),
]
