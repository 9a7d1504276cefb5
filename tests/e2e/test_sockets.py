"""Unix sockets, and addresses that come and go."""

import os
import socket
import stat
import time

import pytest

from client import GUEST, ROGUE, eventually, free_port, read_all
from daemon import builtin, entry, program
from namespaces import Host


def unix_program(name, path, server, arguments=None, *lines, **attributes):
    common = {"socket_type": "stream", "wait": "no", "user": "nobody" if os.geteuid() == 0 else None, "bind": path,
              "server": server, "server_args": arguments, "type": "UNLISTED"}
    return entry(f"service {name}", *lines, **(common | attributes))


def ask(path, said=b""):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect("\0" + str(path)[1:] if str(path).startswith("@") else str(path))
        try:
            sock.sendall(said)
            sock.shutdown(socket.SHUT_WR)
        except OSError:  # refused, and closed already
            return b""
        return read_all(sock)


def answer_of(path):
    try:
        return ask(path)
    except (FileNotFoundError, ConnectionRefusedError, BrokenPipeError):  # not there yet; nobody listens yet; refused
        return None


def await_socket(path):
    eventually(lambda: answer_of(path) is not None, what=f"{path} is not there")


@pytest.mark.root
def test_a_unix_socket_has_the_mode_and_owner_asked_for_and_goes_with_the_service(daemon):
    path = daemon.folder / "cat.sock"
    daemon.start(daemon.logging() + unix_program("cat", path, "/bin/cat", socket_mode="0660", socket_user="daemon", socket_group="1234"))
    await_socket(path)
    status = os.stat(path)
    assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o660
    assert (status.st_uid, status.st_gid) == (1, 1234)
    assert ask(path, b"hello") == b"hello"
    assert daemon.await_lines(r"START: cat pid=\d+ from=uid:0")
    daemon.reload(daemon.logging() + unix_program("cat", path, "/bin/cat", socket_mode="0600"))
    eventually(lambda: stat.S_IMODE(os.stat(path).st_mode) == 0o600)
    assert os.stat(path).st_uid == 0
    assert ask(path, b"again") == b"again"
    assert daemon.stop() == 0
    assert not path.exists()


@pytest.mark.root
def test_a_unix_client_has_no_remote_host_and_lists_are_not_about_it(daemon):
    path = daemon.folder / "env.sock"
    daemon.start(daemon.logging(only_from="192.0.2.1") + unix_program("env", path, "/usr/bin/env", per_source=1))
    await_socket(path)
    answer = eventually(lambda: answer_of(path))  # the probe that awaited it may still be there, and one is the limit
    assert b"PATH=" in answer and b"REMOTE_HOST" not in answer


@pytest.mark.root
def test_what_stands_in_the_way_of_a_unix_socket(daemon):
    stale, taken, file, link = (daemon.folder / name for name in ("stale", "taken", "file", "link"))
    with socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as living:
        dead.bind(str(stale))
        living.bind(str(taken))
        living.listen()
        dead.close()
        file.write_text("precious")
        target = daemon.folder / "target"
        target.write_text("precious")
        target.chmod(0o600)
        link.symlink_to(target)
        text = daemon.logging() + "".join(unix_program(path.name, path, "/bin/cat", socket_mode="0666") for path in (stale, taken, file, link))
        daemon.start(text)
        await_socket(stale)
        assert ask(stale, b"x") == b"x"
        eventually(lambda: "1 available" in daemon.said())
        assert file.read_text() == target.read_text() == "precious"
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        for name in ("taken", "file", "link"):
            assert f"service {name}: bind " in daemon.said()
    assert daemon.stop() == 0
    assert taken.exists() and file.exists() and link.is_symlink() and not stale.exists()


@pytest.mark.root
def test_an_abstract_socket_and_a_port_in_one_service(daemon):
    port = free_port()
    name = f"@reeve-test-{os.getpid()}"
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat", bind=f"127.0.0.1 {name}", flags=None))
    assert ask(name, b"abstract") == b"abstract"
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"tcp")
        assert sock.recv(3) == b"tcp"


@pytest.mark.root
def test_a_unix_datagram_socket_is_handed_to_its_server(daemon):
    path, answer = daemon.folder / "dgram", daemon.folder / "answer"
    script = daemon.file("take", "#!/usr/bin/python3 -S\nimport socket\ns = socket.socket(fileno=0)\nd, a = s.recvfrom(100)\ns.sendto(b'got ' + d, a)\n", 0o755)
    daemon.start(daemon.logging() + unix_program("take", path, script, socket_type="dgram", wait="yes", user="root"))
    eventually(path.exists)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.bind(str(answer))
        for text in (b"one", b"two"):
            sock.sendto(text, str(path))
            assert sock.recv(100) == b"got " + text
    daemon.await_lines(r"START: take pid=\d+ from=local")


@pytest.fixture
def machine():
    made = Host("ip link add eth7 type veth peer name peer7 && ip link set eth7 up && ip link set peer7 up")
    yield made
    made.close()


def fetch(machine, host, port):
    with machine.inside():
        try:
            with socket.create_connection((host, port), timeout=2) as sock:
                return read_all(sock)
        except OSError:
            return None


@pytest.mark.root
def test_an_address_that_comes_later_is_served_then(daemon, machine):
    daemon.host = machine
    daemon.file("test.conf", daemon.logging() + program("hello", 4001, "/bin/echo", "hello", bind="192.0.2.7 2001:db8::7", flags=None))
    daemon.launch()
    eventually(lambda: "does not have the address 192.0.2.7" in daemon.said(), what=daemon.said)
    assert fetch(machine, "192.0.2.7", 4001) is None
    machine.run("ip", "address", "add", "192.0.2.7/24", "dev", "eth7")
    machine.run("ip", "address", "add", "2001:db8::7/64", "dev", "eth7", "nodad")
    assert fetch(machine, "192.0.2.7", 4001) == b"hello\n"
    assert fetch(machine, "2001:db8::7", 4001) == b"hello\n"
    eventually(lambda: "the address 192.0.2.7 is here now" in daemon.said(), what=daemon.said)


@pytest.mark.root
def test_a_service_follows_its_interface(daemon, machine):
    daemon.host = machine
    text = daemon.logging() + program("hello", 4001, "/bin/echo", "hello", bind="eth7 eth8", flags=None) + builtin("echo", 4002)
    daemon.file("test.conf", text)
    daemon.launch()
    eventually(lambda: "started" in daemon.said())
    assert fetch(machine, "127.0.0.1", 4001) is None
    machine.run("ip", "address", "add", "192.0.2.7/24", "dev", "eth7")
    assert eventually(lambda: fetch(machine, "192.0.2.7", 4001)) == b"hello\n"
    machine.run("ip", "address", "del", "192.0.2.7/24", "dev", "eth7")
    machine.run("ip", "link", "add", "eth8", "type", "veth", "peer", "name", "peer8")
    machine.run("ip", "link", "set", "peer8", "up")
    machine.run("ip", "address", "add", "192.0.2.8/24", "dev", "eth8")
    machine.run("ip", "link", "set", "eth8", "up")
    assert eventually(lambda: fetch(machine, "192.0.2.8", 4001)) == b"hello\n"
    # The address went to another interface, which is not the service's.
    machine.run("ip", "address", "add", "192.0.2.7/24", "dev", "lo")
    assert eventually(lambda: fetch(machine, "192.0.2.7", 4001) is None)
    # A link-local address means something on its interface only.
    link_local = eventually(lambda: next((words[1].split("/")[0] for words in (
        line.split() for line in machine.run("ip", "-6", "address", "show", "dev", "eth8", "scope", "link").splitlines()) if words[0] == "inet6"), None))
    with machine.inside():
        index = socket.if_nametoindex("eth8")

        def reach():
            try:
                with socket.socket(socket.AF_INET6) as sock:
                    sock.settimeout(2)
                    sock.connect((link_local, 4001, 0, index))
                    return read_all(sock)
            except OSError:
                return None

        assert eventually(reach) == b"hello\n"


@pytest.mark.root
def test_a_multicast_group_is_joined_when_there_is_a_way_to_it(daemon, machine):
    daemon.host = machine
    daemon.file("test.conf", daemon.logging() + builtin("discard", 4003, kind="dgram", bind="239.1.2.3", flags=None) +
                builtin("echo", 4004, kind="dgram", id="named", bind="239.1.2.4%eth9", flags=None))
    daemon.launch()
    eventually(lambda: "started" in daemon.said())
    groups = lambda device: machine.run("ip", "maddress", "show", "dev", device)  # noqa: E731
    assert "239.1.2.3" not in groups("eth7")
    machine.run("ip", "address", "add", "192.0.2.7/24", "dev", "eth7")
    machine.run("ip", "route", "add", "239.0.0.0/8", "dev", "eth7")
    machine.run("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9")
    machine.run("ip", "link", "set", "peer9", "up")
    machine.run("ip", "link", "set", "eth9", "up")
    eventually(lambda: "239.1.2.3" in groups("eth7"), what=daemon.said)
    eventually(lambda: "239.1.2.4" in groups("eth9"), what=daemon.said)


# ---------------------------------------------------------------- the sources of a wait = yes server's packets

ECHO = """#!/usr/bin/python3 -S
import socket, sys
s = socket.socket(fileno=0)
s.settimeout(float(sys.argv[1]))
try:
    while True:
        data, source = s.recvfrom(2000)
        s.sendto(b'got ' + data, source)
except TimeoutError:
    pass
"""
ACCEPT = """#!/usr/bin/python3 -S
import socket, sys
s = socket.socket(fileno=0)
s.settimeout(float(sys.argv[1]))
try:
    while True:
        c, a = s.accept()
        c.sendall(b'hello')
        c.close()
except TimeoutError:
    pass
"""


def send_from(source, port, text):
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.bind((source, 0))
    sock.settimeout(5)
    sock.sendto(text, ("127.0.0.1", port))
    return sock


def greeted(port, source, seconds=1.0):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0)) as sock:
            return sock.recv(100) == b"hello"
    except OSError:
        return False


@pytest.mark.parametrize("flags", ["IPv4 INTERCEPT", "INTERCEPT", "IPv4"])
def test_every_datagram_of_a_server_is_checked(daemon, flags):
    port = free_port()
    script = daemon.file("echo.py", ECHO, 0o755)
    daemon.start(daemon.logging() + program("udp", port, script, 2, socket_type="dgram", protocol="udp", wait="yes", flags=flags,
                                            only_from="127.0.0.0/8", no_access=ROGUE))
    # Who is refused while nobody serves is told.
    with send_from(ROGUE, port, b"early"):
        daemon.await_lines(rf"FAIL: udp address from={ROGUE}")
    with send_from(GUEST, port, b"one") as guest:
        assert guest.recv(100) == b"got one"
        with send_from(ROGUE, port, b"rogue") as rogue:
            guest.sendto(b"two", ("127.0.0.1", port))
            assert guest.recv(100) == b"got two"
            rogue.settimeout(0.2)
            with pytest.raises(TimeoutError):
                rogue.recv(100)
    daemon.await_lines("EXIT: udp")
    eventually(lambda: "service udp: while its program had the socket, the kernel dropped 1 packet:" in daemon.said(), what=daemon.said)
    with send_from(ROGUE, port, b"late"):
        daemon.await_lines(rf"FAIL: udp address from={ROGUE}", count=2)


def test_unwelcome_datagrams_behind_a_welcome_one_never_reach_the_server(daemon):
    port = free_port()
    script = daemon.file("echo.py", ECHO.replace("b'got '", "b'got ' + source[0].encode() + b' '").replace(
        "s.sendto", "open(sys.argv[2], 'a').write(source[0] + '\\n'); s.sendto"), 0o755)
    seen = daemon.file("seen", "", 0o666)
    daemon.start(daemon.logging() + program("udp", port, script, f"1 {seen}", socket_type="dgram", protocol="udp", wait="yes",
                                            flags="IPv4 INTERCEPT", only_from=GUEST))
    engine = daemon.engine()
    os.kill(engine, 19)  # all of these are in the queue when the engine looks
    with send_from(GUEST, port, b"first") as guest:
        with send_from(ROGUE, port, b"rogue"):
            os.kill(engine, 18)
            guest.settimeout(0.5)

            def answered():
                guest.sendto(b"again", ("127.0.0.1", port))
                try:
                    return guest.recv(100)
                except TimeoutError:
                    return None

            assert eventually(answered).startswith(b"got 127.0.0.77 again")
    assert set(seen.read_text().split()) == {GUEST}


@pytest.mark.parametrize("flags", ["IPv4", "INTERCEPT"])
def test_a_server_that_accepts_gets_welcome_clients_only(daemon, flags):
    port = free_port()
    script = daemon.file("accept.py", ACCEPT, 0o755)
    daemon.start(daemon.logging() + program("tcp", port, script, 1, wait="yes", flags=flags, only_from=GUEST))
    assert not greeted(port, ROGUE, 0.3)
    assert greeted(port, GUEST)
    assert not greeted(port, ROGUE, 0.3)
    daemon.await_lines("EXIT: tcp")
    eventually(lambda: "service tcp: while its program had the socket, the kernel dropped" in daemon.said(), what=daemon.said)
    assert greeted(port, GUEST)
    daemon.reload(daemon.logging() + program("tcp", port, script, 1, wait="yes", flags=flags))
    assert eventually(lambda: greeted(port, ROGUE, 0.3))


def test_a_ban_holds_for_a_server_that_accepts(daemon):
    port, trap = free_port(), free_port()
    script = daemon.file("accept.py", ACCEPT, 0o755)

    def text(**attributes):
        return (daemon.logging() + program("tcp", port, script, 100, wait="yes", **attributes) +
                builtin("trap", trap, flags="SENSOR IPv4", deny_time="FOREVER", type="INTERNAL UNLISTED"))

    daemon.start(text())
    assert greeted(port, ROGUE) and greeted(port, GUEST)
    with socket.create_connection(("127.0.0.1", trap), source_address=(ROGUE, 0)):
        pass
    eventually(lambda: not greeted(port, ROGUE, 0.3), what="the ban never reached the server")
    assert greeted(port, GUEST)
    # A reload does not let him in again, not even for a moment.
    daemon.reload(text(nice=1))
    assert not greeted(port, ROGUE, 0.3) and greeted(port, GUEST)


def test_the_end_of_access_times_reaches_a_server_that_accepts(daemon):
    port = free_port()
    script = daemon.file("accept.py", ACCEPT, 0o755)
    now = time.gmtime()
    here = f"{now.tm_hour:02}:{now.tm_min:02}"
    elsewhere = "00:00-00:01" if now.tm_hour > 12 else "23:58-23:59"

    def text(times):
        return daemon.logging() + program("tcp", port, script, 100, wait="yes", access_times=times)

    daemon.start(text(f"{here}-24:00"))
    assert greeted(port, GUEST)
    daemon.reload(text(elsewhere))
    eventually(lambda: not greeted(port, GUEST, 0.3), what="it is still open")
    daemon.reload(text("00:00-24:00"))
    assert eventually(lambda: greeted(port, GUEST, 0.3), what="it stayed closed")


def test_a_ban_holds_for_a_server_that_runs(daemon):
    port, trap = free_port(), free_port()
    script = daemon.file("echo.py", ECHO, 0o755)
    daemon.start(daemon.logging() + program("udp", port, script, 8, socket_type="dgram", protocol="udp", wait="yes") +
                 builtin("trap", trap, flags="SENSOR IPv4", deny_time="FOREVER", type="INTERNAL UNLISTED"))
    with send_from(ROGUE, port, b"one") as rogue:
        assert rogue.recv(100) == b"got one"
        with socket.create_connection(("127.0.0.1", trap), source_address=(ROGUE, 0)):
            pass

        def is_silent():
            rogue.settimeout(0.3)
            rogue.sendto(b"more", ("127.0.0.1", port))
            try:
                return not rogue.recv(100)
            except TimeoutError:
                return True

        eventually(is_silent)
        with send_from(GUEST, port, b"x") as guest:
            assert guest.recv(100) == b"got x"
