"""Sensors and bans, on loopback. The machine of the sensor article has a file of its own."""

import pytest

from client import GUEST, ROGUE, ask, eventually, fetch, free_port
from daemon import builtin, program, sensor


def open_doors(daemon, **attributes):
    ports = {"trap": free_port(), "hello": free_port(), "echo": free_port()}
    text = (daemon.logging() + sensor("trap", ports["trap"], **({"deny_time": 5} | attributes))
            + program("hello", ports["hello"], "/bin/echo", "Hello") + builtin("echo", ports["echo"]))
    daemon.start(text)
    return ports, text


def test_who_touches_a_sensor_is_shut_out_of_everything(daemon):
    ports, _ = open_doors(daemon)
    assert fetch(ports["hello"], source=ROGUE) == b"Hello\n"
    assert fetch(ports["trap"], source=ROGUE) == b""
    assert fetch(ports["hello"], source=ROGUE) == fetch(ports["echo"], b"x", source=ROGUE) == b""
    assert fetch(ports["hello"], source=GUEST) == b"Hello\n"
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    daemon.await_lines(f"FAIL: hello address from={ROGUE}$")
    eventually(lambda: f"Adding {ROGUE} to the global_no_access list for 5 minutes" in daemon.said())


def test_never_only_tells(daemon):
    ports, _ = open_doors(daemon, deny_time="NEVER")
    assert fetch(ports["trap"], source=ROGUE) == b""
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    assert fetch(ports["hello"], source=ROGUE) == b"Hello\n"


def test_a_ban_outlives_a_reload(daemon):
    ports, text = open_doors(daemon)
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: fetch(ports["hello"], source=ROGUE) == b"")
    daemon.reload(text)
    assert fetch(ports["hello"], source=ROGUE) == b""
    assert fetch(ports["hello"], source=GUEST) == b"Hello\n"


@pytest.mark.better("anybody's address can be forged")
def test_own_addresses_cannot_be_banned(daemon):
    ports, _ = open_doors(daemon)
    assert fetch(ports["trap"]) == b""
    daemon.await_lines("FAIL: trap address from=127.0.0.1$")
    assert fetch(ports["hello"]) == b"Hello\n"


def test_a_datagram_sensor_says_nothing(daemon):
    port, hello = free_port(), free_port()
    daemon.start(daemon.logging() + sensor("trap", port, kind="dgram", deny_time=5) + program("hello", hello, "/bin/echo", "Hello"))
    assert ask(port, b"x", source=ROGUE, seconds=0.3) == []
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    assert fetch(hello, source=GUEST) == b"Hello\n"


@pytest.mark.better("one forged datagram shuts out whom the forger likes")
def test_datagrams_need_not_ban(daemon):
    port, hello = free_port(), free_port()
    daemon.start(daemon.logging() + sensor("trap", port, "udp_bans = no", kind="dgram", deny_time=5)
                 + program("hello", hello, "/bin/echo", "Hello"))
    ask(port, b"x", source=ROGUE, seconds=0.3)
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    assert fetch(hello, source=ROGUE) == b"Hello\n"
