"""What a server program gets, and what it can't do to others."""

import os
import signal
import socket
import threading
import time

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, says_back
from conftest import IS_REEVE
from daemon import USER, builtin, descriptors_of, program, real_user_of, state_of


def test_answers_come_from_the_program(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "Hello"))
    assert fetch(port) == b"Hello\n"
    daemon.await_lines(r"START: hello pid=\d+ from=127.0.0.1$")
    daemon.await_lines(r"EXIT: hello status=0 pid=\d+ duration=0\(sec\)$")


@pytest.mark.parametrize("kind", ["stream", "waiting stream", "datagram"])
def test_descriptors_are_the_connection_and_nothing_else(daemon, kind):
    port = free_port()
    attributes = {"stream": {}, "waiting stream": {"wait": "yes"},
                  "datagram": {"wait": "yes", "socket_type": "dgram", "protocol": "udp"}}[kind]
    others = "".join(builtin("echo", free_port(), id=f"echo-{i}") for i in range(20))
    daemon.start(daemon.logging() + others + program("sleeper", port, "/bin/sleep", "30", **attributes))
    if kind == "datagram":
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.sendto(b"x", ("127.0.0.1", port))
    with connect(port) if kind != "datagram" else socket.socket():
        [pid] = eventually(lambda: daemon.servers("sleep"))
        found = descriptors_of(pid)
    assert sorted(found) == [0, 1, 2]
    assert len(set(found.values())) == 1 and found[0].startswith("socket:")


def test_signals_and_credentials_are_clean(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("status", port, "/bin/cat", "/proc/self/status"))
    status = dict(line.split(":\t", 1) for line in fetch(port).decode().splitlines() if ":\t" in line)
    for field in ("SigBlk", "SigIgn", "SigCgt", "SigPnd"):
        assert int(status[field], 16) == 0, field
    assert status["NoNewPrivs"] == "0", "set-user-id programs must go on working"
    if os.geteuid() == 0:
        assert len(set(status["Uid"].split())) == 1 and status["Uid"].split()[0] != "0"
        assert status["Groups"].strip() == ""
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0


def test_environment_names_the_visitor(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("env", port, "/usr/bin/env", env="COLOUR=green", passenv="PATH"))
    words = fetch(port, source=GUEST).decode().split()
    assert f"REMOTE_HOST={GUEST}" in words and "COLOUR=green" in words
    assert not any(word.startswith("LANG=") for word in words)


def test_a_program_that_goes_costs_that_service_only(daemon):
    """A package is being upgraded: for a moment the program is not there."""
    port, other = free_port(), free_port()
    late = daemon.file("late", "#!/bin/sh\necho here now\n", mode=0o755)
    daemon.start(daemon.logging() + program("late", port, late) + program("hello", other, "/bin/echo", "Hello"))
    away = late.rename(daemon.folder / "away")
    assert fetch(port) == b""
    if IS_REEVE:
        daemon.await_lines("FAIL: late exec from=127.0.0.1$")
    assert fetch(other) == b"Hello\n"
    away.rename(late)
    assert fetch(port) == b"here now\n"


def test_a_crash_is_told(daemon):
    port = free_port()
    crash = daemon.file("crash", "#!/bin/sh\nkill -SEGV $$\n", mode=0o755)
    daemon.start(daemon.logging() + program("crash", port, crash))
    for _ in range(3):
        fetch(port)
    daemon.await_lines(r"EXIT: crash signal=11 pid=\d+ duration=\d+\(sec\)$", count=3)


def test_nothing_is_left_of_a_hundred_visits(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("true", port, "/bin/true"))
    fetch(port)
    daemon.await_lines("EXIT: true")
    before = {pid: len(descriptors_of(pid)) for pid in [daemon.process.pid, *daemon.descendants()]}
    for _ in range(100):
        fetch(port)
    daemon.await_lines("EXIT: true", count=101)
    eventually(lambda: daemon.descendants() == [pid for pid in before if pid != daemon.process.pid], what="processes stayed")
    eventually(lambda: {pid: len(descriptors_of(pid)) for pid in before} == before, what="descriptors stayed")


def test_a_stopped_server_stalls_nobody(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat"))
    with connect(port) as held:
        assert says_back(held)
        [pid] = daemon.servers("cat")
        os.kill(pid, signal.SIGSTOP)
        eventually(lambda: state_of(pid) == "T")
        started = time.monotonic()
        for _ in range(20):
            assert fetch(port, b"x", source=ROGUE) == b"x"
        assert time.monotonic() - started < 5
        os.kill(pid, signal.SIGCONT)
        assert says_back(held)


def test_stopping_servers_while_they_start_stalls_nobody(daemon):
    """Who owns the service's user can stop a process between the change of user and the exec."""
    port, other = free_port(), free_port()
    daemon.start(daemon.logging() + program("victim", port, "/bin/true") + builtin("echo", other))
    engine, stopped, done = daemon.engine(), set(), threading.Event()

    def stop_all():
        while not done.is_set():
            for pid in daemon.descendants():
                if pid not in stopped and pid != engine:
                    try:
                        # The user's rights reach only what runs as that user.
                        if os.geteuid() != 0 or real_user_of(pid) != 0:
                            os.kill(pid, signal.SIGSTOP)
                            stopped.add(pid)
                    except OSError:
                        pass

    attacker = threading.Thread(target=stop_all)
    attacker.start()
    worst, held = 0.0, []
    try:
        for _ in range(60):
            held.append(connect(port))
            started = time.monotonic()
            assert fetch(other, b"x") == b"x"
            worst = max(worst, time.monotonic() - started)
    finally:
        done.set()
        attacker.join()
        for pid in stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except OSError:
                pass
        for sock in held:
            sock.close()
    assert worst < 1.0, f"somebody else waited {worst:.2f} s"
    assert fetch(other, b"still there") == b"still there"


def test_limits_hold_and_are_given_back(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat", instances=3, per_source=2))
    first, second = connect(port, ROGUE), connect(port, ROGUE)
    assert says_back(first) and says_back(second)
    assert fetch(port, b"x", source=ROGUE) == b""
    third = connect(port, GUEST)
    assert says_back(third)
    assert fetch(port, b"x", source="127.0.0.88") == b""
    daemon.await_lines(f"FAIL: cat per_source_limit from={ROGUE}$")
    daemon.await_lines("FAIL: cat service_limit from=127.0.0.88$")
    for sock in (first, second, third):
        sock.close()
    daemon.await_lines("EXIT: cat", count=3)
    assert eventually(lambda: fetch(port, b"y", source=ROGUE) == b"y")


@pytest.mark.root
def test_programs_run_as_the_user_that_the_file_names(daemon):
    port, other = free_port(), free_port()
    daemon.start(daemon.logging() + program("id", port, "/usr/bin/id", "-un") + program("id", other, "/usr/bin/id", "-un", id="root-id", user="root"))
    assert fetch(port).decode().strip() == USER
    assert fetch(other).decode().strip() == "root"


def test_without_selinux_nobody_is_served_at_the_wrong_label(daemon):
    if os.path.exists("/sys/fs/selinux/enforce"):
        pytest.skip("this machine has SELinux")
    port = free_port()
    daemon.start(daemon.logging() + program("labeled", port, "/bin/echo", "hi", flags="IPv4 LABELED"))
    assert fetch(port) == b""
    daemon.await_lines("FAIL: labeled fork from=127.0.0.1$")
    eventually(lambda: "service labeled: LABELED: " in daemon.said(), what=daemon.said)


def test_how_often_one_source_may_come(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "hi", rate_per_source="3/1h"))
    assert [fetch(port, source=GUEST) for _ in range(4)] == [b"hi\n"] * 3 + [b""]
    daemon.await_lines(f"FAIL: hello per_source_limit from={GUEST}$")
    assert fetch(port, source=ROGUE) == b"hi\n"
