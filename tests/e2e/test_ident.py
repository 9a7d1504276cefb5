"""Who uses the client's end, by its own machine's word (RFC 1413)."""

import json
import socket
import threading
import time

import pytest

from client import connect, eventually, fetch, free_port, read_all
from daemon import builtin, program

pytestmark = pytest.mark.root

HOME, AWAY = "127.0.7.1", "127.0.7.2"


class Identd:
    """Answers with `answer`, in which {theirs} and {ours} are the ports; never, while it is None."""

    def __init__(self, host=HOME, family=socket.AF_INET):
        self.answer = "{theirs} , {ours} : USERID : UNIX : joe\r\n"
        self.questions = []
        self.callers = []
        self.kept = []
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, 113))
        self.listener.listen(50)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, caller = self.listener.accept()
            except OSError:
                return
            question = connection.recv(100)
            self.callers.append(caller[0])
            self.questions.append(question)
            if self.answer is None:
                self.kept.append(connection)
                continue
            theirs, ours = question.decode().strip().split(",")
            with connection:
                connection.sendall(self.answer.format(theirs=theirs.strip(), ours=ours.strip()).encode())

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


@pytest.fixture
def identd():
    made = Identd()
    yield made
    made.close()


def hello(name, port, **attributes):
    return program(name, port, "/bin/echo", "hi", **attributes)


def start(daemon, *options, flags="IPv4", **logging):
    port = free_port()
    daemon.start(daemon.logging(**({"log_on_success": "HOST PID USERID"} | logging)) + hello("svc", port, flags=flags), *options)
    return port


def test_the_user_is_logged(daemon, identd):
    port = start(daemon)
    with connect(port, HOME) as sock:
        own = sock.getsockname()[1]
        assert read_all(sock) == b"hi\n"
    assert daemon.await_lines("USERID: svc UNIX : joe$")
    assert identd.questions == [f"{own}, {port}\r\n".encode()] and identd.callers == ["127.0.0.1"]


@pytest.mark.reeve_only("its JSON")
def test_the_user_in_json(daemon, identd):
    port = start(daemon, log_format="json")
    assert fetch(port, source=HOME) == b"hi\n"
    [line] = daemon.await_lines('"userid"')
    record = json.loads(line)
    assert (record["event"], record["user"], record["ident"], record["source"]) == ("userid", "joe", "UNIX : joe", HOME)


def test_ipv6(daemon):
    identd = Identd("::1", socket.AF_INET6)
    try:
        port = start(daemon, flags="IPv6 IDONLY")
        with socket.create_connection(("::1", port), timeout=5) as sock:
            assert read_all(sock) == b"hi\n"
        daemon.await_lines("USERID: svc UNIX : joe$")
        assert identd.callers == ["::1"]
    finally:
        identd.close()


@pytest.mark.reeve_only("xinetd asks ::ffff:127.0.7.1")
def test_an_ipv4_client_of_a_socket_for_both(daemon, identd):
    port = start(daemon, flags="IDONLY")
    assert fetch(port, source=HOME) == b"hi\n"
    daemon.await_lines("USERID: svc UNIX : joe$")
    assert fetch(port, source=AWAY) == b""
    daemon.await_lines(f"NOID: svc {AWAY} no server$")


@pytest.mark.better("it waits for half a minute")
def test_a_silent_machine_hardly_delays_its_own_client(daemon, identd):
    identd.answer = None
    port = start(daemon)
    begin = time.monotonic()
    assert fetch(port, source=HOME) == b"hi\n"
    assert time.monotonic() - begin < 2
    begin = time.monotonic()
    assert fetch(port, source=AWAY) == b"hi\n"
    assert time.monotonic() - begin < 0.2
    assert daemon.lines("USERID") == []


@pytest.mark.better("it waits for ever")
def test_idonly_refuses_the_silent_in_time(daemon, identd):
    identd.answer = None
    port, other = free_port(), free_port()
    daemon.start(daemon.logging(log_on_success="HOST USERID") + hello("svc", port, flags="IPv4 IDONLY") + builtin("echo", other, log_on_success="HOST"))
    begin = time.monotonic()
    with connect(port, HOME, seconds=10) as sock:
        assert fetch(other, b"x") == b"x" and time.monotonic() - begin < 1
        assert sock.recv(10) == b""
    assert 4 < time.monotonic() - begin < 8
    daemon.await_lines(f"NOID: svc {HOME} no answer$")


@pytest.mark.better("it logs what stands behind the line feed")
def test_an_answer_stays_one_line(daemon, identd):
    identd.answer = "{theirs},{ours}:USERID:UNIX:jo\x1b[2Je\n26/1/1@00:00:00: START: svc pid=1 from=10.9.9.9\r\n"
    port = start(daemon)
    assert fetch(port, source=HOME) == b"hi\n"
    assert daemon.await_lines(r"USERID: svc UNIX:jo\?\[2Je$")
    assert daemon.lines("10.9.9.9") == []


def test_refused_clients_can_be_known_too(daemon, identd):
    port = start(daemon, log_on_failure="HOST USERID", instances=0)
    assert fetch(port, source=HOME) == b""
    daemon.await_lines("FAIL: svc service_limit")
    daemon.await_lines("USERID: svc UNIX : joe$")


@pytest.mark.reeve_only("-logprocs has no effect there")
def test_logprocs_bounds_the_questions(daemon, identd):
    identd.answer = None
    port = start(daemon, "-logprocs", "1")
    clients = [connect(port, HOME) for _ in range(3)]
    daemon.await_lines("START: svc", 3)
    assert len(identd.questions) == 1
    for one in clients:
        one.close()
    # After its deadline the place is free again.
    identd.answer = "{theirs},{ours}:USERID:UNIX:joe\r\n"
    eventually(lambda: fetch(port, source=HOME) and daemon.lines("USERID: svc UNIX:joe"))


@pytest.mark.reeve_only("-logprocs has no effect there")
def test_logprocs_zero_asks_nobody(daemon, identd):
    port = start(daemon, "-logprocs", "0")
    assert fetch(port, source=HOME) == b"hi\n"
    daemon.await_lines("START: svc")
    assert identd.questions == []


def test_a_program_for_tcpserver_hears_the_user(daemon, identd):
    port, plain = free_port(), free_port()
    daemon.start(daemon.logging(log_on_success="HOST USERID") + program("env", port, "/usr/bin/env", flags="IPv4 UCSPI IDONLY")
                 + program("plain", plain, "/usr/bin/env", flags="IPv4 IDONLY"))
    assert "TCPREMOTEINFO=joe" in fetch(port, source=HOME).decode().splitlines()
    assert "TCPREMOTEINFO" not in fetch(plain, source=HOME).decode()


def test_nobody_is_asked_about_a_proxys_connection(daemon, identd):
    """The client's machine knows nothing of it, and the proxy's is not the client's."""
    logged, only = free_port(), free_port()
    daemon.start(daemon.logging(log_on_success="HOST USERID", log_on_failure="HOST USERID", proxy_from=HOME)
                 + program("logged", logged, "/bin/echo", "hi") + program("only", only, "/bin/echo", "hi", flags="IPv4 IDONLY"))
    header = b"PROXY TCP4 127.0.7.1 127.0.0.1 4711 25\r\n"
    assert fetch(logged, header, source=HOME) == b"hi\n"
    assert fetch(only, header, source=HOME) == b""
    daemon.await_lines(r"NOID: only .*behind a proxy")
    assert identd.questions == []
