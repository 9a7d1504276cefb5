"""Redirected services: the relay inside the engine, its targets, and the PROXY protocol on both sides."""

import json
import os
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, read_all
from daemon import USER, builtin, entry, program, sensor


def relay(name, port, target, *lines, **attributes):
    common = {"type": "UNLISTED", "socket_type": "stream", "protocol": "tcp", "port": port, "wait": "no", "user": USER,
              "flags": "IPv4", "redirect": target}
    return entry(f"service {name}", *lines, **(common | attributes))


class Target:
    """A listener whose connections are handled by threads of the test."""

    def __init__(self, handler=None, host="127.0.0.1", path=None):
        self.handler = handler or (lambda connection: connection.sendall(b"hello"))
        family = socket.AF_UNIX if path else socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.bind(str(path) if path else (host, 0))
        self.socket.listen(64)
        self.port = None if path else self.socket.getsockname()[1]
        self.served = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.served += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                self.handler(connection)
            except OSError:
                pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes accept, which would keep the socket alive
        self.socket.close()


@pytest.fixture
def targets():
    opened = []

    def open_one(handler=None, **where):
        opened.append(Target(handler, **where))
        return opened[-1]
    yield open_one
    for one in opened:
        try:
            one.close()
        except OSError:
            pass


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def tell(name):
    return lambda connection: connection.sendall(name)


def read_much(sock):
    got = bytearray()
    while chunk := sock.recv(1 << 18):
        got += chunk
    return bytes(got)


def exchange_much(port, size):
    """Sends `size` bytes, ends, and returns what came back."""
    data = os.urandom(1 << 16) * (size >> 16)
    with connect(port, seconds=30) as sock:
        def send():
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send)
        sender.start()
        got = read_much(sock)
        sender.join()
    return data, got


# ---------------------------------------------------------------- bytes

def test_large_and_small_pieces_arrive_as_they_were_sent(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging("log_on_success += TRAFFIC") + relay("front", port, f"127.0.0.1 {target.port}"))
    with connect(port) as sock:
        for size in (1, 100, 16384, 16385, 7, 500_000, 3, 65536):
            data = os.urandom(size)
            sock.sendall(data)
            got = b""
            while len(got) < size:
                got += sock.recv(1 << 20)
            assert got == data
    total = 1 + 100 + 16384 + 16385 + 7 + 500_000 + 3 + 65536
    daemon.await_lines(rf"TRAFFIC: front in={total}\(bytes\) out={total}\(bytes\)$")


def test_much_at_once_in_both_directions(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging("log_on_success += TRAFFIC") + relay("front", port, f"127.0.0.1 {target.port}"))
    sent, got = exchange_much(port, 32 << 20)
    assert got == sent
    daemon.await_lines(rf"TRAFFIC: front in={len(sent)}\(bytes\) out={len(sent)}\(bytes\)$")
    daemon.await_lines(r"EXIT: front status=0 pid=0 duration=\d+\(sec\)$")


def test_who_does_not_read_holds_up_nobody(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    lazy = [connect(port) for _ in range(8)]
    for sock in lazy:
        sock.setblocking(False)
    pushed = 0
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        for sock in lazy:
            try:
                pushed += sock.send(b"x" * 65536)
            except BlockingIOError:
                pass
    sent, got = exchange_much(port, 1 << 20)
    assert got == sent and pushed > 0
    for sock in lazy:  # what was taken from them still comes back, all of it
        sock.setblocking(True)
        sock.settimeout(20)
    heard = []
    for sock in lazy:
        sock.shutdown(socket.SHUT_WR)
        heard.append(len(read_much(sock)))
        sock.close()
    assert sum(heard) == pushed


def test_a_reset_is_passed_on(daemon, targets):
    seen = []

    def handler(connection):
        connection.sendall(b"x")
        try:
            seen.append(connection.recv(10))
        except ConnectionResetError:
            seen.append("reset")
    port, target = free_port(), targets(handler)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    with connect(port) as sock:
        assert sock.recv(1) == b"x"
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    eventually(lambda: seen == ["reset"])


def test_a_truncated_answer_does_not_look_whole(daemon, targets):
    def handler(connection):
        connection.sendall(b"half of it")
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    port, target = free_port(), targets(handler)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    with connect(port) as sock:
        assert sock.recv(100) == b"half of it"
        sock.sendall(b"!")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


# ---------------------------------------------------------------- targets

def test_targets_take_turns(daemon, targets):
    port, three = free_port(), [targets(tell(name)) for name in (b"a", b"b", b"c")]
    daemon.start(daemon.logging() + relay("front", port, " ".join(f"127.0.0.1 {one.port}" for one in three)))
    assert sorted(fetch(port) for _ in range(6)) == [b"a", b"a", b"b", b"b", b"c", b"c"]


def test_the_target_with_the_fewest_conversations_is_next(daemon, targets):
    port, busy, idle = free_port(), targets(echo), targets(echo)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {busy.port} 127.0.0.1 {idle.port}",
                                          redirect_balance="least_connections"))
    with connect(port):
        eventually(lambda: busy.served == 1)
        for visit in (1, 2, 3):
            with connect(port):
                eventually(lambda: idle.served == visit)
            daemon.await_lines("EXIT: front", count=visit)
        assert busy.served == 1


def test_a_target_that_is_down_costs_nobody_his_visit(daemon, targets):
    port, up = free_port(), targets(tell(b"up"))
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {free_port()} 127.0.0.1 {up.port}"))
    assert [fetch(port) for _ in range(5)] == [b"up"] * 5
    eventually(lambda: daemon.said().count("cannot connect to 127.0.0.1") == 1)
    assert not daemon.lines("FAIL")


def test_no_target_at_all_is_said_with_its_reason(daemon):
    port, down = free_port(), free_port()
    daemon.start(daemon.logging(log_format="json") + relay("front", port, f"127.0.0.1 {down}"))
    assert fetch(port) == b""
    [line] = daemon.await_lines('"fail"')
    told = json.loads(line)
    assert (told["reason"], told["error"]) == ("target", "Connection refused")
    assert told["rule"].startswith(str(daemon.config))
    [line] = daemon.await_lines('"exit"')
    assert (json.loads(line)["bytes_in"], json.loads(line)["bytes_out"]) == (0, 0)


def test_a_target_that_does_not_answer(daemon):
    # A full listen queue: the kernel lets the handshake hang.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
            fillers.append(filler)
        port = free_port()
        daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {full.getsockname()[1]}", redirect_timeout="1"))
        began = time.monotonic()
        assert fetch(port, seconds=10) == b""
        assert 0.9 < time.monotonic() - began < 4
        eventually(lambda: "timed out" in daemon.said())
        daemon.await_lines("FAIL: front target from=127.0.0.1")


def test_an_idle_relay_ends_when_it_was_told_to(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}", redirect_timeout="5 1"))
    with connect(port, seconds=10) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        began = time.monotonic()
        assert read_all(sock) == b""
        assert 0.9 < time.monotonic() - began < 4


def test_a_unix_socket_is_a_target(daemon, targets):
    path = daemon.folder / "app.sock"
    targets(echo, path=path)
    path.chmod(0o666)
    port = free_port()
    daemon.start(daemon.logging() + relay("front", port, str(path)))
    sent, got = exchange_much(port, 4 << 20)
    assert got == sent


def test_an_ipv6_target(daemon, targets):
    port, target = free_port(), targets(tell(b"six"), host="::1")
    daemon.start(daemon.logging() + relay("front", port, f"::1 {target.port}"))
    assert fetch(port) == b"six"


def test_a_relay_behind_tcpmux(daemon, targets):
    mux, target = free_port(), targets(echo)
    daemon.start(daemon.logging() + builtin("tcpmux", mux)
                 + relay("front", None, f"127.0.0.1 {target.port}", type="TCPMUXPLUS UNLISTED"))
    with connect(mux) as quiet:  # who says nothing more holds up nobody
        quiet.sendall(b"front\r\n")
        assert quiet.recv(100) == b"+Go\r\n"
        assert fetch(mux, b"front\r\n" + b"x" * 100_000) == b"+Go\r\n" + b"x" * 100_000


def test_a_target_by_name(daemon, targets):
    port, target = free_port(), targets(tell(b"by name"))
    daemon.start(daemon.logging() + relay("front", port, f"localhost {target.port}"))
    assert fetch(port) == b"by name"


def test_a_name_that_is_not_known(daemon):
    port = free_port()
    daemon.start(daemon.logging() + relay("front", port, "nowhere.invalid 80"))
    assert fetch(port, seconds=10) == b""
    eventually(lambda: "nowhere.invalid: its address could not be found" in daemon.said())
    daemon.await_lines("FAIL: front target from=127.0.0.1")


# ---------------------------------------------------------------- reload and end

def test_a_relay_outlives_a_reload_and_ends_with_its_permission(daemon, targets):
    port, target = free_port(), targets(echo)
    text = daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}")
    daemon.start(text)
    with connect(port, source=GUEST) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        daemon.reload(daemon.logging() + relay("front", port, f"127.0.0.1 {free_port()}"))
        sock.sendall(b"y")
        assert sock.recv(1) == b"y"
        daemon.reload(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}", no_access=GUEST))
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


# ---------------------------------------------------------------- threads

def relay_threads(daemon):
    """Threads of the engine that carry long conversations."""
    tasks = Path(f"/proc/{daemon.engine()}/task")
    return sum((each / "comm").read_text() == "reeved-relay\n" for each in tasks.iterdir())


def most_relay_threads():
    processors = len(os.sched_getaffinity(0))
    return min(processors, 8) if processors > 1 else 0


class Talk:
    """A client that sends and receives without end, until something ends it."""

    def __init__(self, port, source="127.0.0.1"):
        self.sock = connect(port, source=source, seconds=30)
        self.rounds = 0
        self.end = None
        self.wrong = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        data = os.urandom(100_000)
        try:
            while True:
                self.sock.sendall(data)
                got = bytearray()
                while len(got) < len(data):
                    piece = self.sock.recv(len(data) - len(got))
                    if not piece:
                        self.end = "end"
                        return
                    got += piece
                self.wrong = self.wrong or got != data
                self.rounds += 1
        except OSError as error:
            self.end = type(error).__name__


def test_short_conversations_need_no_thread(daemon, targets):
    port, target = free_port(), targets(tell(b"short"))
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    assert [fetch(port) for _ in range(20)] == [b"short"] * 20
    daemon.await_lines("EXIT: front", count=20)
    assert relay_threads(daemon) == 0


def test_many_at_once_are_carried_by_several_threads_and_stay_whole(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging("log_on_success += TRAFFIC") + relay("front", port, f"127.0.0.1 {target.port}"))
    sizes, results, gate = [(20 + each) << 16 for each in range(24)], {}, threading.Barrier(24)

    def one(size):
        gate.wait(20)
        sent, got = exchange_much(port, size)
        results[size] = sent == got
    clients = [threading.Thread(target=one, args=(size,)) for size in sizes]
    for each in clients:
        each.start()
    for each in clients:
        each.join(60)
    assert results == dict.fromkeys(sizes, True)
    daemon.await_lines("TRAFFIC: front", count=24)
    for size in sizes:
        daemon.await_lines(rf"TRAFFIC: front in={size}\(bytes\) out={size}\(bytes\)$")
    assert relay_threads(daemon) == most_relay_threads()


def test_a_burst_of_short_ones_is_served_whatever_carries_them(daemon, targets):
    def handler(connection):
        connection.sendall(read_line(connection)[:5])
    port, up = free_port(), targets(handler)
    daemon.start(daemon.logging("log_on_success += TRAFFIC")
                 + relay("front", port, f"127.0.0.1 {free_port()} 127.0.0.1 {up.port}", proxy_protocol="v1"))
    for burst in (1, 2, 3):
        socks = [connect(port, seconds=20) for _ in range(60)]
        for sock in socks:
            with sock:
                assert read_all(sock) == b"PROXY"
        daemon.await_lines("EXIT: front", count=60 * burst)
    assert len(daemon.lines(r"TRAFFIC: front in=0\(bytes\) out=5\(bytes\)$")) == 180
    assert not daemon.lines("FAIL")
    daemon.process.send_signal(signal.SIGIOT)
    eventually(lambda: "consistency check passed" in daemon.said().lower())


def test_a_reload_ends_those_that_threads_carry_and_no_others(daemon, targets):
    port, target = free_port(), targets(echo)
    front = relay("front", port, f"127.0.0.1 {target.port}")
    daemon.start(daemon.logging() + front)
    guests, others = [Talk(port, GUEST) for _ in range(12)], [Talk(port) for _ in range(4)]
    eventually(lambda: all(each.rounds >= 5 for each in guests + others), seconds=30)
    daemon.reload(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}", no_access=GUEST))
    eventually(lambda: all(each.end for each in guests), seconds=30)
    assert {each.end for each in guests} <= {"ConnectionResetError", "BrokenPipeError"}
    daemon.await_lines("EXIT: front", count=12)
    before = [each.rounds for each in others]
    eventually(lambda: all(each.rounds > rounds for each, rounds in zip(others, before)), seconds=30)
    assert not any(each.wrong for each in guests + others) and not any(each.end for each in others)
    daemon.process.send_signal(signal.SIGIOT)
    eventually(lambda: "consistency check passed" in daemon.said().lower())
    daemon.reload(daemon.logging())  # the service is gone, and all of it with it
    eventually(lambda: all(each.end for each in others), seconds=30)
    daemon.await_lines("EXIT: front", count=16)


def test_the_daemon_ends_while_threads_carry(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    talks = [Talk(port) for _ in range(8)]
    eventually(lambda: all(each.rounds >= 5 for each in talks), seconds=30)
    assert daemon.stop() == 0
    eventually(lambda: all(each.end for each in talks))
    assert "died of signal" not in daemon.said()


def test_the_engine_after_one_that_died_relays_on(daemon, targets):
    port, target = free_port(), targets(echo)
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}"))
    talks = [Talk(port) for _ in range(8)]
    eventually(lambda: all(each.rounds >= 5 for each in talks), seconds=30)
    old = daemon.engine()
    os.kill(old, signal.SIGKILL)
    eventually(lambda: all(each.end for each in talks))
    sent, got = exchange_much(port, 1 << 20)
    assert got == sent and daemon.engine() != old


# ---------------------------------------------------------------- the PROXY protocol

def read_line(connection):
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1)
    return line


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_target_is_told_who_the_client_is(daemon, targets, version):
    def handler(connection):
        if version == "v1":
            told = read_line(connection).decode()
        else:
            header = connection.recv(28, socket.MSG_WAITALL)
            assert header[:16] == b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
            told = f"{socket.inet_ntoa(header[16:20])} {socket.inet_ntoa(header[20:24])}"
        connection.sendall(told.encode() + b"|" + connection.recv(100))
    port, target = free_port(), targets(handler)
    daemon.start(daemon.logging("log_on_success += TRAFFIC")
                 + relay("front", port, f"127.0.0.1 {target.port}", proxy_protocol=version))
    answer = fetch(port, b"and the rest", source=GUEST)
    assert answer.endswith(b"|and the rest") and f"{GUEST} 127.0.0.1".encode() in answer
    daemon.await_lines(r"TRAFFIC: front in=12\(bytes\)")  # the header is not the client's


V1 = b"PROXY TCP4 192.0.2.9 192.0.2.1 4660 80\r\n"
V2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton("192.0.2.9") + socket.inet_aton("192.0.2.1") + b"\x12\x34\0\x50"


@pytest.mark.parametrize("header", [V1, V2], ids=["v1", "v2"])
def test_a_trusted_proxy_says_for_whom_it_comes(daemon, targets, header):
    shell, echoes, front = free_port(), free_port(), free_port()
    target = targets(echo)
    daemon.start(daemon.logging(proxy_from=GUEST) + program("shell", shell, "/usr/bin/env") + builtin("echo", echoes)
                 + relay("front", front, f"127.0.0.1 {target.port}"))
    assert b"REMOTE_HOST=192.0.2.9\n" in fetch(shell, header, source=GUEST)
    assert fetch(echoes, header + b"the client's", source=GUEST) == b"the client's"
    assert fetch(front, header + b"the client's", source=GUEST) == b"the client's"
    for name in ("shell", "echo", "front"):
        daemon.await_lines(f"START: {name} pid=\\d+ from=192.0.2.9$")
    assert fetch(echoes, b"direct", source=ROGUE) == b"direct"


def test_a_header_in_pieces_and_nothing_behind_it_is_lost(daemon):
    port = free_port()
    daemon.start(daemon.logging(proxy_from="127.0.0.0/8") + builtin("echo", port))
    with connect(port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in V2[:-1]:
            sock.sendall(bytes([each]))
        sock.sendall(V2[-1:] + b"PROXY is what I say")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b"PROXY is what I say"
    daemon.await_lines("START: echo pid=0 from=192.0.2.9$")


def test_a_trusted_proxy_without_a_header_is_turned_away(daemon):
    port = free_port()
    daemon.start(daemon.logging(proxy_from="127.0.0.77") + builtin("echo", port))
    assert fetch(port, b"GET / HTTP/1.0\r\n\r\n", source=GUEST) == b""
    daemon.await_lines(f"FAIL: echo proxy from={GUEST}$")


def test_who_is_told_is_judged_and_banned_and_not_the_proxy(daemon):
    trap, echoes = free_port(), free_port()
    daemon.start(daemon.logging(proxy_from="127.0.0.77") + sensor("trap", trap, deny_time=5)
                 + builtin("echo", echoes, no_access="198.51.100.0/24"))
    assert fetch(trap, V1, source=GUEST) == b""
    eventually(lambda: "Adding 192.0.2.9 to" in daemon.said())
    assert fetch(echoes, V1 + b"x", source=GUEST) == b""
    daemon.await_lines("FAIL: echo address from=192.0.2.9$")
    assert fetch(echoes, V1.replace(b"192.0.2.9", b"192.0.2.8") + b"x", source=GUEST) == b"x"
    assert fetch(echoes, V1.replace(b"192.0.2.9", b"198.51.100.3") + b"x", source=GUEST) == b""
    assert fetch(echoes, b"PROXY UNKNOWN\r\nx", source=GUEST) == b"x"
    daemon.await_lines(f"START: echo pid=0 from={GUEST}$")


def test_a_told_client_of_a_relay_is_passed_on(daemon, targets):
    port, target = free_port(), targets(lambda connection: connection.sendall(read_line(connection)))
    daemon.start(daemon.logging() + relay("front", port, f"127.0.0.1 {target.port}", proxy_protocol="v1", proxy_from=GUEST))
    assert fetch(port, V1, source=GUEST) == V1
