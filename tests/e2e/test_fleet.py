"""Bans shared by a fleet: three daemons on three machines of their own (network namespaces), and a real redis-server on a fourth.

Figures are printed (pytest -s, or in what a failure shows), never asserted: a wait has a last moment, and that is all.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from client import ROGUE, eventually, fetch
from conftest import BINARY, ROOT
from control import ask, reeve
from daemon import Daemon, builtin, comm_of, program, sensor, state_of
from namespaces import Host, die_with_parent

pytestmark = [pytest.mark.root, pytest.mark.reeve_only("others know no fleet"),
              pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no redis-server"),
              pytest.mark.limit(120)]

TRAP, HELLO = 2323, 2300
SECRET = base64.b64encode(os.urandom(32)).decode()
PASSWORD = "store-password"
# As docs/defence.md says what a node needs: what is written there is what is tried here.
RIGHTS = re.search(r"^ *user reeve on >PASSWORD (~.*)$", (ROOT / "docs/defence.md").read_text(), re.MULTILINE).group(1)


def signed(body, secret=SECRET, fleet="reeve"):
    code = hmac.new(secret.encode(), f"{fleet}\n{body}".encode(), hashlib.sha256).hexdigest()
    return f"reeve1 {code} {body}"


def ban_record(prefix, node="ghost", seconds=600, said=None, **options):
    said = said or int(time.time() * 1000)
    return signed(f"ban {node} {prefix} sensor {said} {said} {said + seconds * 1000} 1 1 made by hand", **options)


class Store:
    """A redis-server on a host of its own; nodes reach it by TCP, the test by its unix socket."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        self.host = Host("")
        self.process = None
        (folder / "redis.conf").write_text(
            "port 6379\nbind 0.0.0.0\nprotected-mode no\nsave \"\"\nappendonly no\n"
            f"dir {folder}\nunixsocket {folder}/redis.sock\n"
            f"user default on nopass ~* &* +@all\nuser reeve on >{PASSWORD} {RIGHTS}\n")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.host.command("redis-server", str(self.folder / "redis.conf")), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        eventually(lambda: self.run("PING", check=False).strip() == "PONG")

    def run(self, *words, check=True, feed=None):
        done = subprocess.run(["redis-cli", "-s", str(self.folder / "redis.sock"), *words], input=feed, capture_output=True, text=True,
                              timeout=60)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def put(self, records, ttl_ms=600_000):
        """Records by name of their keys, and in the log, as a node writes them; without its script."""
        lines = []
        for record in records:
            words = record.split()
            key = f"reeve:{words[2]}:{words[3]}:{words[4]}"
            lines.append(redis_words("SET", key, record, "PX", str(ttl_ms)))
            lines.append(redis_words("XADD", "reeve:log", "MAXLEN", "~", "100000", "*", "r", record, "p", str(ttl_ms)))
        self.run("--pipe", feed="".join(lines))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.kill()
        self.host.close()


def redis_words(*words):
    return f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)


class Node:
    """A daemon on a host of its own, joined to the store's by a cable."""

    def __init__(self, store, name, number, **fleet):
        self.name, self.number, self.store = name, number, store
        self.daemon = Daemon(BINARY)
        self.host = Host("ip link set lo up")
        self.daemon.host = self.host
        net = f"10.77.{number}"
        words = ["ip", "link", "add", "cable", "netns", str(self.host.pid), "type", "veth", "peer", "name", f"to-{name}", "netns",
                 str(store.host.pid)]
        subprocess.run(words, check=True)
        store.host.run("ip", "address", "add", f"{net}.1/24", "dev", f"to-{name}")
        store.host.run("ip", "link", "set", f"to-{name}", "up")
        self.host.run("ip", "address", "add", f"{net}.2/24", "dev", "cable")
        self.host.run("ip", "link", "set", "cable", "up")
        key = self.daemon.file("key", SECRET + "\n", 0o600)
        password = self.daemon.file("password", PASSWORD + "\n", 0o600)
        terms = {"fleet": f"{net}.1 6379", "fleet_node": name, "fleet_user": "reeve", "fleet_password_file": password,
                 "fleet_key_file": key, "state_directory": "no"} | fleet
        self.text = (self.daemon.logging(**terms) + sensor("trap", TRAP, deny_time=60) + program("hello", HELLO, "/bin/echo", "Hello"))

    def start(self, connected=True):
        self.daemon.file("test.conf", self.text)
        self.daemon.launch()
        eventually(lambda: self.is_open() or self.daemon.process.poll() is not None, what=self.daemon.said)
        assert self.daemon.process.poll() is None, self.daemon.said() + self.daemon.errors.read_text()
        if connected:
            self.await_state(lambda state: state.get("fleet") == "connected")
        return self

    def visit(self, port, source="127.0.0.1"):
        with self.host.inside():
            return fetch(port, source=source)

    def is_open(self, source="127.0.0.1"):
        return self.visit(HELLO, source) == b"Hello\n"

    def bans(self):
        return {item["prefix"] for item in self.answer("bans").get("items", [])}

    def answer(self, *words):
        return ask(self.daemon, *words)

    def count(self):
        return self.answer("status")["bans"]

    def state(self):
        return self.answer("status").get("keeper", {})

    def await_state(self, holds, seconds=20.0):
        return eventually(lambda: holds(self.state()), seconds, what=lambda: f"{self.state()}\n{self.daemon.said()}")

    def said(self, text):
        return self.daemon.said().count(text)

    def keeper(self):
        found = [pid for pid in self.daemon.descendants() if comm_of(pid) == "reeved-keeper" and state_of(pid) not in "ZX"]
        return found[0] if found else None

    def close(self):
        self.daemon.close()
        self.host.close()


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def fleet(store):
    """Three nodes that know each other."""
    nodes = []
    try:
        for number, name in enumerate("abc", 1):
            nodes.append(Node(store, name, number).start())
        for node in nodes:
            node.await_state(lambda state: state.get("fleet_peers") == "2")
        yield nodes
    finally:
        for node in nodes:
            node.close()


def refused_everywhere(nodes, source, seconds=20.0):
    for node in nodes:
        eventually(lambda node=node: not node.is_open(source), seconds, what=lambda node=node: f"{node.name} lets {source} in: {node.state()}")


def served_everywhere(nodes, source, seconds=20.0):
    for node in nodes:
        eventually(lambda node=node: node.is_open(source), seconds, what=lambda node=node: f"{node.name} shuts {source} out: {node.bans()}")


def test_who_is_banned_on_one_is_shut_out_by_all_and_let_in_again_by_all(fleet):
    a, b, c = fleet
    served_everywhere(fleet, ROGUE)
    begun = time.monotonic()
    a.visit(TRAP, ROGUE)
    refused_everywhere([b, c], ROGUE)
    print(f"a ban of one node is in force on two others after {1000 * (time.monotonic() - begun):.0f} ms")
    assert not a.is_open(ROGUE)
    served_everywhere(fleet, "127.0.0.77")
    assert '"a: ' in json.dumps(b.answer("bans"))  # whose it is
    reeve(c.daemon, "unban", ROGUE)
    served_everywhere(fleet, ROGUE)
    # Another touch is another ban.
    b.visit(TRAP, ROGUE)
    refused_everywhere(fleet, ROGUE)
    reeve(a.daemon, "ban", "198.51.100.0/24")
    for node in (b, c):
        eventually(lambda: "198.51.100.0/24" in str(node.answer("bans")))


def test_a_store_that_stands_still_holds_up_nobody(fleet, store):
    a, b, c = fleet
    store.process.send_signal(signal.SIGSTOP)
    a.visit(TRAP, ROGUE)
    eventually(lambda: not a.is_open(ROGUE))
    slowest = 0.0
    end = time.monotonic() + 60
    while not a.state().get("fleet", "").startswith("away"):
        begun = time.monotonic()
        assert a.is_open()
        slowest = max(slowest, time.monotonic() - begun)
        assert time.monotonic() < end
    print(f"the slowest visit while the store stood still took {1000 * slowest:.1f} ms")
    assert b.is_open(ROGUE)
    store.process.send_signal(signal.SIGCONT)
    refused_everywhere([b, c], ROGUE, 60)
    assert a.said("is away") == 1


def test_a_store_that_comes_back_empty_is_filled_by_those_who_know(fleet, store):
    a, b, c = fleet
    a.visit(TRAP, ROGUE)
    refused_everywhere(fleet, ROGUE)
    reeve(b.daemon, "ban", "198.51.100.7")
    reeve(b.daemon, "ban", "198.51.100.8")
    eventually(lambda: c.count() == 3)
    store.kill()
    for node in fleet:
        node.await_state(lambda state: state["fleet"].startswith("away"))
    reeve(c.daemon, "unban", "198.51.100.8")
    reeve(c.daemon, "ban", "198.51.100.9")
    assert not c.is_open(ROGUE)  # alone
    store.start()
    eventually(lambda: store.run("EXISTS", f"reeve:ban:a:{ROGUE}", "reeve:ban:b:198.51.100.7", "reeve:ban:c:198.51.100.9").strip() == "3", 60)
    for node in fleet:
        eventually(lambda: node.count() == 3 and "198.51.100.8" not in str(node.answer("bans")), 60,
                   what=lambda: str(node.answer("bans")))
    # Somebody who was not there before gets it all.
    late = Node(store, "late", 9)
    try:
        late.start()
        eventually(lambda: late.count() == 3)
        assert not late.is_open(ROGUE)
    finally:
        late.close()


def test_a_partition_heals(fleet, store):
    a, b, c = fleet
    store.host.run("ip", "link", "set", "to-a", "down")
    a.await_state(lambda state: state["fleet"].startswith("away"), 60)
    a.visit(TRAP, ROGUE)
    reeve(b.daemon, "ban", "198.51.100.7")
    eventually(lambda: c.count() == 1)
    assert a.count() == 1 and b.is_open(ROGUE) and not a.is_open(ROGUE)
    assert b.state()["fleet"] == "connected"
    store.host.run("ip", "link", "set", "to-a", "up")
    for node in fleet:
        eventually(lambda: node.count() == 2, 90, what=lambda: f"{node.name}: {node.state()} {node.answer('bans')}")
    assert a.said("is away") == 1


def test_a_lift_during_a_partition_wins_over_the_older_ban(fleet, store):
    a, b, c = fleet
    a.visit(TRAP, ROGUE)
    refused_everywhere(fleet, ROGUE)
    store.host.run("ip", "link", "set", "to-a", "down")
    a.await_state(lambda state: state["fleet"].startswith("away"), 60)
    reeve(b.daemon, "unban", ROGUE)
    served_everywhere([b, c], ROGUE)
    assert not a.is_open(ROGUE)
    store.host.run("ip", "link", "set", "to-a", "up")
    served_everywhere(fleet, ROGUE, 90)


def test_what_is_forged_or_too_wide_is_refused(fleet, store):
    a, b, c = fleet
    store.put([ban_record("198.51.100.1", secret="not the fleet's key, but as long as it"),
               ban_record("198.51.100.2", fleet="other"),
               ban_record("198.51.100.3").replace("198.51.100.3", "198.51.100.4"),
               ban_record("198.51.0.0/16"), ban_record("0.0.0.0/0"), ban_record("2001:db8::/32"),
               ban_record("198.51.100.5", seconds=30 * 24 * 3600),
               ban_record("198.51.100.6", said=int(time.time() * 1000) + 3_600_000)])
    store.put([ban_record("198.51.100.99")])
    for node in fleet:
        eventually(lambda: node.count() == 1, what=lambda: str(node.answer("bans")))
        assert "198.51.100.99" in str(node.answer("bans"))
        node.await_state(lambda state: int(state["fleet_refused"]) >= 8)
        assert node.said("not signed with this fleet's key") == 1
        assert node.said("wider than fleet_widest") == 1
    # A wide ban of one's own stays at home.
    reeve(a.daemon, "ban", "203.0.0.0/16")
    eventually(lambda: a.said("203.0.0.0/16 is wider than fleet_widest") == 1)
    reeve(a.daemon, "ban", "198.51.100.100")
    eventually(lambda: b.count() == 2)


def test_who_is_never_banned_here_is_not_banned_by_others(store):
    a = Node(store, "a", 1)
    a.text += builtin("echo", 2307, bind="10.77.1.2")  # so this is an address of its own
    a.start()
    try:
        # Somebody says that it was a who attacked him.
        store.put([ban_record("10.77.1.2"), ban_record("198.51.100.1")])
        eventually(lambda: "198.51.100.1" in str(a.answer("bans")))
        with a.host.inside():
            assert fetch(HELLO, source="10.77.1.2") == b"Hello\n"
    finally:
        a.close()


@pytest.mark.limit(300)
def test_a_hundred_thousand_bans_are_caught_up_with(store):
    count = 100_000
    a = Node(store, "a", 1)
    try:
        store.put(ban_record(f"198.{18 + each // 65536}.{each // 256 % 256}.{each % 256}", seconds=3600) for each in range(count))
        a.start(connected=False)
        begun = time.monotonic()
        eventually(lambda: a.count() == count, 120, what=lambda: f"{a.count()} bans, {a.state()}")
        print(f"{count} bans are in force {time.monotonic() - begun:.2f} s after the daemon serves")
        print("the store:", re.search(r"used_memory_human:(\S+)", store.run("INFO", "memory")).group(1))
        assert a.is_open()
        assert a.state()["fleet_refused"] == "0"
        # The engine's word is the last one also for who was told all that.
        assert not any("nonsense" in line for line in a.daemon.said().splitlines())
    finally:
        a.close()


def test_without_its_secrets_a_node_says_so_and_serves(store):
    a = Node(store, "a", 1)
    try:
        a.daemon.file("key", SECRET + "\n", 0o644)
        a.start(connected=False)
        a.await_state(lambda state: state.get("fleet", "").startswith("off"))
        assert a.said("chmod o=") == 1
        a.daemon.file("key", SECRET + "\n", 0o600)
        a.daemon.file("password", "wrong\n", 0o600)
        a.daemon.process.send_signal(signal.SIGHUP)
        a.await_state(lambda state: "WRONGPASS" in state.get("fleet", ""))
        a.daemon.file("password", PASSWORD + "\n", 0o600)
        a.daemon.process.send_signal(signal.SIGHUP)
        a.await_state(lambda state: state.get("fleet") == "connected")
    finally:
        a.close()


def test_a_keeper_that_dies_takes_nothing_with_it(fleet, store):
    a, b, c = fleet
    a.visit(TRAP, ROGUE)
    refused_everywhere(fleet, ROGUE)
    for node in (a, b):
        old = node.keeper()
        os.kill(old, signal.SIGKILL)
        eventually(lambda: node.keeper() not in (None, old))
        node.await_state(lambda state: state.get("fleet") == "connected")
        assert not node.is_open(ROGUE)
    # The new one knows whose ban it is: b sends its own only.
    reeve(b.daemon, "ban", "198.51.100.7")
    eventually(lambda: store.run("EXISTS", "reeve:ban:b:198.51.100.7").strip() == "1")
    assert store.run("EXISTS", f"reeve:ban:b:{ROGUE}").strip() == "0"
    assert store.run("EXISTS", f"reeve:ban:a:{ROGUE}").strip() == "1"
    reeve(b.daemon, "unban", ROGUE)
    served_everywhere(fleet, ROGUE)
