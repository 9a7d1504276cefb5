#!/usr/bin/env python3
"""Is the last of N services served as fast as the only one?  many_services.py REEVED [N]

Two daemons side by side, one with one service and one with N (default 1000), are visited in turns, A B A B; the figure is
the ratio of their times, the median over the turns: 1.0 is what should come out. Needs no root; loopback ports from 20000.
"""

import getpass
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS, VISITS = 15, 100
USER = getpass.getuser()


def service(name, port):
    return (f"service {name}\n{{\ntype = UNLISTED\nsocket_type = stream\nprotocol = tcp\nport = {port}\nwait = no\nuser = {USER}\n"
            f"server = /bin/echo\nserver_args = x\ncps = 100000 1\nbind = 127.0.0.1\n}}\n")


def visit(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        while client.recv(100):
            pass


def seconds(port):
    began = time.monotonic()
    for _ in range(VISITS):
        visit(port)
    return time.monotonic() - began


def wait_for(port):
    for _ in range(1000):
        try:
            return visit(port)
        except OSError:
            time.sleep(0.01)
    sys.exit(f"nobody listens at port {port}")


def main():
    server, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as folder:
        daemons = []
        try:
            for name, ports in (("one", [20000]), ("many", range(20001, 20001 + count))):
                path = Path(folder, name)
                path.write_text("".join(service(f"s{port}", port) for port in ports))
                daemons.append(subprocess.Popen([server, "-dontfork", "-f", path, "-filelog", f"{path}.log"]))
            one, last = 20000, 20000 + count
            for port in (one, last):
                wait_for(port)
            ratios = [seconds(last) / seconds(one) for _ in range(TURNS)]
        finally:
            for daemon in daemons:
                daemon.terminate()
                daemon.wait()
    print(f"the last of {count} services against the only one: {statistics.median(ratios):.2f} of its time "
          f"(from {min(ratios):.2f} to {max(ratios):.2f} in {TURNS} turns)")


if __name__ == "__main__":
    main()
