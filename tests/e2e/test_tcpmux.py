"""tcpmux (RFC 1078): services by name behind one port, each with its own rules."""

import os
import re
import signal
import socket

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, read_all
from daemon import USER, builtin, entry, program

pytestmark = pytest.mark.reeve_only("xinetd's tcpmux reads a name once, knows no help and logs nothing")

NOT_FOUND = b"-Service name not found\r\n"


def behind(name, server="/bin/echo", arguments="HELLO", *lines, kind="TCPMUX UNLISTED", **attributes):
    common = {"type": kind, "socket_type": "stream", "protocol": "tcp", "wait": "no", "user": USER, "server": server,
              "server_args": arguments}
    return entry(f"service {name}", *lines, **(common | attributes))


def start(daemon, *services, **attributes):
    port = free_port()
    daemon.start(daemon.logging() + builtin("tcpmux", port, **attributes) + "".join(services))
    return port


def ask(port, said, source="127.0.0.1"):
    """The whole answer to a client that goes on listening."""
    with connect(port, source) as sock:
        sock.sendall(said)
        return read_all(sock)


def test_a_name_leads_to_its_service(daemon):
    port = start(daemon, behind("first", arguments="+FIRST"), behind("second", kind="TCPMUXPLUS UNLISTED"))
    assert ask(port, b"first\r\n") == b"+FIRST\n"
    assert ask(port, b"SeCoNd\r\n") == b"+Go\r\nHELLO\n"
    assert ask(port, b"second\n") == b"+Go\r\nHELLO\n"
    for unknown in (b"third", b"", b"first ", b"\0first", b"\xff\xfe"):
        assert ask(port, unknown + b"\r\n") == NOT_FOUND


def test_what_follows_the_name_is_the_services(daemon):
    port = start(daemon, behind("cat", "/bin/cat", None, kind="TCPMUXPLUS UNLISTED"))
    assert fetch(port, b"cat\r\nin one packet\n") == b"+Go\r\nin one packet\n"
    large = os.urandom(300_000)
    with connect(port) as sock:
        for byte in b"cat\r\n":
            sock.sendall(bytes([byte]))
        assert sock.recv(5, socket.MSG_WAITALL) == b"+Go\r\n"
        sock.sendall(large[:1000])
        got = b""
        while len(got) < 1000:
            got += sock.recv(65536)
        assert got == large[:1000]


def test_a_line_has_a_bound(daemon):
    port = start(daemon, behind("x" * 254), behind("y" * 260))
    assert ask(port, b"x" * 254 + b"\r\n") == b"HELLO\n"
    assert ask(port, b"y" * 260 + b"\r\n" + b"z" * 100_000).startswith(b"-")
    with connect(port) as sock:
        sock.sendall(b"q" * 256)  # without an end
        assert read_all(sock).startswith(b"-")


def test_help_lists_what_the_client_may_use(daemon):
    port = start(daemon, behind("first"), behind("second", kind="TCPMUXPLUS UNLISTED"), behind("off", disable="yes"),
                 behind("private", only_from=ROGUE), program("ordinary", free_port(), "/bin/echo"))
    assert ask(port, b"HELP\r\n", GUEST) == b"first\r\nsecond\r\n"
    assert ask(port, b"help\r\n", ROGUE) == b"first\r\nsecond\r\nprivate\r\n"


def test_only_services_meant_for_it_are_reached(daemon):
    """CVE-2012-0862: tcpmux started every enabled service, past its access lists and the lack of its port."""
    ordinary = free_port()
    port = start(daemon, program("ordinary", ordinary, "/bin/echo", "SECRET", only_from=ROGUE), behind("off", disable="yes"),
                 builtin("echo", free_port()))
    for name in (b"ordinary", b"off", b"echo", b"tcpmux"):
        assert ask(port, name + b"\r\n") == NOT_FOUND
    assert ask(ordinary, b"", ROGUE) == b"SECRET\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has users to choose from")
def test_user_and_group_are_the_services(daemon):
    """CVE-2013-4342: they were ignored, everything behind tcpmux ran as root."""
    port = start(daemon, behind("who", "/usr/bin/id", None, user="nobody", group="games"))
    found = ask(port, b"who\r\n").decode()
    assert re.match(r"uid=\d+\(nobody\) gid=\d+\(games\) groups=\d+\(games\)\n$", found)


def test_each_service_has_its_own_rules_and_its_own_log(daemon):
    welcome, sorry = daemon.file("welcome", "welcome\n"), daemon.file("sorry", "sorry\n")
    port = start(daemon, behind("closed", kind="TCPMUXPLUS UNLISTED", only_from=ROGUE, banner_success=welcome, banner_fail=sorry),
                 behind("one", "/bin/cat", None, instances="1"), behind("plain", no_access=GUEST))
    assert ask(port, b"closed\r\n", ROGUE) == b"+Go\r\nwelcome\nHELLO\n"
    assert ask(port, b"closed\r\n", GUEST) == NOT_FOUND + b"sorry\n"
    assert ask(port, b"plain\r\n", GUEST) == NOT_FOUND
    daemon.await_lines(rf"FAIL: closed address from={GUEST}$")
    daemon.await_lines(rf"FAIL: plain address from={GUEST}$")
    daemon.await_lines(rf"START: closed pid=\d+ from={ROGUE}$")
    daemon.await_lines(r"EXIT: closed status=0 pid=\d+ ")
    with connect(port) as held:
        held.sendall(b"one\r\nx")
        assert held.recv(10) == b"x"
        assert ask(port, b"one\r\n") == NOT_FOUND
        daemon.await_lines(r"FAIL: one service_limit from=127.0.0.1$")
    eventually(lambda: fetch(port, b"one\r\ny") == b"y")


def test_its_own_rules_come_first(daemon):
    port = start(daemon, behind("cat", "/bin/cat", None), only_from=GUEST, instances="1")
    assert ask(port, b"cat\r\n", ROGUE) == b""
    daemon.await_lines(rf"FAIL: tcpmux address from={ROGUE}$")
    with connect(port, GUEST) as held:
        held.sendall(b"cat\r\nx")
        assert held.recv(10) == b"x"
        assert ask(port, b"cat\r\n", GUEST) == b"", "instances of tcpmux bounds all that is behind it"
    eventually(lambda: fetch(port, b"cat\r\ny", GUEST) == b"y")


def test_the_silent_and_the_slow_hold_up_nobody(daemon):
    port = start(daemon, behind("first"))
    silent = [connect(port) for _ in range(50)]
    for sock in silent[::2]:
        sock.sendall(b"fir")
    assert ask(port, b"first\r\n") == b"HELLO\n"
    eventually(lambda: not daemon.servers())
    silent[0].sendall(b"st\r\n")
    assert read_all(silent[0]) == b"HELLO\n"
    # A client that goes away in the middle leaves nothing behind.
    for sock in silent:
        sock.close()
    daemon.await_lines("EXIT: tcpmux ", 51)


@pytest.mark.limit(90)
def test_who_says_nothing_is_let_go(daemon):
    port = start(daemon, behind("first"))
    with connect(port, seconds=40) as sock:
        sock.sendall(b"fir")
        assert read_all(sock) == b""


def test_built_in_services_stand_behind_it_too(daemon):
    port = start(daemon, entry("service echo", type="INTERNAL TCPMUXPLUS UNLISTED", id="echo-mux", socket_type="stream", protocol="tcp",
                               wait="no", user=USER))
    assert fetch(port, b"echo\r\nback\n") == b"+Go\r\nback\n"
    daemon.await_lines("EXIT: echo-mux ")


def test_a_reload_changes_what_is_behind_it(daemon):
    port = free_port()
    mux = builtin("tcpmux", port)
    daemon.start(daemon.logging() + mux + behind("old", "/bin/cat", None))
    with connect(port) as held, connect(port) as asking:
        held.sendall(b"old\r\nx")
        assert held.recv(10) == b"x"
        asking.sendall(b"ne")
        daemon.reload(daemon.logging() + mux + behind("new") + behind("old", "/bin/cat", None))
        asking.sendall(b"w\r\n")
        assert read_all(asking) == b"HELLO\n"
        held.sendall(b"still here")
        assert held.recv(100) == b"still here"
    daemon.reload(daemon.logging() + mux + behind("new"))
    assert ask(port, b"old\r\n") == NOT_FOUND
    assert ask(port, b"help\r\n") == b"new\r\n"


def test_a_dead_engine_loses_no_service_behind_it(daemon):
    port = start(daemon, behind("cat", "/bin/cat", None, instances="1"))
    with connect(port) as held:
        held.sendall(b"cat\r\nx")
        assert held.recv(10) == b"x"
        engine = daemon.engine()
        os.kill(engine, signal.SIGKILL)
        eventually(lambda: daemon.engine() not in (None, engine))
        held.sendall(b"on")
        assert held.recv(10) == b"on"
        assert eventually(lambda: ask(port, b"cat\r\n")) == NOT_FOUND
