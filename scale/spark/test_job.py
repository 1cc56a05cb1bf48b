#!/usr/bin/env python3
"""Tests the job without Spark: `python3 scale/spark/test_job.py`. `test_cluster.py` runs it on a cluster."""

import contextlib
import io
import json
import os
import stat
import sys
import tempfile
import threading
import types
import unittest
import unittest.mock
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pressrun_spark as job
import test_cluster


class FakeContext:
    """Runs the tasks of a step one after the other, as Spark does with each attempt of a failed one."""

    def __init__(self, cpus="2", failures=4):
        self.cpus, self.failures = cpus, failures
        self.cancelled = threading.Event()
        self.attempts = {}

    def getConf(self):
        return {"spark.task.cpus": self.cpus}

    def accumulator(self, value, param):
        return FakeAccumulator(value, param)

    def setJobGroup(self, group, description, interruptOnCancel):
        self.group = group

    def cancelJobGroup(self, group):
        if group == self.group:
            self.cancelled.set()

    def parallelize(self, items, count):
        assert len(items) == count, "there is one task for each shard"
        return FakeTasks(self, items)


class FakeAccumulator:
    """A value that tasks add to."""

    def __init__(self, value, param):
        self.value, self.param = value, param

    def add(self, more):
        self.value = self.param.addInPlace(self.value, more)


class FakeTasks:
    """The tasks of a step."""

    def __init__(self, context, items):
        self.context, self.items = context, items

    def foreach(self, run):
        for item in self.items:
            self._run_task(run, item)
            # As in Spark, a refusal ends the step a moment later.
            if self.context.cancelled.wait(0.5 if item in self.context.attempts.get("slow", []) else 0):
                raise RuntimeError("the job was cancelled")

    def _run_task(self, run, item):
        for attempt in range(self.context.failures):
            FakeTaskContext.attempt = attempt
            self.context.attempts[item] = attempt + 1
            try:
                return run(item)
            except Exception as error:
                last = error
        raise RuntimeError(f"task {item} failed {self.context.failures} times: {last}")


class FakeTaskContext:
    """Tells a task how often it was tried."""

    attempt = 0

    @classmethod
    def get(cls):
        return cls()

    def attemptNumber(self):
        return self.attempt


def install_fake_spark(shipped):
    """Makes a module `pyspark` with the little that the job uses."""
    spark, accumulators = types.ModuleType("pyspark"), types.ModuleType("pyspark.accumulators")
    spark.TaskContext = FakeTaskContext
    spark.SparkFiles = type("SparkFiles", (), {"get": staticmethod(lambda name: os.path.join(shipped, name))})
    accumulators.AccumulatorParam = object
    sys.modules.update({"pyspark": spark, "pyspark.accumulators": accumulators})


class TheJob(unittest.TestCase):
    """Tests the job with programs of a few lines."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        (self.folder / "shipped").mkdir()
        install_fake_spark(str(self.folder / "shipped"))
        self.addCleanup(lambda: [sys.modules.pop(name) for name in ("pyspark", "pyspark.accumulators")])

    def program(self, script, name="pressrun"):
        """Writes a program that logs its arguments, then does this."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "$RAYON_NUM_THREADS $*" >> {self.folder}/log\n{script}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def run_job(self, script, *options, context=None):
        """Runs the job; returns what it printed and the commands it ran."""
        program = self.program(script)
        words = ["--site", "/site", "--work", "/work", "--shards", "3", "--pressrun", program, *options]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            job.run_job(context or FakeContext(), job.parse_arguments(words))
        return printed.getvalue(), (self.folder / "log").read_text().splitlines()

    def test_runs_every_step_in_its_order(self):
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop("RAYON_NUM_THREADS", None)
            printed, log = self.run_job("echo done", "--base-url", "https://a.example/", "--drafts", "--strict", "--force", "--verify")
        steps = ["plan", "read 0", "read 1", "read 2", "gather", "render 0", "render 1", "render 2", "finish"]
        self.assertEqual([line.split(" shard ")[1].split(" /work")[0] for line in log], steps)
        options = "--quiet --shards 3 --base-url https://a.example/ --drafts --force"
        self.assertEqual(log[0], f" shard plan /work --root /site {options}")
        self.assertEqual(log[1], "2 shard read 0 /work --root /site --quiet")
        self.assertEqual(log[5], "2 shard render 0 /work --root /site --quiet")
        self.assertEqual(log[-1], " shard finish /work --root /site --strict --verify")
        self.assertIn("done\npressrun shard finish: ", printed)

    def test_task_uses_as_many_threads_as_spark_has_cores_for_it(self):
        _, log = self.run_job("", context=FakeContext(cpus="7"))
        self.assertTrue(log[1].startswith("7 shard read 0"), log)

    def test_wrong_usage_is_not_tried_again(self):
        context = FakeContext()
        with self.assertRaises(job.Refused) as raised:
            self.run_job('[ "$2" != read ] || { echo "unexpected argument" >&2; exit 2; }', context=context)
        self.assertIn("exited with 2:\nunexpected argument", str(raised.exception))
        self.assertIn("shard read 0 /work --root /site --quiet` on ", str(raised.exception))
        self.assertEqual(context.attempts[0], 1)

    def test_refusal_is_tried_once_more_and_no_further(self):
        context = FakeContext()
        with self.assertRaises(job.Refused):
            self.run_job('[ "$2 $3" != "render 1" ] || exit 1', context=context)
        self.assertEqual(context.attempts[1], 2)

    def test_refusal_of_one_machine_is_mended_by_another(self):
        once = f"[ -f {self.folder}/once ] || {{ touch {self.folder}/once; exit 1; }}"
        _, log = self.run_job(f'[ "$2 $3" != "read 1" ] || {once}')
        self.assertEqual(sum("shard read 1 " in line for line in log), 2)

    def test_killed_command_is_tried_as_often_as_spark_allows(self):
        context = FakeContext(failures=5)
        with self.assertRaises(RuntimeError) as raised:
            self.run_job('[ "$2 $3" != "read 2" ] || kill -9 $$', context=context)
        self.assertIn("was ended by signal 9", str(raised.exception))
        self.assertEqual(context.attempts[2], 5)

    def test_program_that_is_not_there_is_tried_again(self):
        context = FakeContext()
        words = ["--site", "/s", "--work", "/w", "--shards", "1", "--pressrun", "no-such-program"]
        with self.assertRaises(RuntimeError):
            job.run_shards(context, "read", job.parse_arguments(words))
        self.assertEqual(context.attempts[0], 4)

    def test_refusal_ends_the_step_before_its_other_shards(self):
        context = FakeContext()
        context.attempts["slow"] = [0]
        with self.assertRaises(job.Refused):
            self.run_job('[ "$2 $3" != "read 0" ] || exit 2', context=context)
        self.assertTrue(context.cancelled.is_set())
        self.assertNotIn(1, context.attempts)

    def test_failure_on_the_driver_is_final(self):
        with self.assertRaises(job.Refused) as raised:
            self.run_job('[ "$2" != gather ] || { echo no memory >&2; exit 1; }')
        self.assertIn("shard gather /work", str(raised.exception))
        self.assertIn("no memory", str(raised.exception))

    def test_exception_shows_the_end_of_long_messages(self):
        program = self.program('i=0; while [ $i -lt 999 ]; do echo "line $i of many" >&2; i=$((i+1)); done; exit 1')
        with self.assertRaises(RuntimeError) as raised:
            job.run_command([program])
        self.assertTrue(str(raised.exception).endswith("line 998 of many"))
        self.assertLess(len(str(raised.exception)), job.TAIL + 300)

    def test_program_of_files_goes_before_that_of_the_path(self):
        shipped = self.folder / "shipped" / "sh"
        shipped.write_text("")
        self.assertEqual(job.find_program("sh"), str(shipped))
        shipped.unlink()
        self.assertTrue(job.find_program("sh").endswith("/sh"))
        self.assertEqual(job.find_program("/opt/pressrun"), "/opt/pressrun")

    def test_number_of_shards_is_a_number(self):
        for wrong in ("0", "-1", "many", "1.5", "²"):
            with self.assertRaises(SystemExit) as raised, contextlib.redirect_stderr(io.StringIO()):
                job.parse_arguments(["--site", "s", "--work", "w", "--shards", wrong])
            self.assertEqual(raised.exception.code, 2)

    def test_folders_are_those_of_the_driver_wherever_a_task_runs(self):
        parsed = job.parse_arguments(["--site", "s", "--work", "w", "--shards", "1"])
        self.assertEqual((parsed.site, parsed.work), (os.path.abspath("s"), os.path.abspath("w")))


class TheClusterTest(unittest.TestCase):
    """Tests that the test on a cluster can fail."""

    def read(self, *events):
        """Reads a log of these ends of tasks: stage, shard, attempt, reason."""
        jobs = [
            {"Event": "SparkListenerJobStart", "Stage IDs": [stage], "Properties": {"spark.job.description": text}}
            for stage, text in enumerate(["pressrun shard read: 2 shards", "pressrun shard render: 2 shards"])
        ]
        ends = [
            {"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Info": {"Index": shard, "Attempt": attempt},
             "Task End Reason": {"Reason": reason}}
            for stage, shard, attempt, reason in events
        ]
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log")
            log.write_text("".join(json.dumps(event) + "\n" for event in jobs + ends))
            return test_cluster.read_tasks(log)

    DONE = [(0, 1, 0, "Success"), (1, 0, 0, "Success"), (1, 1, 0, "Success")]
    LOST = (0, 0, 0, "ExecutorLostFailure")

    def test_lost_task_must_be_done_again(self):
        tasks = self.read(self.LOST, *self.DONE, (0, 0, 1, "Success"))
        self.assertEqual(test_cluster.check_tasks(tasks, 2, ("read",)), 1)

    def test_run_without_a_lost_task_is_noticed(self):
        tasks = self.read(*self.DONE, (0, 0, 0, "Success"))
        self.assertEqual(test_cluster.check_tasks(tasks, 2, ()), 0)
        with self.assertRaises(test_cluster.Failed):
            test_cluster.check_tasks(tasks, 2, ("read",))

    def test_task_lost_in_another_step_is_noticed(self):
        tasks = self.read(self.LOST, *self.DONE, (0, 0, 1, "Success"))
        for lost_in in (("render",), ("read", "render"), ()):
            with self.assertRaises(test_cluster.Failed):
                test_cluster.check_tasks(tasks, 2, lost_in)

    def test_shard_that_was_never_done_is_noticed(self):
        with self.assertRaises(test_cluster.Failed):
            test_cluster.check_tasks(self.read(*self.DONE), 2, ())

    def test_comparison_names_every_kind_of_difference(self):
        with tempfile.TemporaryDirectory() as folder:
            for tree, files in [("a", {"same": "1", "less": "1", "page": "1"}), ("b", {"same": "1", "more": "1", "page": "2"})]:
                for name, text in files.items():
                    path = Path(folder, tree, "deep", name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            found = test_cluster.compare_trees(f"{folder}/a", f"{folder}/b")
        self.assertEqual(found, ["missing: deep/less", "superfluous: deep/more", "different: deep/page"])


if __name__ == "__main__":
    unittest.main()
