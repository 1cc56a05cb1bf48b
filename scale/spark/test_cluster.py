#!/usr/bin/env python3
"""Runs the job on a cluster of real processes on this machine, and compares the site with that of `pressrun build`.

    test_cluster.py PROGRAM [--posts 20000] [--shards 16]

It needs Linux, Java 17 and a Python that has pyspark: `.ci/spark` sees to that. The job runs twice: undisturbed, and
with a machine lost during `read` and another one during `render`. To lose a machine means to kill an executor and the
command that it runs, in the middle of a shard. The log of Spark must say that a task was lost then, and was done again.
"""

import argparse
import filecmp
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

MASTER = "local-cluster[2,1,1024]"
SECONDS = 900
"""The longest time for one run of the job, which takes less than one minute on a machine that does nothing else."""

NOW = "1796000000"
"""What counts as the present, so that no midnight comes between two builds."""

EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"


class Failed(Exception):
    """The test failed."""


class TooLate(Failed):
    """No machine was lost, because the step was over before: says nothing about the job."""


def read_command(pid):
    """Returns the arguments of a process, or none if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def find_ancestors(pid):
    """Yields the parent of a process, the parent of that, and so on."""
    while pid > 1:
        try:
            # The name of the program is in parentheses and may hold anything.
            pid = int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            return
        yield pid


def find_running_shard(job, application, step, work):
    """Returns shard, command and executor of a running step of this job, if there is one."""
    for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        words = read_command(pid)
        if words[1:3] != ["shard", step] or words[4:5] != [str(work)]:
            continue
        ancestors = list(find_ancestors(pid))
        if job not in ancestors:
            continue
        for ancestor in ancestors:
            command = read_command(ancestor)
            if EXECUTOR in command and application in command:
                return int(words[3]), pid, ancestor
    return None


def count_done(work, step):
    """Returns how many shards of a step have ended."""
    return len(list((work / step).glob("*.json")))


def lose_machine(job, application, step, work, shards):
    """Kills an executor in the middle of a shard, when at least one shard of the step is done."""
    while job.poll() is None:
        done = count_done(work, step)
        if done == shards:
            raise TooLate(f"the kill came too late: all shards of `{step}` were done")
        found = find_running_shard(job.pid, application(), step, work) if done else None
        if found:
            shard, command, executor = found
            try:
                # While it stands still, it can be seen that it has not ended.
                os.kill(command, signal.SIGSTOP)
            except ProcessLookupError:
                continue
            if (work / step / f"{shard}.json").exists():
                os.kill(command, signal.SIGCONT)
                continue
            os.kill(executor, signal.SIGKILL)
            try:
                os.kill(command, signal.SIGKILL)
            except ProcessLookupError:
                pass
            done = count_done(work, step)
            print(f"  killed executor {executor} in shard {shard} of `{step}`; {done} of {shards} shards were done")
            return
        time.sleep(0.005)
    raise TooLate(f"the job ended before `{step}` was seen running")


def read_tasks(log):
    """Returns the ends of all tasks in a log of Spark: step, shard, attempt and reason."""
    steps, tasks = {}, []
    for line in Path(log).read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            description = (event.get("Properties") or {}).get("spark.job.description", "")
            steps.update(dict.fromkeys(event["Stage IDs"], description.removeprefix("pressrun shard ").split(":")[0]))
        elif event["Event"] == "SparkListenerTaskEnd":
            task = event["Task Info"]
            reason = event["Task End Reason"]["Reason"]
            tasks.append((steps[event["Stage ID"]], task["Index"], task["Attempt"], reason))
    return tasks


def check_tasks(tasks, shards, lost_in):
    """Checks that every shard was done, and that tasks were lost in the steps in which a machine was, and only there."""
    for step in ("read", "render"):
        done = {shard for name, shard, _, reason in tasks if name == step and reason == "Success"}
        if done != set(range(shards)):
            raise Failed(f"`{step}` has done {len(done)} of {shards} shards")
    lost = [task for task in tasks if task[3] == "ExecutorLostFailure"]
    if {step for step, *_ in lost} != set(lost_in):
        raise Failed(f"expected tasks to be lost in {lost_in}, but lost were {lost}")
    for step, shard, attempt, _ in lost:
        later = [task for task in tasks if task[:2] == (step, shard) and task[2] > attempt and task[3] == "Success"]
        if not later:
            raise Failed(f"shard {shard} of `{step}` was lost and not done again")
    return len(lost)


def list_files(tree):
    """Returns the relative paths of all files of a folder."""
    return {str(Path(folder, name).relative_to(tree)) for folder, _, names in os.walk(tree) for name in names}


def compare_trees(expected, found):
    """Returns what differs between two folders, at most ten differences."""
    left, right = list_files(expected), list_files(found)
    differences = [f"missing: {name}" for name in sorted(left - right)]
    differences += [f"superfluous: {name}" for name in sorted(right - left)]
    _, other, unread = filecmp.cmpfiles(expected, found, sorted(left & right), shallow=False)
    return (differences + [f"different: {name}" for name in other + unread])[:10]


def check_comparison(expected, found):
    """Changes one byte of a page and checks that the comparison sees it, so that it can fail."""
    page = sorted(Path(found).rglob("index.html"))[-1]
    data = page.read_bytes()
    page.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    seen = compare_trees(expected, found)
    if seen != [f"different: {page.relative_to(found)}"]:
        raise Failed(f"one byte of {page} was changed, and the comparison says {seen}")
    page.write_bytes(data)


class Cluster:
    """Runs the job on a new cluster each time."""

    def __init__(self, folder, program, site, shards):
        self.folder, self.program, self.site, self.shards = folder, program, site, shards
        self.home = folder / "spark"
        self.logs = folder / "logs"
        self.logs.mkdir()
        self._link_home()

    def _link_home(self):
        """Makes a home for Spark in which it may write: executors run in folders below it."""
        import pyspark

        self.home.mkdir()
        for entry in Path(pyspark.__file__).parent.iterdir():
            if entry.name != "work":
                (self.home / entry.name).symlink_to(entry)

    def _start(self, name, work):
        """Starts the job."""
        settings = {
            "spark.eventLog.enabled": "true", "spark.eventLog.dir": self.logs.as_uri(),
            "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false", "spark.ui.enabled": "false",
        }
        command = [self.home / "bin/spark-submit", "--master", MASTER, "--files", self.program]
        for key, value in settings.items():
            command += ["--conf", f"{key}={value}"]
        command += [HERE / "pressrun_spark.py", "--site", self.site, "--work", work, "--shards", self.shards]
        # The program goes with the job, as to a cluster on which it is not installed.
        command += ["--pressrun", Path(self.program).name]
        environment = {
            **os.environ, "SPARK_HOME": str(self.home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
            "SOURCE_DATE_EPOCH": NOW, "SPARK_LOCAL_DIRS": str(self.folder / "local"),
        }
        with open(self.folder / f"{name}.out", "wb") as out, open(self.folder / f"{name}.err", "wb") as err:
            return subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, env=environment)

    def run(self, name, lose=()):
        """Runs the job, with a machine lost in each of these steps. Returns the site and the ends of the tasks."""
        work = self.folder / f"work-{name}"
        output = self.folder / f"{name}.out"
        job = self._start(name, work)
        application = lambda: output.read_text().partition("application ")[2].partition("\n")[0]
        try:
            for step in lose:
                lose_machine(job, application, step, work, self.shards)
            job.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"the job took longer than {SECONDS} s") from None
        finally:
            if job.poll() is None:
                # The driver ends its executors when it is told to end.
                job.terminate()
                job.wait()
            print("".join(f"  {line}\n" for line in output.read_text().splitlines() if "pressrun shard" in line), end="")
            if job.returncode:
                print((self.folder / f"{name}.err").read_text(errors="replace")[-4000:])
        if job.returncode or "\npressrun shard finish: " not in output.read_text():
            raise Failed(f"the job ended with {job.returncode}")
        return work, read_tasks(self.logs / application())


def run_in_time(cluster, name, lose):
    """Runs the job, again if it was too fast for the test to lose a machine."""
    for attempt in range(3):
        try:
            return cluster.run(f"{name}-{attempt}", lose)
        except TooLate as late:
            print(f"  again: {late}")
            shutil.rmtree(cluster.folder / f"work-{name}-{attempt}", ignore_errors=True)
    raise Failed("no machine could be lost in time")


def run_test(folder, program, posts, shards):
    """Runs the whole test in a folder."""
    import sample

    site, expected = folder / "site", folder / "expected"
    started = time.monotonic()
    step = lambda text: print(f"{time.monotonic() - started:5.0f} s: {text}", flush=True)
    step(f"a site of {posts} posts")
    sample.write_sample(site, posts)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": NOW}
    command = [program, "build", "--root", site, "--output", expected, "--quiet"]
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    shutil.rmtree(site / ".pressrun")

    cluster = Cluster(folder, program, site, shards)
    for name, lose in [("plain", ()), ("lost", ("read", "render"))]:
        step(f"the job on {MASTER}" + "".join(f", a machine is lost during `{one}`" for one in lose))
        work, tasks = run_in_time(cluster, name, lose)
        lost = check_tasks(tasks, shards, lose)
        differences = compare_trees(expected, work / "site")
        if differences:
            raise Failed("the site is not that of `pressrun build`: " + "; ".join(differences))
        print(f"  {len(list_files(expected))} files are the same; {lost} tasks were lost and done again")
        if not lose:
            check_comparison(expected, work / "site")
        shutil.rmtree(work)
    step("done")


def main():
    """Runs the test in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", type=Path, help="pressrun")
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--shards", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pressrun-spark-") as folder:
        try:
            run_test(Path(folder).resolve(), arguments.program.resolve(), arguments.posts, arguments.shards)
        except Failed as failed:
            sys.exit(f"failed: {failed}")
    print("2 passed, 0 failed")


if __name__ == "__main__":
    main()
