"""Bans that grow and hold networks, who is never banned, and what adds up to a ban."""

import os
import re
import socket
import threading

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port
from control import ask, reeve
from daemon import builtin, entry, program, sensor
from namespaces import Host
from test_control_orders import start

pytestmark = pytest.mark.reeve_only("it has no such bans")
SCORES = "penalties = refused:10 early_close:10 silent:30 crash:40"


def await_said(daemon, pattern):
    eventually(lambda: re.search(pattern, daemon.said()), what=lambda: f"no line of {pattern!r} came:\n{daemon.said()}")


def bans(daemon):
    return ask(daemon, "bans")["bans"]


# ---------------------------------------------------------------- bans that grow
def test_the_next_ban_is_longer(daemon):
    trap, hello = free_port(), free_port()
    start(daemon, daemon.logging("ban_growth = 3", "ban_max = 60") + sensor("trap", trap, deny_time=10)
          + program("hello", hello, "/bin/echo", "Hello"))
    fetch(trap, source=ROGUE)
    await_said(daemon, f"Adding {ROGUE} to the global_no_access list for 10 minutes")
    # Nobody can wait for that: what is known of somebody who was banned is that his ban ended, which a short one does soon.
    reeve(daemon, "unban", ROGUE)
    reeve(daemon, "ban", ROGUE, "for", "1s")
    eventually(lambda: fetch(hello, source=ROGUE) == b"Hello\n")
    eventually(lambda: bans(daemon) == [], what="the ban was not swept")
    fetch(trap, source=ROGUE)
    await_said(daemon, f"Adding {ROGUE} to the global_no_access list for 30 minutes")
    (ban,) = bans(daemon)
    assert ban["origin"] == "sensor" and ban["times"] == 2


def test_a_lift_is_a_pardon(daemon):
    trap = free_port()
    start(daemon, daemon.logging("ban_growth = 3") + sensor("trap", trap, deny_time=10))
    fetch(trap, source=ROGUE)
    eventually(lambda: len(bans(daemon)) == 1)
    reeve(daemon, "unban", ROGUE)
    fetch(trap, source=ROGUE)
    eventually(lambda: len(bans(daemon)) == 1)
    assert bans(daemon)[0]["times"] == 1


def test_a_network_is_banned(daemon):
    trap, hello = free_port(), free_port()
    start(daemon, daemon.logging("ban_prefix = 30 64") + sensor("trap", trap, deny_time=10)
          + program("hello", hello, "/bin/echo", "Hello"))
    fetch(trap, source="127.0.0.65")
    await_said(daemon, "Adding 127.0.0.64/30 to the global_no_access list for 10 minutes")
    assert fetch(hello, source="127.0.0.67") == b""
    assert fetch(hello, source="127.0.0.68") == b"Hello\n"


# ---------------------------------------------------------------- who is never banned
def test_whom_never_ban_names(daemon):
    trap, hello = free_port(), free_port()
    start(daemon, daemon.logging("never_ban = 127.0.0.64/29", "never_ban += 127.9.0.0", "never_ban -= 127.9.0.0")
          + sensor("trap", trap, deny_time=10) + program("hello", hello, "/bin/echo", "Hello"))
    fetch(trap, source=ROGUE)
    await_said(daemon, f"sensor trap was touched by {ROGUE}, named by never_ban: not banned")
    assert fetch(hello, source=ROGUE) == b"Hello\n"
    assert "lies in 127.0.0.64/29, named by never_ban" in reeve(daemon, "ban", ROGUE, check=1).stderr
    assert "holds 127.0.0.64/29" in reeve(daemon, "ban", "127.0.0.0/16", check=1).stderr
    reeve(daemon, "ban", "127.9.0.0/16")
    # A ban that was there before holds for nobody who is spared since.
    daemon.reload(daemon.logging("never_ban = 127.9.0.0") + sensor("trap", trap, deny_time=10)
                  + program("hello", hello, "/bin/echo", "Hello"))
    assert fetch(hello, source="127.9.0.1") == b"Hello\n"


def test_of_those_who_are_spared_a_few_are_told(daemon):
    trap = free_port()
    start(daemon, daemon.logging("never_ban = 127.0.0.0") + sensor("trap", trap, deny_time=10))
    for last in range(1, 20):
        fetch(trap, source=f"127.0.0.{last}")
    daemon.await_lines("FAIL: trap address from=127.0.0.19$")
    assert daemon.said().count(": not banned") == 6


def test_the_operator_does_not_shut_out_himself(daemon):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    session = {"SSH_CONNECTION": "192.0.2.7 50022 198.51.100.1 22"}
    assert "192.0.2.7 is the address that you work from" in reeve(daemon, "ban", "192.0.2.7", check=1, env=session).stderr
    assert "holds 192.0.2.7" in reeve(daemon, "ban", "192.0.2.0/24", check=1, env=session).stderr
    assert bans(daemon) == []
    reeve(daemon, "ban", "192.0.2.8", env=session)
    reeve(daemon, "ban", "192.0.2.0/24", "--even-me", env=session)
    assert len(bans(daemon)) == 2


def test_a_sensor_spares_who_is_at_work(daemon):
    trap, echo = free_port(), free_port()
    start(daemon, daemon.logging() + sensor("trap", trap, deny_time=5) + builtin("echo", echo))
    session = {"SSH_CONNECTION": f"{ROGUE} 50022 198.51.100.1 22"}
    reeve(daemon, "status", env=session)
    fetch(trap, source=ROGUE)
    assert fetch(echo, b"x", source=ROGUE) == b"x"
    eventually(lambda: f"{ROGUE}, where an operator of the daemon works: not banned" in daemon.said(), what=daemon.said)
    assert bans(daemon) == []
    # Who means it is shut out, and has then to come from elsewhere.
    reeve(daemon, "ban", ROGUE, "--even-me", env=session)
    assert fetch(echo, b"x", source=ROGUE) == b""


@pytest.fixture
def host():
    """A machine with a network: two addresses, a gateway, a name server; and a neighbour."""
    try:
        machine = Host("ip link add eth0 type veth peer name eth1\nip link set eth0 up\nip link set eth1 up\n"
                       "ip addr add 192.0.2.7/24 dev eth0\nip addr add 192.0.2.66/32 dev lo\nip addr add 192.0.2.1/32 dev lo\n"
                       "ip route add default via 192.0.2.254\n"
                       "echo nameserver 192.0.2.53 > /tmp/reeve-resolv.$$\nmount --bind /tmp/reeve-resolv.$$ /etc/resolv.conf\n"
                       "rm /tmp/reeve-resolv.$$")
    except RuntimeError as error:
        pytest.skip(str(error))
    yield machine
    machine.close()


@pytest.mark.root
def test_what_the_machine_needs_is_spared(daemon, host):
    daemon.host = host
    trap = free_port()
    with host.inside():
        start(daemon, daemon.logging() + sensor("trap", trap, deny_time=10))

        def why(*words):
            return reeve(daemon, "ban", *words, check=1).stderr

        assert "192.0.2.7, an address of this machine" in why("192.0.2.0/28")
        assert "a default gateway" in why("192.0.2.254")
        assert "a name server of this machine" in why("192.0.2.53")
        # Its own address touches the sensor from outside of lo; another one, of lo, is anybody's.
        with socket.create_connection(("192.0.2.66", trap), source_address=("192.0.2.7", 0), timeout=5) as sock:
            assert sock.recv(1) == b""
        await_said(daemon, "sensor trap was touched by 192.0.2.7, an address of this machine: not banned")
        with socket.create_connection(("192.0.2.7", trap), source_address=("192.0.2.66", 0), timeout=5) as sock:
            assert sock.recv(1) == b""
        await_said(daemon, "Adding 192.0.2.66 to the global_no_access list for 10 minutes")
        # It hears of an address that comes.
        host.run("ip", "addr", "add", "203.0.113.9/24", "dev", "eth0")
        eventually(lambda: reeve(daemon, "ban", "203.0.113.9", "for", "1s", check=None).returncode == 1, 10)


# ---------------------------------------------------------------- penalties
def test_refusals_add_up(daemon):
    shut, hello = free_port(), free_port()
    start(daemon, daemon.logging(SCORES, "penalty_limit = 45 120", "penalty_decay = 3600")
          + program("shut", shut, "/bin/echo", "no", no_access="127.0.0.64/26") + program("hello", hello, "/bin/echo", "Hello"))
    for _ in range(4):
        assert fetch(shut, source=ROGUE) == b""
    daemon.await_lines(f"FAIL: shut address from={ROGUE}$", 4)
    assert fetch(hello, source=ROGUE) == b"Hello\n"
    assert fetch(shut, source=ROGUE) == b""
    await_said(daemon, f"Adding {ROGUE} to the global_no_access list for 2 minutes: penalties .*: refused 5")
    assert fetch(hello, source=ROGUE) == b""
    assert fetch(hello, source=GUEST) == b"Hello\n"
    (ban,) = bans(daemon)
    assert ban["origin"] == "penalty" and ban["reason"].endswith("refused 5")


def test_a_crash_counts(daemon):
    crash, hello = free_port(), free_port()
    start(daemon, daemon.logging(SCORES, "penalty_limit = 75 120", "penalty_decay = 3600")
          + program("crash", crash, "/bin/sh", "-c kill$IFS-SEGV$IFS$$")
          + program("hello", hello, "/bin/echo", "Hello"))
    for _ in range(2):
        fetch(crash, source=ROGUE)
    await_said(daemon, f"Adding {ROGUE} to the global_no_access list for 2 minutes: penalties .*: crash 2")
    eventually(lambda: fetch(hello, source=ROGUE) == b"")


def test_who_leaves_without_a_word(daemon):
    echo, hello = free_port(), free_port()
    target = socket.create_server(("127.0.0.1", 0))

    def serve():  # says nothing, and leaves after its client
        for _ in range(2):
            with target.accept()[0] as visitor:
                visitor.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    relay = free_port()
    start(daemon, daemon.logging(SCORES, "penalty_limit = 38 120", "penalty_decay = 3600") + builtin("echo", echo)
          + entry("service relay", type="UNLISTED", socket_type="stream", protocol="tcp", port=relay, wait="no", flags="IPv4",
                  user="root" if os.geteuid() == 0 else None, redirect=f"127.0.0.1 {target.getsockname()[1]}")
          + program("hello", hello, "/bin/echo", "Hello"))
    assert fetch(echo, b"x", source=GUEST) == b"x"
    for port in (echo, echo, relay, relay):
        connect(port, source=ROGUE).close()
    await_said(daemon, f"Adding {ROGUE} to the global_no_access list for 2 minutes: penalties .*: early_close 4")
    assert fetch(hello, source=GUEST) == b"Hello\n"


def test_whom_limits_refuse_did_nothing_wrong(daemon):
    cat = free_port()
    start(daemon, daemon.logging(SCORES, "penalty_limit = 15 120") + program("cat", cat, "/bin/cat", instances=1))
    with connect(cat, source=GUEST) as held:
        held.sendall(b"x")
        assert held.recv(1) == b"x"
        for _ in range(5):
            assert fetch(cat, source=ROGUE) == b""
    daemon.await_lines(f"FAIL: cat service_limit from={ROGUE}$", 5)
    assert bans(daemon) == []


def test_penalties_outlive_a_reload_and_end_with_them(daemon):
    shut = free_port()
    with_penalties = daemon.logging(SCORES, "penalty_limit = 25 120", "penalty_decay = 3600")
    service = program("shut", shut, "/bin/echo", "no", no_access="127.0.0.64/26")
    start(daemon, with_penalties + service)
    for _ in range(2):
        fetch(shut, source=ROGUE)
    daemon.await_lines(f"FAIL: shut address from={ROGUE}$", 2)
    daemon.reload(with_penalties + service)
    fetch(shut, source=ROGUE)
    eventually(lambda: len(bans(daemon)) == 1)
    reeve(daemon, "unban", ROGUE)
    daemon.reload(daemon.logging() + service)
    for _ in range(5):
        fetch(shut, source=ROGUE)
    daemon.await_lines(f"FAIL: shut address from={ROGUE}$", 8)
    assert bans(daemon) == []


# ---------------------------------------------------------------- pressure
def test_a_machine_under_pressure(daemon):
    if not os.path.exists("/proc/pressure/cpu"):
        pytest.skip("this kernel does not tell /proc/pressure")
    hello = free_port()
    text = daemon.logging() + program("hello", hello, "/bin/echo", "Hello", max_pressure="cpu:100 memory:100 io:100")
    daemon.start(text)
    assert fetch(hello) == b"Hello\n"
    # Any machine that runs this has lost some time to waiting.
    daemon.reload(daemon.logging() + program("hello", hello, "/bin/echo", "Hello", max_pressure="cpu:0.000001"))
    with open("/proc/pressure/cpu") as file:
        if "avg10=0.00" in file.readline():
            pytest.skip("this machine has not waited for a processor")
    assert fetch(hello) == b""
    daemon.await_lines("FAIL: hello pressure from=127.0.0.1$")
