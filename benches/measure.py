#!/usr/bin/env python3
"""Times whole processes, one after the other and in turns, so that all see the same machine.

Reads lines `NAME<TAB>ROUNDS<TAB>COMMAND` from stdin; the command goes to a shell. Prints
the median and the shortest wall time, the most memory (of the process and its children),
and the median as a multiple of the first line's. Only Python's own library.
"""

import os
import statistics
import sys
import time


def run(command):
    """Runs a command; its wall time, the most memory in MiB, and its exit code."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    arguments = ["/bin/sh", "-c", "exec " + command]
    start = time.perf_counter()
    child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    return wall, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def shown(seconds):
    return f"{seconds:.3f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def main():
    rows = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    runs = {name: [] for name, _, _ in rows}
    wanted = {name: int(rounds) for name, rounds, _ in rows}
    for turn in range(max(wanted.values())):
        for name, _, command in rows:
            if turn < wanted[name]:
                runs[name].append(run(command))
    first = None
    print(f"| {'':36} | {'median':>10} | {'shortest':>10} | {'multiple':>8} | {'MiB':>5} | {'runs':>4} | exit |")
    print(f"|{'-' * 38}|{'-' * 11}:|{'-' * 11}:|{'-' * 9}:|{'-' * 6}:|{'-' * 5}:|{'-' * 5}:|")
    for name, measured in runs.items():
        walls = [wall for wall, _, _ in measured]
        median = statistics.median(walls)
        first = first or median
        most = max(memory for _, memory, _ in measured)
        codes = ",".join(sorted({str(code) for _, _, code in measured}))
        print(
            f"| {name:36} | {shown(median):>10} | {shown(min(walls)):>10} "
            f"| {median / first:8.2f} | {most:5.0f} | {len(walls):4} | {codes:>4} |"
        )


main()
