#!/usr/bin/env python3
"""Times `warroom validate --watch` and `lint --watch`: from a save to the printed result.

    benches/watch.py WARROOM WORKSPACE [ROUNDS]

Adds and removes a fault in a playbook of the workspace and a line in a template, waits
for the object of JSON that follows, and prints the median and the worst of all rounds.
Then waits five seconds in which nothing changes, and prints the processor time they took.
Changes only files it puts back. Only Python's own library.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

IDLE = 5


def ticks(pid):
    """The processor time a process has used, in ticks of the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def measure(warroom, workspace, verb, path, fault, rounds):
    whole = path.read_text()
    command = [warroom, "-C", workspace, "--format", "json", verb, "--watch"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        child.stdout.readline()
        times = []
        for turn in range(rounds):
            time.sleep(0.3)
            start = time.perf_counter()
            path.write_text(whole + fault if turn % 2 == 0 else whole)
            child.stdout.readline()
            times.append(time.perf_counter() - start)
        time.sleep(1)
        before = ticks(child.pid)
        time.sleep(IDLE)
        return times, ticks(child.pid) - before
    finally:
        child.kill()
        child.wait()
        path.write_text(whole)


def main():
    warroom, workspace = os.path.abspath(sys.argv[1]), sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    playbook = sorted(Path(workspace, "playbooks").rglob("*.yaml"))[0]
    template = Path(workspace, "templates", "update.md.j2")
    print(f"| saved | median | worst | ticks in {IDLE} idle seconds |\n|---|---:|---:|---:|")
    for verb in ("validate", "lint"):
        for name, path, fault in (
            ("a playbook", playbook, "nonsense: true\n"),
            ("a template", template, "{{ nonsense }}\n"),
        ):
            times, idle = measure(warroom, workspace, verb, path, fault, rounds)
            median, worst = (1000 * f(times) for f in (statistics.median, max))
            print(f"| {name}, `{verb}` | {median:.0f} ms | {worst:.0f} ms | {idle} |")


if __name__ == "__main__":
    main()
