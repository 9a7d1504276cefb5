"""A thousand services are nothing special."""

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
    daemon.start(text(daemon, "old"))
    assert {("tcp", 20000 + i) for i in range(COUNT)} <= bound_ports()
    for i in (1, 501, 999):
        assert fetch(20000 + i) == f"old{i}\n".encode()
    assert fetch(20998, b"x") == b"x"

    daemon.reload(text(daemon, "new").replace("service s999\n", "service last\n"))
    for i in (1, 501, 999):
        assert eventually(lambda: fetch(20000 + i) == f"new{i}\n".encode())
