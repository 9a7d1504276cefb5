"""RPC services and a real rpcbind, on a machine of their own."""

import os
import shutil
import signal
import subprocess

import pytest

from client import connect, eventually, fetch, free_port, read_all
from daemon import Daemon, builtin, entry, program, state_of
from conftest import BINARY
from namespaces import Host, die_with_parent

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("rpcbind", path="/sbin:/usr/sbin") is None, reason="there is no rpcbind"),
    pytest.mark.reeve_only("xinetd registers with IPv4 alone, once, and takes what others have registered"),
]
PROGRAM = 400001


def rpc(name, versions="1", protocol="tcp", number=PROGRAM, **attributes):
    kind = {"tcp": ("stream", "no"), "udp": ("dgram", "yes")}[protocol]
    common = {"type": "RPC UNLISTED", "socket_type": kind[0], "protocol": protocol, "wait": kind[1], "user": "nobody", "server": "/bin/echo",
              "server_args": name, "rpc_number": number, "rpc_version": versions}
    return entry(f"service {name}", **(common | attributes))


class Machine:
    def __init__(self):
        self.host = Host("mount -t tmpfs tmpfs /run\ninstall -d -o _rpc /run/rpcbind 2>/dev/null || mkdir /run/rpcbind")
        self.rpcbind = None
        self.daemons = []

    def start_rpcbind(self):
        self.rpcbind = subprocess.Popen(self.host.command("rpcbind", "-f"), stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        eventually(lambda: self.table() is not None, what="rpcbind does not answer")

    def stop_rpcbind(self):
        self.rpcbind.send_signal(signal.SIGCONT)
        self.rpcbind.terminate()
        self.rpcbind.wait(5)
        self.rpcbind = None

    def table(self):
        """{(program, version, netid): address}, as rpcbind tells; None when it does not."""
        told = subprocess.run(self.host.command("rpcinfo"), capture_output=True, text=True, timeout=10)
        if told.returncode != 0 or not told.stdout:
            return None
        rows = [line.split() for line in told.stdout.splitlines()[1:]]
        return {(int(row[0]), int(row[1]), row[2]): row[3] for row in rows if row[0] != "100000"}

    def registered(self):
        """The same with ports instead of addresses."""
        return {key: int(address.split(".")[-2]) * 256 + int(address.split(".")[-1]) for key, address in self.table().items()}

    def daemon(self):
        made = Daemon(BINARY)
        made.host = self.host
        self.daemons.append(made)
        return made

    def start(self, daemon, text, *options):
        with self.host.inside():
            daemon.start(daemon.logging() + text, *options)
        return daemon

    def close(self):
        for daemon in self.daemons:
            daemon.close()
        if self.rpcbind:
            self.stop_rpcbind()
        self.host.close()


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.close()


def keys(*versions, netids=("tcp", "tcp6"), number=PROGRAM):
    return {(number, version, netid) for version in versions for netid in netids}


def test_both_families_and_all_versions_are_registered_and_served(machine):
    machine.start_rpcbind()
    daemon = machine.start(machine.daemon(), rpc("svc", "2-4") + rpc("four", number=400002, flags="IPv4")
                           + rpc("bound", number=400003, bind="127.0.0.1") + rpc("datagrams", "1", "udp", number=400004))
    wanted = (keys(2, 3, 4) | keys(1, netids=("tcp",), number=400002) | keys(1, netids=("tcp",), number=400003)
              | keys(1, netids=("udp", "udp6"), number=400004))
    eventually(lambda: set(machine.table()) == wanted, what=lambda: f"{machine.table()}\n{daemon.said()}")
    found, table = machine.registered(), machine.table()
    assert len({found[key] for key in keys(2, 3, 4)}) == 1
    assert table[400003, 1, "tcp"].startswith("127.0.0.1.") and table[400001, 2, "tcp6"].startswith("::.")
    with machine.host.inside():
        assert fetch(found[PROGRAM, 2, "tcp"]) == b"svc\n"
        with connect(found[PROGRAM, 2, "tcp6"], source="::1", host="::1") as sock:
            assert read_all(sock) == b"svc\n"
    assert daemon.stop() == 0
    assert machine.table() == {}


def test_reloads_change_only_what_changed(machine):
    machine.start_rpcbind()
    daemon = machine.start(machine.daemon(), rpc("svc", "1-2") + rpc("other", number=400002))
    eventually(lambda: set(machine.table()) == keys(1, 2) | keys(1, number=400002))
    before = machine.table()
    with machine.host.inside():
        daemon.reload(daemon.logging() + rpc("svc", "2-3") + rpc("other", number=400002))
    eventually(lambda: set(machine.table()) == keys(2, 3) | keys(1, number=400002))
    after = machine.table()
    assert all(after[key] == before[key] for key in keys(2) | keys(1, number=400002))
    with machine.host.inside():
        daemon.reload(daemon.logging() + rpc("other", number=400002))
    eventually(lambda: set(machine.table()) == keys(1, number=400002))
    daemon.stop(signal.SIGQUIT)
    assert machine.table() == {}


def test_without_rpcbind_the_service_is_told_and_the_others_run(machine):
    plain = free_port()
    daemon = machine.start(machine.daemon(), rpc("svc") + program("plain", plain, "/bin/echo", "Hello"))
    eventually(lambda: "ERROR: rpcbind: " in daemon.said() and "registered: svc" in daemon.said(), what=daemon.said)
    with machine.host.inside():
        assert fetch(plain) == b"Hello\n"
    machine.start_rpcbind()
    eventually(lambda: set(machine.table()) == keys(1), seconds=20, what=lambda: f"{machine.table()}\n{daemon.said()}")
    assert daemon.said().count("ERROR: rpcbind: ") == 1, "said once"


def test_an_rpcbind_that_forgot_hears_of_it_at_a_reload(machine):
    machine.start_rpcbind()
    daemon = machine.start(machine.daemon(), rpc("svc"))
    eventually(lambda: set(machine.table()) == keys(1))
    port = machine.registered()[PROGRAM, 1, "tcp"]
    machine.stop_rpcbind()
    machine.start_rpcbind()
    assert machine.table() == {}
    with machine.host.inside():
        daemon.reload(daemon.logging() + rpc("svc"))
    eventually(lambda: machine.registered() == {(PROGRAM, 1, "tcp"): port, (PROGRAM, 1, "tcp6"): port})


def test_another_programs_registration_is_left_alone(machine):
    machine.start_rpcbind()
    first = machine.start(machine.daemon(), rpc("first", flags="IPv4"))
    eventually(lambda: set(machine.table()) == keys(1, netids=("tcp",)))
    of_first = machine.registered()[PROGRAM, 1, "tcp"]
    second = machine.start(machine.daemon(), rpc("second", flags="IPv4"))
    eventually(lambda: f"another program's, on port {of_first}" in second.said(), what=second.said)
    assert "service second is not registered" in second.said()
    assert machine.registered() == {(PROGRAM, 1, "tcp"): of_first}
    second.stop()
    assert machine.registered() == {(PROGRAM, 1, "tcp"): of_first}, "only what is ours is taken back"


def test_what_a_killed_daemon_left_is_replaced(machine):
    machine.start_rpcbind()
    first = machine.start(machine.daemon(), rpc("svc", flags="IPv4"))
    eventually(lambda: set(machine.table()) == keys(1, netids=("tcp",)))
    old = machine.registered()[PROGRAM, 1, "tcp"]
    engine = first.engine()
    first.process.kill()
    first.process.wait()
    eventually(lambda: state_of(engine) in "ZX")
    machine.start(machine.daemon(), rpc("svc", flags="IPv4", server_args="anew"))
    new = eventually(lambda: (port := machine.registered()[PROGRAM, 1, "tcp"]) != old and port)
    with machine.host.inside():
        assert fetch(new) == b"anew\n"


def test_an_rpcbind_that_hangs_holds_up_nothing(machine):
    machine.start_rpcbind()
    machine.rpcbind.send_signal(signal.SIGSTOP)
    plain, later = free_port(), free_port()
    daemon = machine.start(machine.daemon(), rpc("svc") + program("plain", plain, "/bin/echo", "Hello"))
    with machine.host.inside():
        assert fetch(plain) == b"Hello\n"
        daemon.reload(daemon.logging() + rpc("svc") + program("later", later, "/bin/echo", "Later"))
        assert fetch(later) == b"Later\n"
    eventually(lambda: "no answer within 5 seconds" in daemon.said(), seconds=20, what=daemon.said)
    machine.rpcbind.send_signal(signal.SIGCONT)
    eventually(lambda: set(machine.table()) == keys(1), seconds=20)
    machine.rpcbind.send_signal(signal.SIGSTOP)
    daemon.stop(seconds=10)


def test_two_services_for_one_version_are_told(machine):
    machine.start_rpcbind()
    daemon = machine.start(machine.daemon(), rpc("one", flags="IPv4") + rpc("two", flags="IPv4"))
    eventually(lambda: set(machine.table()) == keys(1, netids=("tcp",)))
    assert "service two: version 1 of RPC program 400001 (tcp) is that of service one already" in daemon.said()
