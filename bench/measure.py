"""Runs one command and writes down what it took.

    measure.py RESULT SECONDS COMMAND...

A program of its own, and a small one: Linux counts as the peak memory of a process also what it had
before it became another program, which is the memory of the one that started it. Used by `compare.py`.
"""

import json
import os
import signal
import sys
import time

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system tells the peak memory."""


def measure(command, seconds):
    """Runs a command to its end, or kills it after so many seconds."""
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become(command)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
    signal.alarm(seconds)
    try:
        _, status, usage = os.wait4(pid, 0)
    except KeyboardInterrupt:
        os.killpg(pid, signal.SIGKILL)
        raise
    return {
        "wall": time.monotonic() - started,
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * MAXRSS_UNIT,
        "code": os.waitstatus_to_exitcode(status),
    }


def _become(command):
    """Turns this process into the command, in a group of its own."""
    try:
        os.setpgid(0, 0)
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(measure(sys.argv[3:], int(sys.argv[2])), file)
