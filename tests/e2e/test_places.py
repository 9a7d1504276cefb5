"""Several ports and addresses in one service."""

import os
import re

import pytest

from client import connect, eventually, fetch, free_port, read_all, refused
from daemon import builtin, program, sensor


def test_every_port_of_a_list_and_a_range_is_served(daemon):
    first = free_port()
    while first + 3 > 20000:
        first = free_port()
    other = free_port()
    ports = [*range(first, first + 4), other]
    daemon.start(daemon.logging() + program("hello", f"{first}-{first + 3} {other}", "/bin/echo", "hello"))
    for port in ports:
        assert fetch(port) == b"hello\n"
    daemon.await_lines(r"START: hello ", count=len(ports))
    assert refused(first + 4) or first + 4 == other


def test_limits_count_for_the_whole_entry(daemon):
    ports = [free_port(), free_port()]
    daemon.start(daemon.logging() + program("cat", f"{ports[0]} {ports[1]}", "/bin/cat", instances=2))
    held = [connect(port) for port in ports]
    for each in held:
        each.sendall(b"x")
        assert each.recv(1) == b"x"
    assert read_all(connect(ports[0])) == b""
    assert read_all(connect(ports[1])) == b""
    assert len(daemon.await_lines(r"FAIL: cat service_limit", count=2)) == 2
    for each in held:
        each.close()
    assert eventually(lambda: fetch(ports[1], b"again") == b"again")


def test_a_reload_keeps_what_stays_of_a_range(daemon):
    ports = sorted(free_port() for _ in range(3))
    text = daemon.logging() + program("cat", "@", "/bin/cat")
    daemon.start(text.replace("@", f"{ports[0]} {ports[1]}"))
    held = connect(ports[1])
    held.sendall(b"x")
    assert held.recv(1) == b"x"
    daemon.reload(text.replace("@", f"{ports[1]} {ports[2]}"))
    assert "0 removed, 1 changed; 2 listeners opened, 1 closed, 1 kept" in daemon.said()
    held.sendall(b"y")
    assert held.recv(1) == b"y"
    assert fetch(ports[2], b"z") == b"z"
    assert eventually(lambda: refused(ports[0]))


def test_a_server_gets_each_listener_of_its_own(daemon):
    # wait = yes: one server at each port, both at once.
    ports = [free_port(), free_port()]
    script = daemon.file("accept", "#!/usr/bin/python3 -S\nimport socket\ns = socket.socket(fileno=0)\nc, _ = s.accept()\n"
                         "c.sendall(b'hi')\nc.recv(1)\n", 0o755)
    daemon.start(daemon.logging() + program("taker", f"{ports[0]} {ports[1]}", script, wait="yes"))
    held = [connect(port) for port in ports]
    for each in held:
        assert each.recv(2) == b"hi"
    for each in held:
        each.close()
    for port in ports:  # and again: the listeners come back
        with connect(port) as again:
            assert again.recv(2) == b"hi"


@pytest.mark.root
def test_a_sensor_at_thousands_of_ports(daemon):
    """All ports of one range, but for those that somebody else has; bounded memory."""
    import socket

    taken, named = free_port(), free_port()
    with socket.socket() as blocker:
        blocker.bind(("127.0.0.1", taken))
        blocker.listen()
        daemon.start(daemon.logging() + builtin("echo", named, bind="127.0.0.1") +
                     sensor("trap", "4096-19999", deny_time="NEVER", bind="127.0.0.1", cps="0 0"))
        eventually(lambda: re.search(rf"1 port of its range is another program's: {taken}", daemon.said()))
        assert fetch(named, b"x") == b"x"
        for port in (4096, 4100, 19999):
            connect(port).close()
        daemon.await_lines("FAIL: trap address", count=3)
        for pid in (daemon.process.pid, daemon.engine()):
            with open(f"/proc/{pid}/status") as status:
                resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
            assert resident < 40_000, f"{resident} KiB"
