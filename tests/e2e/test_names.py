"""Access by name: who is let in, who waits for a name server, and who does not."""

import json
import socket

import pytest

from client import ask, connect, eventually, fetch, free_port, says_back
from daemon import builtin, program
from name_server import NameServer, resolving

pytestmark = [pytest.mark.root, pytest.mark.reeve_only("xinetd believes any name, and waits")]

GOOD, FORGED, NAMELESS, LISTED = "127.0.6.1", "127.0.6.2", "127.0.6.3", "127.0.6.4"
HOSTS = f"127.0.0.1 localhost\n{LISTED} listed.example second.example\n"


@pytest.fixture
def names(daemon):
    server = NameServer({GOOD: "Good.test.example", FORGED: "good.test.example"}, {"good.test.example": [GOOD]})
    with resolving(daemon.folder, server, HOSTS):
        yield server


def served(port, source):
    return fetch(port, source=source) == b"hi\n"


def hello(name, port, **attributes):
    return program(name, port, "/bin/echo", "hi", **attributes)


def test_only_a_name_that_leads_back_lets_in(daemon, names):
    host, domain, listed, second = (free_port() for _ in range(4))
    daemon.start(daemon.logging() + hello("host", host, only_from="good.test.example") + hello("domain", domain, only_from=".TEST.example")
                 + hello("listed", listed, only_from="listed.example") + hello("second", second, only_from="second.example"))
    assert served(host, GOOD) and served(domain, GOOD)
    for source in (FORGED, NAMELESS, LISTED):
        assert not served(host, source) and not served(domain, source)
        daemon.await_lines(f"FAIL: host address from={source}$")
    assert served(listed, LISTED)
    assert not served(second, LISTED), "of a line of /etc/hosts the first name is the name"


def test_any_name_keeps_out(daemon, names):
    host, second = free_port(), free_port()
    daemon.start(daemon.logging() + hello("host", host, no_access="good.test.example") + hello("second", second, no_access="second.example"))
    assert not served(host, GOOD) and not served(host, FORGED)
    assert served(host, NAMELESS) and served(host, LISTED)
    assert not served(second, LISTED) and served(second, GOOD)


def test_nobody_is_asked_about_whom_numbers_decide(daemon, names):
    port, banned = free_port(), free_port()
    daemon.start(daemon.logging() + hello("a", port, only_from=f".example {GOOD}", no_access=NAMELESS)
                 + builtin("echo", banned, only_from=".example", access_times="0:00-0:01 0:01-0:02"))
    assert served(port, GOOD) and not served(port, NAMELESS)
    assert fetch(banned, b"x", source=GOOD) == b""
    assert names.questions == []
    assert not served(port, FORGED) and len(names.questions) == 2


@pytest.mark.parametrize("attribute", ["only_from", "no_access"])
def test_a_silent_name_server_delays_only_who_needs_it(daemon, names, attribute):
    names.silent = True
    named, open_to_all = free_port(), free_port()
    daemon.start(daemon.logging(log_format="json") + hello("named", named, **{attribute: ".example"}) + hello("all", open_to_all))
    waiting = [connect(named, GOOD) for _ in range(5)]
    eventually(lambda: names.questions)
    meanwhile = 0
    while not daemon.lines('"event":"fail"'):
        assert served(open_to_all, GOOD)
        meanwhile += 1
    assert meanwhile > 1, "whoever needs no name waited until those were refused who do"
    for one in waiting:
        assert one.recv(10) == b"", "without an answer nobody is let in"
        one.close()
    assert {json.loads(line)["reason"] for line in daemon.await_lines('"event":"fail"', 5)} == {"name"}
    # The failure is remembered for a moment, so nobody can make us ask for ever.
    asked = len(names.questions)
    assert not served(named, GOOD) and len(names.questions) == asked


def test_one_source_cannot_take_all_places(daemon, names):
    names.silent = True
    port = free_port()
    daemon.start(daemon.logging(log_format="json") + hello("named", port, only_from="listed.example"))
    crowd = [connect(port, GOOD) for _ in range(134)]
    reasons = [json.loads(line)["reason"] for line in daemon.await_lines('"event":"fail"', 6)]
    assert reasons == ["inquiries"] * 6
    assert served(port, LISTED)
    for one in crowd:
        one.close()


def test_limits_hold_for_those_who_wait_for_a_name(daemon, names):
    names.silent = True
    port = free_port()
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat", None, instances=2, only_from=".test.example"))
    crowd = [connect(port, GOOD) for _ in range(6)]
    eventually(lambda: names.questions)
    names.silent = False  # the question is repeated after half a second
    daemon.await_lines("START: cat", 2)
    daemon.await_lines("FAIL: cat service_limit", 4)
    assert sum(says_back(one) for one in crowd) == 2
    for one in crowd:
        one.close()


def test_datagrams_are_kept_until_the_name_is_known(daemon, names):
    port, waits = free_port(), free_port()
    daemon.start(daemon.logging(instances=5) + builtin("echo", port, kind="dgram", only_from=".test.example")
                 + program("once", waits, "/bin/dd", "bs=100 count=1 status=none of=/dev/null", socket_type="dgram", protocol="udp",
                           wait="yes", only_from="good.test.example"))
    assert ask(port, b"hello", source=GOOD) == [b"hello"]
    assert ask(port, b"again", source=GOOD) == [b"again"]
    assert ask(port, b"hello", source=FORGED, seconds=0.5) == []
    daemon.await_lines(f"FAIL: echo address from={FORGED}$")
    for source in (FORGED, GOOD):
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind((source, 0))
            sock.sendto(b"x", ("127.0.0.1", waits))
            eventually(lambda: [daemon.lines(f"FAIL: once address from={FORGED}$"), daemon.lines(f"START: once .*from={GOOD}$")][source == GOOD])


def test_services_behind_tcpmux_look_at_names_too(daemon, names):
    mux = free_port()
    text = daemon.logging() + builtin("tcpmux", mux) + hello("named", None, type="TCPMUX", only_from=".test.example")
    daemon.start(text)
    assert fetch(mux, b"named\r\n", source=GOOD) == b"hi\n"
    assert fetch(mux, b"named\r\n", source=FORGED).startswith(b"-")


def test_a_reload_ends_whom_a_name_refuses(daemon, names):
    port = free_port()

    def text(**attributes):
        return daemon.logging() + program("cat", port, "/bin/cat", None, **attributes)

    daemon.start(text())
    guest, other = connect(port, GOOD), connect(port, LISTED)
    assert says_back(guest) and says_back(other)
    daemon.reload(text(no_access="good.test.example"))
    guest.settimeout(5)
    assert guest.recv(1) == b""
    assert says_back(other)
    # The names are known now; another list is applied without a question.
    asked = len(names.questions)
    daemon.reload(text(only_from="good.test.example"))
    other.settimeout(5)
    assert other.recv(1) == b""
    assert [name for kind, name in names.questions[asked:] if kind == 12] == []


def test_names_of_nobody_are_told(daemon, names):
    port = free_port()
    daemon.start(daemon.logging() + hello("a", port, only_from="nosuch.example listed.example"))
    eventually(lambda: "there is no host `nosuch.example`" in daemon.said())
    assert "listed.example" not in daemon.said()


def test_changed_files_hold_without_a_reload(daemon, names):
    port = free_port()
    daemon.start(daemon.logging() + hello("a", port, only_from="late.example"))
    assert not served(port, NAMELESS)
    (daemon.folder / "hosts").write_text(HOSTS + f"{NAMELESS} late.example\n")
    eventually(lambda: served(port, NAMELESS), 5)


def test_a_program_for_tcpserver_hears_the_name_that_leads_back(daemon, names):
    port, silent = free_port(), free_port()
    daemon.start(daemon.logging() + program("named", port, "/usr/bin/env", flags="IPv4 UCSPI RESOLVE")
                 + program("unnamed", silent, "/usr/bin/env", flags="IPv4 UCSPI"))

    def told(at, source):
        return [line for line in fetch(at, source=source).decode().splitlines() if line.startswith("TCPREMOTEHOST")]

    assert [name.lower() for name in told(port, GOOD)] == ["tcpremotehost=good.test.example"]
    assert told(port, LISTED) == ["TCPREMOTEHOST=listed.example"]
    assert told(port, FORGED) == told(port, NAMELESS) == told(silent, GOOD) == []
