"""A thousand services are nothing special."""

import time

import pytest

from client import bound_ports, eventually, fetch
from daemon import builtin, program

COUNT = 1000


def text(daemon, word):
    return daemon.logging() + "".join(
        program(f"s{i}", 20000 + i, "/bin/echo", f"{word}{i}") if i % 2 else builtin("echo", 20000 + i, id=f"s{i}") for i in range(COUNT))


@pytest.mark.root
@pytest.mark.limit(120)
def test_a_thousand_services(daemon):
    started = time.monotonic()
    daemon.start(text(daemon, "old"))
    assert time.monotonic() - started < 5
    assert {("tcp", 20000 + i) for i in range(COUNT)} <= bound_ports()
    for i in (1, 501, 999):
        assert fetch(20000 + i) == f"old{i}\n".encode()
    assert fetch(20998, b"x") == b"x"

    daemon.reload(text(daemon, "new").replace("service s999\n", "service last\n"))
    for i in (1, 501, 999):
        assert eventually(lambda: fetch(20000 + i) == f"new{i}\n".encode())


@pytest.mark.root
@pytest.mark.reeve_only("its rate halves")
@pytest.mark.limit(120)
def test_the_last_of_a_thousand_is_as_fast_as_the_only_one(daemon):
    def seconds_of(port, visits=150):
        started = time.monotonic()
        for _ in range(visits):
            assert fetch(port)
        return time.monotonic() - started

    port = 20999
    alone = daemon.logging() + program("s999", port, "/bin/echo", "x")
    daemon.start(alone)
    seconds_of(port, 20)
    rates = {"alone": min(seconds_of(port) for _ in range(3))}
    daemon.reload(text(daemon, "x"))
    seconds_of(port, 20)
    rates["among many"] = min(seconds_of(port) for _ in range(3))
    # The client is slow and the machine may be busy: only a real dependence on the number shows here.
    assert rates["among many"] < 1.5 * rates["alone"] + 0.05, rates
