"""Builds a site on many machines: a job of Apache Spark that runs the steps of `pressrun shard`.

    spark-submit pressrun_spark.py --site SITE --work WORK --shards 64

SITE and WORK are folders that all machines see under the same path. Spark decides where each shard is read and
rendered, and does it again elsewhere if a machine is lost. A step that is done already ends at once, so a job that
was stopped is continued by the same command. README.md beside this file says how to submit it.
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time

TAIL = 4000
"""Number of characters of a command's messages that an exception shows."""


class Refused(Exception):
    """A command says that something is wrong which another attempt would not mend."""


def parse_arguments(arguments=None):
    """Returns the arguments of the job."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--site", required=True, help="folder of the site, which all machines see")
    parser.add_argument("--work", required=True, help="folder for the work and the finished site, which all machines see")
    parser.add_argument("--shards", type=parse_count, required=True, help="a few for each core of the cluster")
    parser.add_argument("--pressrun", default="pressrun", help="the program: a path, or a name on PATH or in --files")
    parser.add_argument("--base-url", help="address of the published site, as for `pressrun build`")
    for name, step in [("drafts", "plan"), ("future", "plan"), ("force", "plan"), ("strict", "finish"), ("verify", "finish")]:
        parser.add_argument(f"--{name}", action="store_true", help=f"as for `pressrun shard {step}`")
    parsed = parser.parse_args(arguments)
    # The folder in which a task runs is another one.
    parsed.site, parsed.work = os.path.abspath(parsed.site), os.path.abspath(parsed.work)
    return parsed


def parse_count(text):
    """Returns a number that is at least 1."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of shards, such as 64")
    return int(text)


def find_program(name):
    """Returns the path of the program on this machine; a name may be that of a file of `spark-submit --files`."""
    if os.sep in name:
        return os.path.abspath(name)
    from pyspark import SparkFiles

    shipped = SparkFiles.get(name)
    return shipped if os.path.isfile(shipped) else shutil.which(name) or name


def end_with_parent():
    """Ends this process when its parent is killed, so that a task which Spark stops leaves no command behind."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG of Linux


def run_command(command, threads=None, attempt=0):
    """Runs a command to its end and returns its messages and results. A failure is an exception with the end of them.

    Another attempt may help a command that was killed or cannot be started. Wrong usage (2) is refused at once. A
    failure (1) gets one more attempt, because this machine may lack what others have, such as a mounted folder.
    """
    environment = {**os.environ, **({"RAYON_NUM_THREADS": str(threads)} if threads else {})}
    prepare = end_with_parent if sys.platform == "linux" else None
    done = subprocess.run(
        command,
        env=environment,
        preexec_fn=prepare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode == 0:
        return done.stderr + done.stdout
    end = f"was ended by signal {-done.returncode}" if done.returncode < 0 else f"exited with {done.returncode}"
    message = f"`{' '.join(command)}` on {platform.node()} {end}:\n{done.stderr[-TAIL:].strip()}"
    if done.returncode == 2 or (done.returncode == 1 and attempt > 0):
        raise Refused(message)
    raise RuntimeError(message)


def run_shards(context, step, arguments):
    """Runs a step for every shard, one task each. The first refusal stops the step."""
    from pyspark import TaskContext
    from pyspark.accumulators import AccumulatorParam

    class Messages(AccumulatorParam):
        """Lists of messages, which reach the driver as soon as a task ends."""

        def zero(self, value):
            return []

        def addInPlace(self, value1, value2):
            return value1 + value2

    refusals = context.accumulator([], Messages())
    name, site, work, count = arguments.pressrun, arguments.site, arguments.work, arguments.shards
    threads = int(context.getConf().get("spark.task.cpus", "1"))

    def run_shard(shard):
        command = [find_program(name), "shard", step, str(shard), work, "--root", site, "--quiet"]
        try:
            run_command(command, threads, TaskContext.get().attemptNumber())
        except Refused as refused:
            refusals.add([str(refused)])

    group, ended = f"pressrun shard {step}", threading.Event()

    def cancel_when_refused():
        while not ended.wait(0.2):
            if refusals.value:
                return context.cancelJobGroup(group)

    context.setJobGroup(group, f"{group}: {count} shards", interruptOnCancel=True)
    watcher = threading.Thread(target=cancel_when_refused, daemon=True)
    watcher.start()
    try:
        context.parallelize(range(count), count).foreach(run_shard)
    except Exception:
        # A cancelled job is an error too, but the refusal says why.
        if not refusals.value:
            raise
    finally:
        ended.set()
        watcher.join()
    if refusals.value:
        raise Refused(refusals.value[0])


def run_job(context, arguments):
    """Runs all steps, and prints how long each took. Those that concern the whole site run on the driver."""
    flags = lambda *names: [f"--{name}" for name in names if getattr(arguments, name)]
    address = ["--base-url", arguments.base_url] if arguments.base_url else []
    steps = [
        ("plan", ["--quiet", "--shards", str(arguments.shards), *address, *flags("drafts", "future", "force")]),
        ("read", None),
        ("gather", ["--quiet"]),
        ("render", None),
        # The last one says what was found in the posts.
        ("finish", flags("strict", "verify")),
    ]
    for step, options in steps:
        started = time.monotonic()
        if options is None:
            run_shards(context, step, arguments)
        else:
            program = find_program(arguments.pressrun)
            command = [program, "shard", step, arguments.work, "--root", arguments.site, *options]
            # There is no other machine to try this on, so a failure is final.
            print(run_command(command, attempt=1), end="")
        print(f"pressrun shard {step}: {time.monotonic() - started:.1f} s", flush=True)


def main():
    """Runs the job; a refusal is printed without a stack of calls."""
    arguments = parse_arguments()
    from pyspark import SparkContext

    context = SparkContext.getOrCreate()
    print(f"application {context.applicationId}", flush=True)
    try:
        run_job(context, arguments)
    except Refused as refused:
        sys.exit(f"error: {refused}")
    finally:
        context.stop()


if __name__ == "__main__":
    main()
