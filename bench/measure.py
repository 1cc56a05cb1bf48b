"""Runs one command and writes down the time and memory it took.

    measure.py RESULT SECONDS COMMAND...

This is a small separate program for a reason: on Linux, the peak memory of a process includes what it used before
it became another program, which is the memory of the process that started it. Used by `compare.py`.
"""

import json
import os
import signal
import sys
import time

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Number of bytes in the unit in which the system reports peak memory."""


def measure(command, seconds):
    """Runs a command to its end, or kills it after this many seconds."""
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
    """Replaces this process by the command, in a process group of its own."""
    try:
        os.setpgid(0, 0)
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(measure(sys.argv[3:], int(sys.argv[2])), file)
