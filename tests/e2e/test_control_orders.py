"""What operators do by the control socket: bans, stopped services, old programs, the log, reloads."""

import json
import os
import shutil
import signal
import socket
import subprocess

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, read_all, says_back
from control import REEVE, Wire, ask, reeve
from daemon import builtin, program
from test_sockets import await_socket, unix_program

pytestmark = pytest.mark.reeve_only("it has no control socket")
NOBODY = 65534


def start(daemon, text, *options):
    daemon.start(text, *options)
    eventually(lambda: (daemon.folder / "control.sock").exists(), what="no control socket")
    return daemon


def in_background(daemon, *words):
    words = [str(REEVE), str(words[0]), "--socket", str(daemon.folder / "control.sock"), *map(str, words[1:])]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# ---------------------------------------------------------------- bans
def test_a_ban_holds_until_it_is_lifted(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    assert fetch(echo, b"x", source=ROGUE) == b"x"
    assert "for 2h00m" in reeve(daemon, "ban", ROGUE, "for", "2h", "because", "it", "scrapes").stdout
    assert fetch(echo, b"x", source=ROGUE) == b""
    assert fetch(echo, b"x", source=GUEST) == b"x"
    (ban,) = ask(daemon, "bans")["bans"]
    assert ban["prefix"] == ROGUE and ban["reason"] == "it scrapes" and 7100 < ban["left_s"] <= 7200
    assert "is not banned" in reeve(daemon, "unban", "127.0.0.64/26", check=1).stderr
    reeve(daemon, "unban", ROGUE)
    assert fetch(echo, b"x", source=ROGUE) == b"x"
    assert f"ban of {ROGUE} for 7200 s: it scrapes, by uid {os.geteuid()}" in daemon.said()


def test_networks_and_bans_for_ever(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    reeve(daemon, "ban", "127.0.0.64/255.255.255.192")
    assert fetch(echo, b"x", source=ROGUE) == b""
    assert ask(daemon, "bans")["bans"][0]["left_s"] is None
    assert "which holds it" in reeve(daemon, "unban", ROGUE, check=1).stderr
    reeve(daemon, "unban", "127.0.0.64/26")


def test_own_addresses_and_mistakes(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo, "bind = 127.0.0.1"))
    assert "never banned" in reeve(daemon, "ban", "127.0.0.1", check=1).stderr
    assert "never banned" in reeve(daemon, "ban", "127.0.0.0/24", check=1).stderr
    for words in (["0.0.0.0/0"], ["nonsense"], ["10.0.0.0/33"], ["10.0.0.1", "for", "a while"], ["10.0.0.1", "until", "noon"],
                  ["10.0.0.0/255.0.255.0"]):
        reeve(daemon, "ban", *words, check=2)
    assert "for how long?" in reeve(daemon, "ban", "10.0.0.1", "for", check=2).stderr
    assert "because of what?" in reeve(daemon, "ban", "10.0.0.1", "because", check=2).stderr
    assert ask(daemon, "bans")["bans"] == []


@pytest.mark.root
def test_who_may_look_may_not_act(daemon):
    cat = free_port()
    start(daemon, daemon.logging("control_read = everybody") + program("cat", cat, "/bin/cat"))
    assert ask(daemon, "services", user=NOBODY)["count"] == 1
    for words in (["ban", "10.0.0.1"], ["unban", "10.0.0.1"], ["stop", "cat"], ["drain", "cat"], ["start", "cat"], ["reload"],
                  ["reload", "--plan"], ["confirm"], ["instances", "--end-old"]):
        assert "permission denied" in reeve(daemon, *words, check=4, user=NOBODY).stderr
    assert fetch(cat, b"x") == b"x"


# ---------------------------------------------------------------- services
def state_of_service(daemon, service):
    return ask(daemon, "services", service)["services"][0]["state"]


def test_stop_and_start(daemon):
    cat, echo = free_port(), free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat") + builtin("echo", echo))
    with connect(cat) as held:
        assert says_back(held)
        assert reeve(daemon, "stop", "cat").stdout == "cat is stopped\n"
        assert read_all(held) == b""
    assert daemon.servers() == []
    assert fetch(cat, b"x") == b"" and fetch(echo, b"x") == b"x"
    assert state_of_service(daemon, "cat") == "stopped"
    reeve(daemon, "reload")
    assert fetch(cat, b"x") == b"" and state_of_service(daemon, "cat") == "stopped"
    old = daemon.engine()
    os.kill(old, signal.SIGKILL)
    eventually(lambda: daemon.engine() not in (None, old), what="no new engine")
    assert state_of_service(daemon, "cat") == "stopped"
    assert fetch(cat, b"x") == b"" and fetch(echo, b"x") == b"x"
    reeve(daemon, "start", "cat")
    assert fetch(cat, b"x") == b"x" and state_of_service(daemon, "cat") == "open"
    assert "was not stopped" in reeve(daemon, "start", "cat").stdout
    assert "no service `nothing`" in reeve(daemon, "stop", "nothing", check=1).stderr


def test_drain_waits_for_who_is_there(daemon):
    cat = free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat"))
    with connect(cat) as held:
        assert says_back(held)
        assert "1 still being served" in reeve(daemon, "drain", "cat", "--no-wait").stdout
        assert fetch(cat, b"x") == b"" and says_back(held)
        waiting = in_background(daemon, "drain", "cat")
        eventually(lambda: ask(daemon, "status")["sessions"] == 2)
        assert says_back(held) and waiting.poll() is None
    assert waiting.wait(10) == 0
    assert "takes nobody any more" in waiting.communicate()[0]
    reeve(daemon, "start", "cat")
    assert fetch(cat, b"x") == b"x"


@pytest.mark.root
def test_who_waits_at_a_unix_socket_is_let_in_later(daemon):
    path = daemon.folder / "cat.sock"
    start(daemon, daemon.logging() + unix_program("cat", path, "/bin/cat"))
    await_socket(path)
    reeve(daemon, "stop", "cat")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(path))
        reeve(daemon, "start", "cat")
        assert says_back(sock), "who waited at the door is let in when it opens"


def test_datagrams_are_dropped_meanwhile(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo, kind="dgram"))
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 20000 + echo % 1000))
        client.settimeout(10)
        client.connect(("127.0.0.1", echo))
        reeve(daemon, "stop", "echo")
        client.send(b"early")
        reeve(daemon, "start", "echo")
        client.send(b"late")
        assert client.recv(100) == b"late"


# ---------------------------------------------------------------- old programs
def test_old_programs_are_found_and_ended(daemon):
    cat = free_port()
    path = daemon.folder / "server"
    shutil.copy("/bin/cat", path)
    start(daemon, daemon.logging() + program("cat", cat, path))
    with connect(cat) as old:
        assert says_back(old)
        assert not any(one["old_program"] for one in ask(daemon, "instances")["instances"])
        shutil.copy("/bin/cat", daemon.folder / "new")
        os.rename(daemon.folder / "new", path)
        with connect(cat) as fresh:
            assert says_back(fresh)
            instances = ask(daemon, "instances", "cat")["instances"]
            assert sorted(one["old_program"] for one in instances) == [False, True]
            assert "old program" in reeve(daemon, "instances").stdout
            (marked,) = [one for one in instances if one["old_program"]]
            (ended,) = ask(daemon, "instances", "--end-old", "cat")["instances"]
            assert ended["pid"] == marked["pid"]
            assert read_all(old) == b""
            assert says_back(fresh)
            assert "no instance runs" in eventually(
                lambda: (lambda said: said if "no instance" in said else None)(reeve(daemon, "instances", "--end-old").stdout))


# ---------------------------------------------------------------- the log
def test_the_log_keeps_what_no_file_does(daemon):
    cat = free_port()
    start(daemon, daemon.logging("log_on_success =", "log_on_failure =", per_source=1, log_type=None, log_on_success=None, log_on_failure=None)
          + program("cat", cat, "/bin/cat"))
    with connect(cat, ROGUE) as held:
        assert says_back(held)
        assert fetch(cat, b"x", source=ROGUE) == b""
        assert fetch(cat, b"x", source=GUEST) == b"x"
    records = [json.loads(line) for line in reeve(daemon, "log", "--json").stdout.splitlines()]
    assert [one["event"] for one in records].count("start") == 2
    (refused,) = [json.loads(line) for line in reeve(daemon, "log", "--why", "per_source", "--json").stdout.splitlines()]
    assert refused["source"] == ROGUE and refused["reason"] == "per_source"
    assert "reason per_source" in reeve(daemon, "log", "--source", f"{ROGUE}/32").stdout
    assert GUEST not in reeve(daemon, "log", "--source", ROGUE).stdout
    assert reeve(daemon, "log", "--service", "other").stdout == ""
    assert len(reeve(daemon, "log", "-n", "1").stdout.splitlines()) == 1
    assert "there are" in reeve(daemon, "log", "--why", "bad luck", check=2).stderr


def test_the_log_is_followed(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    with Wire(daemon) as wire:
        wire.say({"v": 1, "id": 5, "do": "log", "follow": True, "source": ROGUE})
        eventually(lambda: ask(daemon, "status")["sessions"] == 2)
        fetch(echo, b"x", source=GUEST)
        fetch(echo, b"x", source=ROGUE)
        line = wire.line()
        assert line["id"] == 5 and line["item"]["source"] == ROGUE
    eventually(lambda: ask(daemon, "status")["sessions"] == 1, what="a follower that has gone is still there")


@pytest.mark.limit(120)
def test_a_slow_reader_is_told_what_it_lost(daemon):
    echo = free_port()
    start(daemon, daemon.logging("only_from = 10.0.0.1", "log_on_failure =", log_on_failure=None) + builtin("echo", echo))
    with Wire(daemon) as wire:
        wire.say({"v": 1, "do": "log", "follow": True})
        eventually(lambda: ask(daemon, "status")["sessions"] == 2)
        for _ in range(5000):
            fetch(echo)
        seen = lost = 0
        while seen + lost < 5000:
            item = wire.line()["item"]
            lost += item.get("lost", 0)
            seen += "event" in item
        assert lost > 0 and seen + lost == 5000


# ---------------------------------------------------------------- reload
def test_reload_says_what_changed(daemon):
    cat, echo = free_port(), free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat"))
    daemon.file("test.conf", daemon.logging() + program("cat", cat, "/bin/cat", instances=3) + builtin("echo", echo))
    said = reeve(daemon, "reload").stdout
    assert "reloaded: 1 service added, 0 removed, 1 changed" in said
    assert f"tcp 0.0.0.0:{echo} (service echo)" in said
    assert fetch(echo, b"x") == b"x"


def test_a_bad_file_changes_nothing(daemon):
    cat = free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat"))
    daemon.file("test.conf", daemon.logging() + program("cat", cat, "/bin/cat", instances="some"))
    done = reeve(daemon, "reload", check=1)
    assert "reload refused" in done.stderr and "instances" in done.stdout
    assert fetch(cat, b"x") == b"x"


def test_a_plan_changes_nothing(daemon):
    cat, gone, fresh = free_port(), free_port(), free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat") + builtin("discard", gone))
    with connect(cat, ROGUE) as rogue, connect(cat, GUEST) as guest:
        assert says_back(rogue) and says_back(guest)
        daemon.file("test.conf", daemon.logging() + program("cat", cat, "/bin/cat", only_from=GUEST) + builtin("echo", fresh))
        items = [json.loads(line) for line in reeve(daemon, "reload", "--plan", "--json").stdout.splitlines()]
        told = {(one["kind"], one["text"].split()[0]) for one in items[:-1]}
        assert {("added", "echo"), ("removed", "discard"), ("changed", "cat"), ("opens", "tcp"), ("closes", "tcp")} <= told
        (ends,) = [one["text"] for one in items[:-1] if one["kind"] == "ends"]
        assert ROGUE in ends and "refused by address" in ends and "test.conf:" in ends
        assert items[-1]["result"].startswith("would be:") and items[-1]["generation"] == 1
        assert says_back(rogue) and says_back(guest)
        assert fetch(fresh, b"x") == b""
        reeve(daemon, "reload")
        assert read_all(rogue) == b"" and says_back(guest)


def test_a_plan_tells_who_is_over_the_new_number(daemon):
    cat = free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat"))
    with connect(cat, GUEST) as first, connect(cat, ROGUE) as last:
        assert says_back(first) and says_back(last)
        daemon.file("test.conf", daemon.logging() + program("cat", cat, "/bin/cat", instances=1))
        items = [json.loads(line) for line in reeve(daemon, "reload", "--plan", "--json").stdout.splitlines()]
        (ends,) = [one["text"] for one in items[:-1] if one["kind"] == "ends"]
        assert ROGUE in ends and "over instances, " in ends and "test.conf:" in ends
        reeve(daemon, "reload")
        assert read_all(last) == b"" and says_back(first)


def test_nobody_confirms(daemon):
    before, after = free_port(), free_port()
    start(daemon, daemon.logging() + builtin("echo", before))
    daemon.file("test.conf", daemon.logging() + builtin("echo", after))
    assert "`reeve confirm`" in reeve(daemon, "reload", "--confirm-within", "1s").stdout
    eventually(lambda: fetch(before, b"x") == b"x", what="the former configuration did not come back")
    eventually(lambda: fetch(after, b"x") == b"")
    assert "nothing waits" in reeve(daemon, "confirm", check=1).stderr
    # What did nothing is no order; the reload was one, and had it been said, it would stand before the next.
    reeve(daemon, "ban", "192.0.2.1")
    assert "confirm, by uid" not in eventually(lambda: (lambda said: said if "ban of 192.0.2.1" in said else None)(daemon.said()))


def test_somebody_confirms(daemon):
    before, after = free_port(), free_port()
    start(daemon, daemon.logging() + builtin("echo", before))
    daemon.file("test.conf", daemon.logging() + builtin("echo", after))
    reeve(daemon, "reload", "--confirm-within", "1h")
    assert "waits to be confirmed" in reeve(daemon, "reload", "--confirm-within", "1h", check=1).stderr
    assert "is confirmed" in reeve(daemon, "confirm").stdout
    eventually(lambda: "confirm, by uid" in daemon.said())
    assert fetch(after, b"x") == b"x"
    assert "nothing waits" in reeve(daemon, "confirm", check=1).stderr
