"""The firewall: bans in the kernel, and a sensor on every port that nobody has.

The daemon runs in the network namespace of the tests; a rogue and a friend are machines of their own, each at the other end
of a cable.
"""

import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from client import eventually, free_port
from control import ask, reeve
from daemon import comm_of, entry, program, state_of
from namespaces import Host


def nft(*words, check=True):
    return subprocess.run(["nft", *words], check=check, capture_output=True, text=True, timeout=20).stdout


def can_filter():
    if os.geteuid() != 0:
        return False
    done = subprocess.run(["unshare", "-n", "nft", "add table inet probe; add chain inet probe c "
                           "{ type nat hook prerouting priority 0; }; add rule inet probe c socket transparent 0 return"],
                          capture_output=True, timeout=20)
    return done.returncode == 0


pytestmark = [pytest.mark.root, pytest.mark.reeve_only("xinetd has no firewall"),
              pytest.mark.skipif(not can_filter(), reason="nftables (nat, socket) can't be used here: no root, or a kernel without")]


class Machine(Host):
    """A stranger's machine with a cable to ours. `address`, `address6`: its own; `ours`, `ours6`: this end."""

    def __init__(self, number):
        super().__init__("")
        self.cable = f"cable{number}"
        self.ours, self.address = f"10.{number}.0.1", f"10.{number}.0.2"
        self.ours6, self.address6 = f"fd0{number}::1", f"fd0{number}::2"
        run = lambda words: subprocess.run(words.split(), check=True, capture_output=True, timeout=20)
        run(f"ip link add {self.cable} type veth peer name eth0 netns {self.pid}")
        run(f"ip addr add {self.ours}/24 dev {self.cable}")
        run(f"ip addr add {self.ours6}/64 dev {self.cable} nodad")
        run(f"ip link set {self.cable} up")
        self.run("ip", "addr", "add", f"{self.address}/24", "dev", "eth0")
        self.run("ip", "addr", "add", f"{self.address6}/64", "dev", "eth0", "nodad")
        self.run("ip", "link", "set", "eth0", "up")

    def close(self):
        subprocess.run(["ip", "link", "del", self.cable], capture_output=True, timeout=20)
        super().close()

    def visit(self, port, to=None, source_port=None, seconds=1.0):
        """What is said there until the end; None: refused or unanswered."""
        to = to or self.ours
        with self.inside():
            visitor = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
            if source_port:
                visitor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                visitor.bind(("", source_port))
        with visitor:
            visitor.settimeout(seconds)
            said = b""
            try:
                visitor.connect((to, port))
                visitor.settimeout(5)
                while more := visitor.recv(1000):
                    said += more
            except ConnectionResetError:
                return said
            except OSError:
                return None
            return said

    def send(self, port, to=None):
        to = to or self.ours
        with self.inside():
            sender = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
        with sender:
            sender.sendto(b"x", (to, port))


@pytest.fixture
def rogue():
    machine = Machine(7)
    yield machine
    machine.close()


@pytest.fixture
def friend():
    machine = Machine(8)
    yield machine
    machine.close()


@pytest.fixture(autouse=True)
def clean_filter():
    nft("flush", "ruleset")
    yield
    nft("flush", "ruleset")


def unused(*lines, **attributes):
    common = {"socket_type": "stream", "wait": "no", "port": "UNUSED", "flags": "SENSOR", "deny_time": 5}
    return entry("service unused", *lines, **(common | attributes))


def table():
    """Our table, as nft shows it; empty: it is not there."""
    found = re.search(r"^table inet (reeve_\w+)$", nft("list", "tables"), re.MULTILINE)
    return nft("list", "table", "inet", found[1], check=False) if found else ""


def guarded_ports():
    found = re.search(r"set ports_tcp \{.*?elements = \{(.*?)\}", table(), re.DOTALL)
    ranges = [[int(end) for end in one.split("-")] for one in found[1].split(",")]
    return {port for one in ranges for port in range(one[0], one[-1] + 1)}


def rules_and_guarded():
    return re.sub(r"set ban.*?\t}", "", table(), flags=re.DOTALL)


def rules():
    return re.findall(r"^\t(chain .*?)^\t}", table(), re.MULTILINE | re.DOTALL)


def sets(name):
    """{element: seconds that are left, None for ever} of one set."""
    for item in json.loads(nft("-j", "list", "ruleset"))["nftables"]:
        if item.get("set", {}).get("name") == name:
            elements = [one["elem"] if isinstance(one, dict) and "elem" in one else {"val": one} for one in item["set"].get("elem", [])]
            return {one["val"]: one.get("expires") for one in elements}
    return {}


def has_rule(text):
    return eventually(lambda: text in table(), what=lambda: f"no {text!r} in:\n{table()}")


def hello(**attributes):
    port = free_port()
    return port, program("hello", port, "/bin/echo", "Hello", **({"flags": None} | attributes))


def firewall_of(daemon):
    found = [pid for pid in daemon.descendants() if comm_of(pid) == "reeved-firewall"[:15] and state_of(pid) not in "ZX"]
    return found[0] if found else None


def start(daemon, *parts, waits="dnat to", kernel_bans="no", **attributes):
    daemon.start(daemon.logging(kernel_bans=kernel_bans, **attributes) + "".join(parts))
    has_rule(waits)


def test_unused_ports_are_a_sensor(daemon, rogue, friend):
    port, text = hello()
    start(daemon, text, unused())
    assert rogue.visit(port) == friend.visit(port) == b"Hello\n"
    assert rogue.visit(4321) == b""
    daemon.await_lines(rf"FAIL: unused address from={rogue.address} port=4321/tcp$")
    eventually(lambda: rogue.visit(port) == b"")
    assert friend.visit(port) == b"Hello\n"


def test_unused_ports_of_ipv6(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused(), log_format="json")
    assert rogue.visit(port, rogue.ours6) == b"Hello\n"
    assert rogue.visit(1, rogue.ours6) == b""
    line = json.loads(daemon.await_lines('"event":"fail"')[0])
    assert (line["source"], line["local"], line["local_port"], line["protocol"]) == (rogue.address6, rogue.ours6, 1, "tcp")
    eventually(lambda: rogue.visit(port, rogue.ours6) == b"")


def test_one_family_only(daemon, rogue):
    start(daemon, unused(flags="SENSOR IPv6"))
    assert rogue.visit(99, rogue.ours) is None
    assert rogue.visit(99, rogue.ours6) == b""


def test_a_program_that_binds_later_has_its_port_at_once(daemon, rogue):
    start(daemon, unused(deny_time="NEVER"))
    assert rogue.visit(4321) == b""
    with socket.create_server(("0.0.0.0", 4321)) as server:
        server.settimeout(5)
        with rogue.inside():
            visitor = socket.socket()
        with visitor:
            visitor.settimeout(5)
            visitor.connect((rogue.ours, 4321))
            server.accept()[0].close()
    assert rogue.visit(4321) == b""
    daemon.await_lines("FAIL: unused", 2)


def test_who_comes_back_from_the_same_port_is_no_stranger(daemon, rogue):
    """The server's socket of before is in TIME_WAIT."""
    port, text = hello()
    start(daemon, text, unused())
    for _ in range(3):
        assert rogue.visit(port, source_port=5555) == b"Hello\n"


def test_own_connections_and_loopback_are_left_alone(daemon, friend):
    start(daemon, unused())
    with friend.inside():
        server = socket.create_server((friend.address, 7777))
    with server, socket.create_connection((friend.address, 7777), timeout=5, source_address=(friend.ours, 40001)) as ours:
        theirs, _ = server.accept()
        with theirs:
            theirs.sendall(b"answer")
            assert ours.recv(100) == b"answer"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 4321), timeout=5)
    assert daemon.lines("FAIL") == []


def test_ports_that_others_forward_are_theirs(daemon, rogue):
    """Also where nobody listens on them: their rules come first."""
    port, text = hello()
    start(daemon, text, unused())
    nft("add table ip other; add chain ip other c { type nat hook prerouting priority dstnat; };"
        f"add rule ip other c tcp dport 8080 redirect to :{port}")
    assert rogue.visit(8080) == b"Hello\n"
    assert rogue.visit(8081) == b""


def test_datagrams_are_written_down_and_ban_nobody(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused())
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with taken:
        taken.bind(("0.0.0.0", 160))
        rogue.send(160)
        rogue.send(161)
        assert taken.recv(10) == b"x"
    rogue.send(162, rogue.ours6)
    daemon.await_lines(rf"FAIL: unused address from={rogue.address} port=161/udp$", seconds=20)
    daemon.await_lines(rf"FAIL: unused address from={rogue.address6} port=162/udp$", seconds=20)
    assert not daemon.lines("port=160")
    assert rogue.visit(port) == b"Hello\n"
    # An answer to a question of ours is none.
    with rogue.inside():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((rogue.address, 53))
    with server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"?", (rogue.address, 53))
        _, asker = server.recvfrom(100)
        server.sendto(b"!", asker)
        client.settimeout(5)
        assert client.recv(10) == b"!"
    assert f". {asker[1]} " not in table()


@pytest.mark.parametrize("scope", ["services", "host"])
def test_the_kernel_drops_who_is_banned(daemon, rogue, friend, scope):
    port, text = hello()
    trap = free_port()
    start(daemon, text, program("trap", trap, "/bin/false", flags="SENSOR", deny_time=5), waits="jump judge",
          kernel_bans="yes", ban_scope=scope)
    with socket.create_server(("0.0.0.0", 4321)):
        with rogue.inside():
            running = socket.socket()
        running.connect((rogue.ours, 4321))
        assert rogue.visit(trap) == b""
        left = eventually(lambda: sets("ban4_32").get(rogue.address))
        assert 280 < left <= 300
        assert rogue.visit(port) is None, "a SYN is answered"
        assert friend.visit(port) == b"Hello\n"
        assert rogue.visit(port, rogue.ours6) == b"Hello\n", "another address"
        with rogue.inside():
            other = socket.socket()
        with other:
            other.settimeout(0.5)
            assert (other.connect_ex((rogue.ours, 4321)) == 0) == (scope == "services")
        running.settimeout(5)
        running.sendall(b"what runs goes on")
        running.close()
    assert "packets 0 " not in nft("list", "counters")


def test_who_is_never_banned_is_not_cut_off(daemon, rogue, friend):
    """Nor by a ban of the network around him: that is refused, and in the kernel he comes first."""
    port, text = hello()
    start(daemon, text, waits="jump judge", kernel_bans="yes", never_ban=friend.address)
    eventually(lambda: friend.address in rules_and_guarded())
    nft("add", "element", "inet", re.search(r"reeve_\w+", nft("list", "tables"))[0], "ban4_32", "{", friend.address, "}", check=False)
    reeve(daemon, "ban", rogue.address)
    assert "never" in reeve(daemon, "ban", friend.address, check=1).stderr
    eventually(lambda: rogue.visit(port) is None)
    assert friend.visit(port) == b"Hello\n"


def test_what_the_operator_bans_and_lifts(daemon, rogue):
    port, text = hello()
    start(daemon, text, waits="jump judge", kernel_bans="yes")
    reeve(daemon, "ban", "10.7.0.2/31", "for", "10m")
    reeve(daemon, "ban", rogue.address)
    eventually(lambda: sets("ban4_31").get("10.7.0.2"))
    eventually(lambda: rogue.address in sets("ban4_32"))
    assert rogue.visit(port) is None
    reeve(daemon, "unban", "10.7.0.2/31")
    eventually(lambda: not sets("ban4_31"))
    assert rogue.visit(port) is None
    reeve(daemon, "unban", rogue.address)
    eventually(lambda: rogue.visit(port) == b"Hello\n")


def test_a_flush_by_others_is_repaired(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused(), kernel_bans="yes")
    reeve(daemon, "ban", rogue.address)
    eventually(lambda: rogue.address in sets("ban4_32"))
    before = rules()
    nft("flush", "ruleset")
    eventually(lambda: rogue.address in sets("ban4_32"), 20)
    assert rules() == before
    assert rogue.visit(port) is None
    assert "somebody removed our table" in daemon.said()


def test_nothing_is_left_behind(daemon, rogue):
    nft("add table inet other")
    start(daemon, unused(), kernel_bans="yes")
    reeve(daemon, "ban", rogue.address)
    eventually(lambda: rogue.address in sets("ban4_32"))
    assert daemon.stop() == 0
    assert nft("list", "ruleset").split() == ["table", "inet", "other", "{", "}"]


def test_without_need_nothing_is_left_after_a_reload(daemon):
    port, text = hello()
    start(daemon, text, unused())
    daemon.reload(daemon.logging() + text)
    eventually(lambda: nft("list", "ruleset") == "")
    eventually(lambda: firewall_of(daemon) is None)


def test_who_dies_alone_leaves_no_gap(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused(), kernel_bans="yes")
    reeve(daemon, "ban", rogue.address)
    eventually(lambda: rogue.address in sets("ban4_32"))
    before = rules()
    # A change takes place as a whole or not at all, so somebody who looks all the time would see what is missing.
    seen = []
    watching = threading.Event()

    def watch():
        while not watching.wait(0.02):
            seen.append((rules() == before, rogue.address in table()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    first = firewall_of(daemon)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: firewall_of(daemon) not in (None, first), 20)
    eventually(lambda: ask(daemon, "status").get("firewall", {}).get("firewall") == "in force")
    assert rogue.visit(port) is None
    watching.set()
    watcher.join()
    assert seen and all(one == (True, True) for one in seen)
    # Without a store the engine's bans die with it; the rules stay, and are the next one's.
    os.kill(daemon.engine(), signal.SIGKILL)
    assert "dnat to" in table()
    eventually(lambda: rogue.visit(port) == b"Hello\n", 20)
    assert rogue.visit(4321) == b""
    eventually(lambda: rogue.visit(port) is None)


def test_after_the_death_of_all_the_next_one_cleans_up(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused(), kernel_bans="yes")
    reeve(daemon, "ban", rogue.address)
    eventually(lambda: rogue.address in sets("ban4_32"))
    for pid in [daemon.process.pid, *daemon.descendants()]:
        os.kill(pid, signal.SIGSTOP)
    for pid in [*daemon.descendants(), daemon.process.pid]:
        os.kill(pid, signal.SIGKILL)
    daemon.process.wait()
    assert rogue.address in table()
    eventually(lambda: not any(comm_of(int(pid)) == "reeved-firewall" and state_of(int(pid)) not in "ZX"
                               for pid in os.listdir("/proc") if pid.isdigit()))
    start(daemon, text, unused(), kernel_bans="yes")
    eventually(lambda: rogue.address not in table())
    assert nft("list", "tables").count("table") == 1
    assert rogue.visit(port) == b"Hello\n"
    assert daemon.stop() == 0
    assert nft("list", "ruleset") == ""


def test_a_reload_brings_new_ports_under_guard(daemon, rogue):
    port, text = hello()
    start(daemon, text, unused(), kernel_bans="yes")
    reeve(daemon, "ban", rogue.address)
    other = free_port()
    listener = re.search(r"dnat to :(\d+)", table())[1]
    daemon.reload(daemon.logging(kernel_bans="yes") + text + unused() + program("other", other, "/bin/echo", "Other", flags=None))
    eventually(lambda: other in guarded_ports())
    assert re.search(r"dnat to :(\d+)", table())[1] == listener, "the sensor kept its listener"
    eventually(lambda: rogue.visit(other) is None)
