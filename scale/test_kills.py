#!/usr/bin/env python3
"""Attacks the steps of `pressrun shard`: kills them, runs them at once, damages what they have written.

    scale/test_kills.py PROGRAM [--kills 100] [--damages 3] [--seed 1]

Whatever happens, a step that is run again must leave the same bytes, and a step that is given something damaged or
foreign must refuse with the command that helps, or make it anew. A wrong site is never finished. Moments and places
are random; the seed is printed, so that a failure can be repeated.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sample

SHARDS = 3
POSTS = 150
SECONDS = 300
"""The longest time for a step, which takes a second."""

NOW = "1796000000"
"""What counts as the present, so that a plan that is made again is the same."""

ADVICE = 12
"""Number of commands of advice that may lead to a finished site."""


class Failed(Exception):
    """The test failed."""


def list_steps():
    """Returns the arguments of all steps, in their order, without the work folder."""
    shards = [str(shard) for shard in range(SHARDS)]
    steps = [["plan", "--shards", str(SHARDS)], *(["read", shard] for shard in shards), ["gather"]]
    return [*steps, *(["render", shard] for shard in shards), ["finish"]]


def read_tree(folder):
    """Returns the contents of all files of a work folder, without those of steps that have not ended."""
    folder = Path(folder)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    names = {path: path.relative_to(folder).as_posix() for path in paths}
    return {names[path]: path.read_bytes() for path in paths if not names[path].startswith("tmp/")}


def describe_difference(expected, found):
    """Returns how two trees differ, or nothing if they are the same."""
    names = sorted(expected.keys() | found.keys())
    differing = [name for name in names if expected.get(name) != found.get(name)]
    how = lambda name: "missing" if name not in found else "superfluous" if name not in expected else "different"
    return "; ".join(f"{how(name)}: {name}" for name in differing[:8])


class Attack:
    """A site, its work folder, and what that must hold after each step."""

    def __init__(self, program, folder, seed):
        self.program = str(program)
        self.folder, self.site, self.work = folder, folder / "site", folder / "work"
        self.random = Random(seed)
        self.states = []
        """The work folder before each step, and last after all."""

    def start(self, words):
        """Starts a step."""
        command = [self.program, "shard", *words, str(self.work), "--root", str(self.site), "--quiet"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": NOW}
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, words):
        """Runs a step and returns its exit code and what it printed."""
        step = self.start(words)
        try:
            said, _ = step.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            step.kill()
            raise Failed(f"{words} does not end") from None
        said = said.decode(errors="replace")
        if step.returncode not in (0, 1, 2) or "panicked" in said:
            raise Failed(f"{words} exited with {step.returncode}: {said}")
        return step.returncode, said

    def run_well(self, words):
        """Runs a step that must succeed."""
        code, said = self.run(words)
        if code:
            raise Failed(f"{words} exited with {code}: {said}")

    def restore(self, state):
        """Makes the work folder what it was."""
        shutil.rmtree(self.work, ignore_errors=True)
        subprocess.run(["cp", "-a", self.states[state], self.work], check=True)

    def forget(self):
        """Removes what is remembered of the site, such as pictures of titles."""
        shutil.rmtree(self.site / ".pressrun", ignore_errors=True)

    def measure(self, number, words):
        """Returns how long a step takes, and how long if it finds remembered things."""
        self.forget()
        times = []
        for _ in range(2):
            self.restore(number)
            started = time.monotonic()
            self.run_well(words)
            times.append(time.monotonic() - started)
        return times

    def prepare(self):
        """Makes the site, and the work folder before and after each step."""
        sample.write_sample(self.site, POSTS)
        self.work.mkdir()
        for number, words in enumerate([*list_steps(), None]):
            state = self.folder / f"state-{number}"
            subprocess.run(["cp", "-a", self.work, state], check=True)
            self.states.append(state)
            if words:
                self.run_well(words)
        self.trees = [read_tree(state) for state in self.states]
        built = self.folder / "built"
        command = [self.program, "build", "--root", self.site, "--output", built, "--quiet"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": NOW}
        subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
        self.forget()
        self.expected = read_tree(built)
        self.check_site("without any attack")

    def check_work(self, state, when):
        """Checks that the work folder holds what it must hold after a step."""
        difference = describe_difference(self.trees[state], read_tree(self.work))
        if difference:
            raise Failed(f"{when}, the work folder differs: {difference}")

    def check_site(self, when):
        """Checks that the finished site is that of a build."""
        difference = describe_difference(self.expected, read_tree(self.work / "site"))
        if difference:
            raise Failed(f"{when}, the site differs: {difference}")

    def kill_steps(self, kills):
        """Kills each step at random moments, then runs it again."""
        for number, words in enumerate(list_steps()):
            if words[1:] not in ([], ["0"], ["--shards", str(SHARDS)]):
                continue
            cold, warm = self.measure(number, words)
            hits = tries = 0
            self.restore(number)
            # On a fast machine most kills may come too late, and then there are more of them.
            while tries < kills or (hits * 3 < kills and tries < 20 * kills):
                is_cold = tries % 4 == 0
                if is_cold:
                    self.forget()
                step = self.start(words)
                # Somewhat longer than it took, because other programs may run meanwhile.
                time.sleep(self.random.random() * 1.25 * (cold if is_cold else warm))
                hits += step.poll() is None
                step.kill()
                step.communicate()
                tries += 1
                # Every other time the next run finds what two killed ones have left.
                if tries % 2 == 0:
                    self.run_well(words)
                    self.check_work(number + 1, f"after a kill of {words}")
                    self.restore(number)
            self.run_well(words)
            self.check_work(number + 1, f"after a kill of {words}")
            if hits * 3 < kills:
                raise Failed(f"only {hits} of {tries} kills of {words} came before its end")
            print(f"  {' '.join(words)}: {hits} of {tries} kills before its end", flush=True)

    def run_at_once(self, rounds):
        """Runs each step three times at once, as two machines might."""
        for number, words in enumerate(list_steps()):
            for _ in range(rounds):
                self.restore(number)
                steps = []
                for _ in range(3):
                    steps.append(self.start(words))
                    time.sleep(self.random.random() * 0.05)
                for step in steps:
                    said, _ = step.communicate(timeout=SECONDS)
                    if step.returncode:
                        raise Failed(f"{words}, run at once, exited with {step.returncode}: {said.decode()}")
                self.check_work(number + 1, f"after three {words} at once")
        print(f"  {len(list_steps())} steps, {rounds} times three at once", flush=True)

    def damage(self, name, harm):
        """Damages a file of the work folder; returns whether that changed anything."""
        path = self.work / name
        before = path.read_bytes()
        place = self.random.randrange(max(len(before), 1))
        match harm:
            case "removed":
                path.unlink()
                return True
            case "emptied":
                after = b""
            case "cut":
                after = before[:place]
            case "longer":
                after = before + b"\n"
            case "a byte changed":
                after = before[:place] + bytes([before[place] ^ 1 << self.random.randrange(8)]) + before[place + 1 :]
            case "foreign":
                after = self.find_sibling(name)
        path.write_bytes(after)
        return after != before

    def find_sibling(self, name):
        """Returns the contents of a file of the same kind: that of another shard, or of another page."""
        folder, _, file = name.rpartition("/")
        ending = Path(file).suffix
        files = self.trees[-1]
        alike = [other for other in files if other.rpartition("/")[0] == folder and Path(other).suffix == ending]
        if len(alike) < 2:
            alike = [other for other in files if Path(other).suffix == ending]
        return files[self.random.choice([other for other in alike if other != name] or [name])]

    def follow_advice(self, steps, what):
        """Runs steps; after a refusal runs the command that it names. Returns whether anything was refused."""
        todo, refused = list(steps), 0
        while todo:
            code, said = self.run(todo[0])
            if code == 0:
                todo.pop(0)
                continue
            refused += 1
            if refused > ADVICE:
                raise Failed(f"{what}: the advice leads nowhere; {todo[0]} says {said}")
            command = shlex.split(said.partition("`pressrun shard ")[2].partition("`")[0])
            if not command:
                raise Failed(f"{what}: {todo[0]} names no command: {said}")
            is_whole = command[-3:] == [str(self.work), "--root", str(self.site)]
            if command[0] == "plan":
                todo = [["plan", "--force", "--shards", str(SHARDS)], *list_steps()[1:]]
            elif is_whole:
                todo.insert(0, command[:-3])
            else:
                raise Failed(f"{what}: the advice does not name the folders: {said}")
        return refused > 0

    def damage_files(self, damages):
        """Damages each file that a step has written, then runs the steps that follow."""
        harms = ["removed", "emptied", "cut", "longer", "a byte changed", "foreign"]
        steps = list_steps()
        counts, failures = {"refused": 0, "healed": 0, "unused": 0}, []
        for number in range(1, len(steps) + 1):
            new = [name for name in self.trees[number] if self.trees[number - 1].get(name) != self.trees[number][name]]
            pages = [name for name in new if name.startswith("site/")]
            chosen = [name for name in new if name not in pages] + self.random.sample(pages, min(damages, len(pages)))
            for name in chosen:
                for harm in harms + ["a byte changed"] * (damages - 1):
                    self.restore(number)
                    if not self.damage(name, harm):
                        continue
                    what = f"{name} {harm} after {' '.join(steps[number - 1])}"
                    try:
                        # A byte of a page can only be noticed by reading it.
                        rest = [*steps[number:-1], ["finish", "--verify"]]
                        refused = self.follow_advice(rest, what)
                        self.check_site(what)
                        healed = read_tree(self.work).get(name) == self.trees[-1].get(name)
                        counts["refused" if refused else "healed" if healed else "unused"] += 1
                    except Failed as failure:
                        failures.append(str(failure))
        print(f"  damages: {', '.join(f'{count} {how}' for how, count in counts.items())}", flush=True)
        if failures:
            raise Failed(f"{len(failures)} damages:\n" + "\n".join(failures))

    def mix_plans(self):
        """Puts what was made for another site, or by another version, into the work folder."""
        other = Attack(self.program, self.folder / "other", 0)
        other.folder.mkdir()
        sample.write_sample(other.site, POSTS)
        first = other.site / "content/0/0.md"
        first.write_text(first.read_text() + "\nOne sentence more.\n")
        for words in list_steps():
            other.run_well(words)
        foreign = read_tree(other.work)
        for name in foreign:
            if name.startswith("site/") or name == "manifest.json":
                continue
            self.restore(-1)
            (self.work / name).write_bytes(foreign[name])
            self.follow_advice([["finish"]], f"{name} of another plan")
            self.check_site(f"{name} of another plan")
        for name in [name for name in foreign if name.endswith(".json")]:
            for key, value in [("program", "0"), ("format", 99), ("plan", "0"), ("shard", 7), ("step", "walk")]:
                self.restore(-1)
                manifest = json.loads((self.work / name).read_text())
                manifest[key] = value
                (self.work / name).write_text(json.dumps(manifest))
                self.follow_advice([["finish"]], f"{name} with another {key}")
                self.check_site(f"{name} with another {key}")
        shutil.rmtree(other.folder)
        print("  pieces and manifests of other plans and versions", flush=True)


def main():
    """Runs all attacks in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", type=Path, help="pressrun")
    parser.add_argument("--kills", type=int, default=100, help="of each step (default: 100)")
    parser.add_argument("--damages", type=int, default=3, help="bytes that are changed in each file (default: 3)")
    parser.add_argument("--only", help="one of kills, at-once, damages, plans")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    failed = 0
    # In memory, if possible: the folders are copied hundreds of times.
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="pressrun-kills-", dir=place) as folder:
        attack = Attack(arguments.program.resolve(), Path(folder).resolve(), arguments.seed)
        attack.prepare()
        attacks = {
            "kills": lambda: attack.kill_steps(arguments.kills),
            "at-once": lambda: attack.run_at_once(1 + arguments.kills // 20),
            "damages": lambda: attack.damage_files(arguments.damages),
            "plans": attack.mix_plans,
        }
        chosen = [name for name in attacks if arguments.only in (None, name)]
        for name in chosen:
            try:
                attacks[name]()
            except Failed as failure:
                failed += 1
                print(f"failed: {failure}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
