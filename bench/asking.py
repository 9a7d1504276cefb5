#!/usr/bin/env python3
"""Does asking the daemon disturb those whom it serves?  asking.py REEVED REEVE [COMMAND...]  (default: status)

One daemon with 1,000 services and 10,000 bans gets 500 visits a second, first to a built-in service, then to a program. In turns
nobody asks, a program of the same weight runs as often without asking (`reeve help status`, 8 times a second, as the daemon answers
one user), and `reeve COMMAND` runs in a loop. Prints the 99th percentile of a visit, connect to close, all three ways: what asking
costs the daemon is the difference of the last two, the rest is what any busy program costs on a machine with as few processors. Then
how long an answer takes. Needs no root; loopback ports from 21000. Figures count only on a machine with nothing else to do.
"""

import getpass
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVICES, BANS, RATE, TURNS, SECONDS = 1000, 10_000, 500, 5, 3
PORT = 21000
DAYTIME, SENSOR, PROGRAM = PORT, PORT + 1, PORT + 2


def configuration(folder):
    user = getpass.getuser()
    common = "type = UNLISTED INTERNAL\nsocket_type = stream\nprotocol = tcp\nwait = no\nbind = 127.0.0.1\n"
    text = f"defaults\n{{\ncps = 0 0\ncontrol = {folder}/control.sock\n}}\n"
    for each in range(SERVICES):
        name, kind = {1: ("trap", "sensor"), 2: ("echo", "program")}.get(each, ("daytime", f"s{each}"))
        lines = common if each not in (1, 2) else common.replace("UNLISTED INTERNAL", "UNLISTED")
        lines += {1: "flags = SENSOR\ndeny_time = 60\n", 2: "server = /bin/echo\nserver_args = hello\n"}.get(each, "")
        text += f"service {name}\n{{\nid = {kind}\nport = {PORT + each}\nuser = {user}\n{lines}}}\n"
    return text


def visit(port, source="127.0.0.1"):
    with socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0)) as client:
        while client.recv(100):
            pass


def p99_ms(seconds, port=DAYTIME):
    times, due = [], time.perf_counter()
    for _ in range(int(seconds * RATE)):
        due += 1 / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        began = time.perf_counter()
        visit(port)
        times.append(time.perf_counter() - began)
    return statistics.quantiles(times, n=100)[98] * 1000


def in_a_loop(command):
    """A process of its own: a thread of this one would take turns with who measures."""
    return subprocess.Popen(["/bin/sh", "-c", 'while :; do "$@" >/dev/null 2>&1; done', "loop", *command])


def p99_beside(command, port):
    loop = in_a_loop(command)
    try:
        return p99_ms(SECONDS, port)
    finally:
        loop.kill()
        loop.wait()


def answers_ms(command, count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append((time.perf_counter() - began) * 1000)
    return times


def compare(name, port, command):
    alone, busy, asked = [], [], []
    for _ in range(TURNS):
        alone.append(p99_ms(SECONDS, port))
        busy.append(p99_beside(["/bin/sh", "-c", f"{command[0]} help status; sleep 0.12"], port))
        asked.append(p99_beside(command, port))
    middle = statistics.median
    print(f"{name}: p99 of a visit {middle(alone):.3f} ms alone, {middle(busy):.3f} ms beside a busy program, {middle(asked):.3f} ms while "
          f"asked (medians of {TURNS} turns)")
    print(f"{name}: asked is {middle(a / b for a, b in zip(asked, alone)):.2f} of alone, "
          f"{middle(a / b for a, b in zip(asked, busy)):.2f} of beside a busy program")


def main():
    reeved, reeve, verb = sys.argv[1], sys.argv[2], sys.argv[3:] or ["status"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.conf")
        path.write_text(configuration(folder))
        daemon = subprocess.Popen([reeved, "-dontfork", "-f", path, "-filelog", f"{folder}/log"])
        try:
            for _ in range(500):
                try:
                    visit(DAYTIME)
                    break
                except OSError:
                    time.sleep(0.01)
            for each in range(BANS):
                visit(SENSOR, f"127.1.{each // 250}.{each % 250 + 1}")
            command = [reeve, *verb, "--socket", f"{folder}/control.sock"]
            for name, port in ("built-in service", DAYTIME), ("program", PROGRAM):
                compare(name, port, command)
            answers = answers_ms(command, 50)
        finally:
            daemon.terminate()
            daemon.wait()
    middle = statistics.median
    print(f"answers: median {middle(answers):.1f} ms, slowest {max(answers):.1f} ms of {len(answers)}")


if __name__ == "__main__":
    main()
