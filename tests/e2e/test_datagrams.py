"""Datagram services: answered without a process, no weapon against others."""

import socket
import time

import pytest

from client import GUEST, ROGUE, ask, forge, free_port, udp_received
from daemon import builtin, program


def test_echo(daemon):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port, kind="dgram"))
    for size in (1, 100, 1400):
        assert ask(port, b"x" * size) == [b"x" * size]


@pytest.mark.better("chargen answers 35 times as much")
@pytest.mark.parametrize("name", ["echo", "chargen"])
def test_answers_do_not_amplify(daemon, name):
    port = free_port()
    daemon.start(daemon.logging() + builtin(name, port, kind="dgram"))
    headers = 28  # as packets: what counts for who is flooded
    for size in (1, 10, 100):
        answers = ask(port, b"x" * size)
        assert len(answers) <= 1 and sum(len(answer) + headers for answer in answers) <= 3 * (size + headers)


def test_discard_is_silent(daemon):
    port = free_port()
    daemon.start(daemon.logging() + builtin("discard", port, kind="dgram"))
    assert ask(port, b"x", seconds=0.3) == []


@pytest.mark.parametrize("bind", ["0.0.0.0", "127.0.0.9", None])
def test_the_answer_comes_from_the_address_that_was_asked(daemon, bind):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port, kind="dgram", bind=bind))
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        sock.sendto(b"hello", ("127.0.0.9", port))
        assert sock.recvfrom(100) == (b"hello", ("127.0.0.9", port))


def test_who_may_not_come_in_gets_no_answer(daemon):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port, kind="dgram", only_from=GUEST))
    assert ask(port, b"x", source=GUEST) == [b"x"]
    assert ask(port, b"x", source=ROGUE, seconds=0.3) == []
    daemon.await_lines(f"FAIL: echo address from={ROGUE}$")


@pytest.mark.root
@pytest.mark.better("the two answer each other for ever")
def test_two_services_do_not_talk_to_each_other(daemon):
    ports = {name: free_port() for name in ("echo", "chargen", "daytime", "time")}
    daemon.start(daemon.logging() + "".join(builtin(name, port, kind="dgram") for name, port in ports.items()))
    before = udp_received()
    for sender in ports.values():
        for receiver in ports.values():
            forge(sender, receiver, b"hello")
    sent = len(ports) ** 2
    time.sleep(0.5)
    after = udp_received()
    assert sent <= after - before <= 3 * sent
    time.sleep(0.3)
    assert udp_received() == after, "they are still talking"
    assert ask(ports["echo"], b"x") == [b"x"]


def test_a_waiting_server_reads_what_came(daemon):
    port = free_port()
    out = daemon.file("out", "", mode=0o666)
    server = daemon.file("collect", f"#!/bin/sh\nhead -c 5 >>{out}\n", mode=0o755)
    daemon.start(daemon.logging() + program("collect", port, server, wait="yes", socket_type="dgram", protocol="udp"))
    ask(port, b"first", seconds=0.1)
    daemon.await_lines("EXIT: collect")
    ask(port, b"again", seconds=0.1)
    daemon.await_lines("EXIT: collect", count=2)
    assert out.read_text() == "firstagain"
