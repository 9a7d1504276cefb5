#!/usr/bin/env python3
"""What does the tarpit cost?  tarpit.py REEVED REEVE [CLIENTS]  (default: 10,000)

One daemon with one sensor (sensor_reply = tarpit), and so many clients on loopback who stay. Prints what the engine needs before
and with all of them: its memory (Pss_Anon: what would be free without it), threads and descriptors, its processor time in 20
seconds of tending; and the kernel's memory for TCP and in slabs, which counts both ends of each connection, for the
clients run here, too. Needs a limit of open files above twice the number, and no root; loopback port 21000.
"""

import getpass
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORT = 21000
SECONDS = 20


def configuration(folder):
    return (f"defaults\n{{\ncps = 0 0\ncontrol = {folder}/control.sock\n}}\n"
            f"service trap\n{{\ntype = UNLISTED\nsocket_type = stream\nprotocol = tcp\nwait = no\nbind = 127.0.0.1\nport = {PORT}\n"
            f"user = {getpass.getuser()}\nflags = SENSOR\ndeny_time = 60\nsensor_reply = tarpit\n}}\n")


def client(each):
    made = socket.socket()
    made.bind((f"127.{2 + each // 62500}.{each // 250 % 250}.{each % 250 + 1}", 0))
    made.connect(("127.0.0.1", PORT))
    return made


def field(path, name):
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def tcp_pages():
    [line] = [line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:")]
    return int(line.split()[-1])


def measure(engine):
    ticks = Path(f"/proc/{engine}/stat").read_text().rsplit(")", 1)[1].split()
    try:
        descriptors = len(os.listdir(f"/proc/{engine}/fd"))
    except PermissionError:
        descriptors = -1
    try:
        memory = field(f"/proc/{engine}/smaps_rollup", "Pss_Anon:")
    except PermissionError:
        memory = field(f"/proc/{engine}/status", "RssAnon:")
    return {"memory_kb": memory, "rss_kb": field(f"/proc/{engine}/status", "VmRSS:"), "threads": field(f"/proc/{engine}/status", "Threads:"),
            "descriptors": descriptors, "cpu_s": (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"),
            "tcp_kb": tcp_pages() * os.sysconf("SC_PAGE_SIZE") // 1024, "slab_kb": field("/proc/meminfo", "Slab:")}


def main():
    reeved, reeve, number = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder, "bench.conf")
        path.write_text(configuration(folder))
        daemon = subprocess.Popen([reeved, "-dontfork", "-f", path, "-filelog", f"{folder}/log"])

        def status():
            return json.loads(subprocess.run([reeve, "status", "--json", "--socket", f"{folder}/control.sock"], capture_output=True,
                                             check=True).stdout)

        try:
            for _ in range(500):
                try:
                    engine = status()["engine_pid"]
                    break
                except (subprocess.CalledProcessError, ValueError):
                    time.sleep(0.01)
            before = measure(engine)
            clients = []
            for each in range(number):
                clients.append(client(each))
                assert clients[-1].recv(4) == b"220-"
            kept = status()
            full = measure(engine)
            time.sleep(SECONDS)
            after = measure(engine)
            print(f"{kept['tarpit']} of {number} are kept, {kept['bans']} bans")
            for name in ("memory_kb", "rss_kb", "threads", "descriptors", "tcp_kb", "slab_kb"):
                print(f"{name}: {before[name]} before, {after[name]} with all: {after[name] - before[name]:+}")
            print(f"processor time: {(after['cpu_s'] - full['cpu_s']) / SECONDS * 100:.2f} % of one processor")
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()
