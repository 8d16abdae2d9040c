#!/usr/bin/env python3
"""Times whole processes, one after the other and in turns, so that all see the same machine.

Reads lines `NAME<TAB>ROUNDS<TAB>COMMAND` from stdin; the command goes to a shell. Prints
the median of wall and processor time, the most memory (of the process and its children),
and the wall time as a multiple of the first line's. Only Python's own library.

On a busy machine the wall time tells more about the others; the processor time still
says how much work it was, with that of all threads added up.
"""

import os
import statistics
import sys
import time


def run(command):
    """Runs a command; its wall and processor time, the most memory in MiB, and its exit code."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    arguments = ["/bin/sh", "-c", "exec " + command]
    start = time.perf_counter()
    child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    processor = used.ru_utime + used.ru_stime
    return wall, processor, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


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
    print(f"| {'':36} | {'wall':>10} | {'multiple':>8} | {'processor':>10} | {'MiB':>5} | {'runs':>4} | exit |")
    print(f"|{'-' * 38}|{'-' * 11}:|{'-' * 9}:|{'-' * 11}:|{'-' * 6}:|{'-' * 5}:|{'-' * 5}:|")
    for name, measured in runs.items():
        wall, processor = (statistics.median(run[at] for run in measured) for at in (0, 1))
        first = first or wall
        most = max(memory for _, _, memory, _ in measured)
        codes = ",".join(sorted({str(code) for *_, code in measured}))
        print(
            f"| {name:36} | {shown(wall):>10} | {wall / first:8.2f} | {shown(processor):>10} "
            f"| {most:5.0f} | {len(measured):4} | {codes:>4} |"
        )


main()
