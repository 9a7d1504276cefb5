"""Programs written for systemd's sockets and for tcpserver, and the daemon itself started by systemd with sockets."""

import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from client import GUEST, ask, connect, eventually, fetch, free_port, read_all, says_back
from daemon import builtin, descriptors_of, program

pytestmark = pytest.mark.reeve_only("xinetd has none of these flags")

# What sd_listen_fds(3) does, then one answer for each client.
LISTENER = """#!/usr/bin/python3
import os, socket
assert int(os.environ["LISTEN_PID"]) == os.getpid(), "LISTEN_PID"
assert int(os.environ["LISTEN_FDS"]) == 1
listener = socket.socket(fileno=3)
listener.settimeout(5)
for _ in range(2):
    if listener.type == socket.SOCK_DGRAM:
        asked, source = listener.recvfrom(100)
        listener.sendto(os.environ["LISTEN_FDNAMES"].encode() + b" " + asked, source)
    else:
        connection, source = listener.accept()
        connection.sendall(os.environ["LISTEN_FDNAMES"].encode())
        connection.close()
"""
CONNECTION = """#!/usr/bin/python3
import os, socket
assert int(os.environ["LISTEN_PID"]) == os.getpid()
socket.socket(fileno=3).sendall(repr([os.environ["LISTEN_FDNAMES"], os.environ["REMOTE_ADDR"]]).encode())
"""


def environment(port, **where):
    return dict(line.split("=", 1) for line in fetch(port, **where).decode().splitlines() if "=" in line)


def test_a_server_of_systemds_kind_finds_its_listener(daemon):
    port, datagrams = free_port(), free_port()
    server = daemon.file("listener", LISTENER, mode=0o755)
    daemon.start(daemon.logging() + program("streams", port, server, wait="yes", flags="IPv4 LISTEN_FDS", id="my:id")
                 + program("datagrams", datagrams, server, wait="yes", flags="IPv4 LISTEN_FDS", socket_type="dgram", protocol="udp"))
    for _ in range(4):  # two servers, two clients each
        assert fetch(port) == b"my_id"
    assert ask(datagrams, b"x") == [b"datagrams x"]


def test_a_server_of_systemds_kind_finds_its_connection(daemon):
    port = free_port()
    server = daemon.file("connection", CONNECTION, mode=0o755)
    daemon.start(daemon.logging() + program("one", port, server, flags="IPv4 LISTEN_FDS REMOTE_ADDR"))
    assert fetch(port, source=GUEST) == repr(["connection", GUEST]).encode()


def test_descriptors_of_listen_fds(daemon):
    port = free_port()
    others = "".join(builtin("echo", free_port(), id=f"echo-{i}") for i in range(20))
    daemon.start(daemon.logging() + others + program("sleeper", port, "/bin/sleep", "30", flags="IPv4 LISTEN_FDS"))
    with connect(port):
        [pid] = eventually(lambda: daemon.servers("sleep"))
        found = eventually(lambda: len(table := descriptors_of(pid)) == 4 and table)
        errors = os.readlink(f"/proc/{daemon.process.pid}/fd/2") if os.geteuid() == 0 else found[2]
    assert found[0] == "/dev/null" and found[3].startswith("socket:")
    assert found[1] == found[2] == errors


def test_descriptors_of_ucspi(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("sleeper", port, "/bin/sleep", "30", flags="IPv4 UCSPI"))
    with connect(port):
        [pid] = eventually(lambda: daemon.servers("sleep"))
        found = eventually(lambda: len(table := descriptors_of(pid)) == 3 and table)
    assert found[0] == found[1] and found[0].startswith("socket:")
    assert found[2] != found[0]


def test_a_program_for_tcpserver_hears_of_its_client(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("env", port, "/usr/bin/env", flags="UCSPI"))
    with connect(port, GUEST) as sock:
        told = dict(line.split("=", 1) for line in read_all(sock).decode().splitlines())
        assert told["TCPREMOTEPORT"] == str(sock.getsockname()[1])
    assert {told["PROTO"], told["TCPLOCALIP"], told["TCPLOCALPORT"], told["TCPREMOTEIP"]} == {"TCP", "127.0.0.1", str(port), GUEST}
    assert not any(name.startswith("TCP6") for name in told)
    if socket.has_ipv6:
        told = environment(port, source="::1", host="::1")
        assert told["PROTO"] == "TCP6" and told["TCP6REMOTEIP"] == told["TCPREMOTEIP"] == told["TCPLOCALIP"] == "::1"


def test_what_the_program_says_to_tcpservers_log_does_not_reach_the_client(daemon):
    port = free_port()
    script = daemon.file("noisy", "#!/bin/sh\necho to the log >&2\necho to the client\n", mode=0o755)
    daemon.start(daemon.logging() + program("noisy", port, script, flags="IPv4 UCSPI"))
    assert fetch(port) == b"to the client\n"
    eventually(lambda: "to the log\n" in daemon.errors.read_text())


def test_remote_addr_and_port(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("env", port, "/usr/bin/env", flags="IPv4 REMOTE_ADDR") + program("plain", free_port(), "/bin/true"))
    with connect(port, GUEST) as sock:
        told = dict(line.split("=", 1) for line in read_all(sock).decode().splitlines())
        assert told["REMOTE_PORT"] == str(sock.getsockname()[1])
    assert told["REMOTE_ADDR"] == told["REMOTE_HOST"] == GUEST
    assert not any(name.startswith(("LISTEN_", "TCP")) for name in told)


# ---------------------------------------------------------------- the daemon is the one that is started with sockets

STARTER = """
import os, socket, sys
names = {names!r}
sockets = []
for at, (host, port, kind) in enumerate({sockets!r}):
    one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    one.bind((host, port))
    if kind == socket.SOCK_STREAM:
        one.listen(7)
    sockets.append(one)
high = [os.dup(one.fileno()) for one in sockets for _ in range(10)][9::10]
for at, fd in enumerate(high):
    os.dup2(fd, 3 + at, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)), LISTEN_FDNAMES=":".join(names))
os.execv(sys.argv[1], sys.argv[1:])
"""


def start_with(daemon, sockets, text, not_bound=0):
    """sockets: {name: (host, port, kind)}; the starter executes the daemon in its place."""
    code = STARTER.format(names=list(sockets), sockets=[(host, port, int(kind)) for host, port, kind in sockets.values()])
    original = daemon.binary
    daemon.binary = daemon.file("starter", f"#!/usr/bin/python3\nimport sys\nsys.argv.insert(1, {str(original)!r})\n{code}", mode=0o755)
    daemon.file("test.conf", text)
    daemon.launch()
    daemon.binary = original
    # The ports are bound before the daemon is there, which a signal would end then.
    eventually(lambda: " available service" in daemon.said(), what=daemon.said)
    daemon.await_ports(text.replace(f"port = {not_bound}\n", ""))


def inode_of_listener(pid, port, host="0100007F"):
    with open(f"/proc/{pid}/net/tcp") as table:
        return next(line.split()[9] for line in table if line.split()[1] == f"{host}:{port:04X}" and line.split()[3] == "0A")


def holds(pid, inode):
    return f"socket:[{inode}]" in descriptors_of(pid).values()


def test_sockets_are_taken_by_address_and_by_name(daemon):
    stream, datagrams, named, configured, unwanted, own = (free_port() for _ in range(6))
    text = (daemon.logging() + program("hello", stream, "/bin/echo", "Hello", bind="127.0.0.1")
            + builtin("echo", datagrams, kind="dgram", id="echo-dgram", bind="127.0.0.1")
            + program("elsewhere", configured, "/bin/echo", "Elsewhere")
            + builtin("echo", own, id="own"))
    start_with(daemon, {"x": ("127.0.0.1", stream, socket.SOCK_STREAM), "elsewhere": ("127.0.0.1", named, socket.SOCK_STREAM),
                        "": ("127.0.0.1", datagrams, socket.SOCK_DGRAM), "extra": ("127.0.0.1", unwanted, socket.SOCK_STREAM)}, text, configured)
    assert fetch(stream) == b"Hello\n"
    assert fetch(named) == b"Elsewhere\n", "the name decides, whatever port the file has"
    assert fetch(configured) == b""
    assert ask(datagrams, b"ping") == [b"ping"]
    with connect(own) as sock:
        assert says_back(sock)
    eventually(lambda: re.search(rf"127.0.0.1:{unwanted}, a stream, named extra, came from the service manager", daemon.said()), what=daemon.said)
    assert fetch(unwanted) == b""


def test_an_inherited_socket_stays_over_reloads_and_a_new_engine(daemon):
    port, other = free_port(), free_port()
    hello = program("hello", port, "/bin/echo", "Hello", bind="127.0.0.1")
    start_with(daemon, {"x": ("127.0.0.1", port, socket.SOCK_STREAM)}, daemon.logging() + hello)
    inode = inode_of_listener(daemon.process.pid, port)
    for more in (builtin("echo", other), ""):
        daemon.reload(daemon.logging() + hello + more)
        assert inode_of_listener(daemon.process.pid, port) == inode
        assert fetch(port) == b"Hello\n"
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: fetch(port) == b"Hello\n")
    daemon.reload(daemon.logging())
    eventually(lambda: fetch(port) == b"")


def test_programs_hear_nothing_of_the_daemons_own_sockets(daemon):
    port = free_port()
    start_with(daemon, {"x": ("127.0.0.1", port, socket.SOCK_STREAM)}, daemon.logging() + program("env", port, "/usr/bin/env", bind="127.0.0.1"))
    assert not any(name.startswith("LISTEN_") for name in environment(port))


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="there is no systemd-socket-activate")
def test_systemds_own_starter(daemon):
    port = free_port()
    daemon.file("test.conf", daemon.logging() + program("hello", port, "/bin/echo", "Hello"))
    with open(daemon.errors, "ab") as errors:
        daemon.process = subprocess.Popen(
            ["systemd-socket-activate", "-l", str(port), "--fdname=hello", str(daemon.binary), "-f", str(daemon.config), "-dontfork", "-filelog",
             str(daemon.daemon_log)], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
    assert eventually(lambda: fetch(port)) == b"Hello\n"
    assert "came from the service manager" not in daemon.said()
