"""Bans that last: over kill -9, restarts, deaths of single processes, and what can happen to a file."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

from client import GUEST, ROGUE, eventually, fetch, free_port
from control import ask, reeve
from daemon import Daemon, builtin, comm_of, program, sensor, state_of

pytestmark = pytest.mark.reeve_only("bans are kept in memory only")

SOURCES = [f"127.0.4.{each}" for each in range(1, 61)]


@pytest.fixture
def house(daemon):
    """A daemon with a sensor, and a place for its bans."""
    return House(daemon)


class House:
    def __init__(self, daemon, state=None):
        self.daemon = daemon
        self.state = state or daemon.folder / "state"
        self.trap, self.hello = free_port(), free_port()
        self.deny_time = 5

    def text(self, *lines, **attributes):
        attributes = {"state_directory": self.state} | attributes
        return (self.daemon.logging(*lines, **attributes) + sensor("trap", self.trap, deny_time=self.deny_time)
                + program("hello", self.hello, "/bin/echo", "Hello"))

    def start(self, *lines, **attributes):
        return self.run(self.text(*lines, **attributes))

    def run(self, text):
        self.daemon.start(text)
        eventually(lambda: reeve(self.daemon, "status", check=None).returncode == 0)
        # The store was heard before anybody is let in.
        port = int(re.findall(r"port = (\d+)", text)[-1])
        assert fetch(port, b"x" if "service echo" in text else b"", source=GUEST) != b""
        return self

    def kill(self):
        """Everything at once, as a crash of the machine would."""
        everybody = [self.daemon.process.pid, *self.daemon.descendants()]
        for pid in everybody:
            os.kill(pid, signal.SIGKILL)
        self.daemon.process.wait()
        eventually(lambda: all(state_of(pid) in "XZ" for pid in everybody))

    def touch(self, source):
        fetch(self.trap, source=source)

    def is_banned(self, source):
        return fetch(self.hello, source=source) == b""

    def keeper(self):
        found = [pid for pid in self.daemon.descendants() if comm_of(pid) == "reeved-keeper" and state_of(pid) not in "ZX"]
        return found[0] if found else None

    def file(self):
        return self.state / "bans" / "bans.db"

    def in_file(self):
        """How many bans a stopped daemon's file holds."""
        with contextlib.closing(sqlite3.connect(self.file())) as base:
            return base.execute("SELECT count(*) FROM bans").fetchone()[0]

    def ban(self, prefix, *words):
        """By the operator; true when it is on disk."""
        return ask(self.daemon, "ban", prefix, *words)["kept"] == "yes"


def said(house, text):
    eventually(lambda: text in house.daemon.said(), 30, what=lambda: f"{text!r} was not said:\n{house.daemon.said()}")


def test_every_ban_that_was_acknowledged_outlives_kill_9(house):
    house.start()
    for each in range(40):
        assert house.ban(f"198.51.100.{each}", "for", "1h", "because", "it", "scrapes")
    house.touch(ROGUE)
    assert house.ban("203.0.113.0/24")  # and so the one before is on disk, too
    house.kill()
    house.start()
    bans = {ban["prefix"]: ban for ban in ask(house.daemon, "bans")["bans"]}
    assert {f"198.51.100.{each}" for each in range(40)} | {ROGUE, "203.0.113.0/24"} == set(bans)
    assert house.is_banned(ROGUE) and not house.is_banned(GUEST)
    assert bans["198.51.100.1"]["reason"] == "it scrapes" and 3500 < bans["198.51.100.1"]["left_s"] <= 3600
    assert bans["198.51.100.1"]["origin"] == "operator" and bans[ROGUE]["origin"] == "sensor"
    assert bans["203.0.113.0/24"]["left_s"] is None
    said(house, "42 bans taken over from the store")


def test_killed_while_bans_come(house):
    """Whatever was acknowledged before the kill is there; a few more may be."""
    house.start()
    acknowledged, stop = [], threading.Event()

    def order():
        each = 0
        while not stop.is_set():
            prefix = f"198.18.{each // 250}.{each % 250}"
            done = reeve(house.daemon, "ban", prefix, "for", "1h", "--json", check=None)
            if done.returncode != 0 or '"kept":"yes"' not in done.stdout:
                return
            acknowledged.append(prefix)
            each += 1

    worker = threading.Thread(target=order)
    worker.start()
    eventually(lambda: len(acknowledged) >= 20, 30)
    house.kill()
    stop.set()
    worker.join()
    house.start()
    kept = {ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]}
    assert set(acknowledged) <= kept and len(kept) <= len(acknowledged) + 1


def test_nobody_slips_in_before_the_bans_are_there(house):
    """Those who wait at the door while the store is read are refused if they are banned."""
    house.start()
    house.touch(ROGUE)
    assert house.ban("203.0.113.1")
    for _ in range(3):
        house.kill()
        house.daemon.launch()
        got = []
        while b"Hello\n" not in got and len(got) < 50:  # as early as the port is bound
            try:
                got.append(fetch(house.hello, source=ROGUE))
            except ConnectionRefusedError:
                continue
        assert set(got) == {b""}


def test_an_orderly_restart_and_the_end_of_bans(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1s")
    assert house.ban("198.51.100.2", "for", "1h")
    assert house.ban("198.51.100.3", "for", "1h")
    reeve(house.daemon, "unban", "198.51.100.3")
    eventually(lambda: "198.51.100.1" not in reeve(house.daemon, "bans").stdout)
    assert house.daemon.stop() == 0
    house.start()
    assert [ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]] == ["198.51.100.2"]


def test_the_keeper_alone_is_killed(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    old = house.keeper()
    os.kill(old, signal.SIGKILL)
    house.touch(ROGUE)  # while there is none
    said(house, "the keeper died of signal 9; starting another")
    eventually(lambda: house.keeper() not in (None, old))
    eventually(lambda: house.ban("198.51.100.2", "for", "1h"), 20)
    house.kill()
    house.start()
    assert {ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]} == {"198.51.100.1", "198.51.100.2", ROGUE}


def test_what_was_lifted_while_there_was_no_keeper_does_not_come_back(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    assert house.ban("198.51.100.2", "for", "1h")
    os.kill(house.keeper(), signal.SIGKILL)
    reeve(house.daemon, "unban", "198.51.100.1")
    eventually(lambda: house.ban("198.51.100.3", "for", "1h"), 20)
    house.kill()
    house.start()
    assert {ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]} == {"198.51.100.2", "198.51.100.3"}


def test_the_engine_alone_is_killed(house):
    house.start()
    house.touch(ROGUE)
    assert house.ban("198.51.100.1", "for", "1h")
    old = house.daemon.engine()
    os.kill(old, signal.SIGKILL)
    eventually(lambda: house.daemon.engine() not in (None, old))
    assert house.is_banned(ROGUE) and not house.is_banned(GUEST)
    eventually(lambda: house.ban("198.51.100.2", "for", "1h"), 20)
    assert len(ask(house.daemon, "bans")["bans"]) == 3


def test_the_history_tells_how_bans_ended(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h", "because", "one")
    assert house.ban("198.51.100.77", "for", "1h", "because", "two")
    reeve(house.daemon, "unban", "198.51.100.77")
    house.touch(ROGUE)
    eventually(lambda: len(ask(house.daemon, "bans", "--history")["bans"]) == 3)
    past = {ban["prefix"]: ban for ban in ask(house.daemon, "bans", "--history")["bans"]}
    assert past["198.51.100.77"]["why"] == "lifted" and past["198.51.100.77"]["lifted_by"] == "operator"
    assert past["198.51.100.77"]["ended"] >= past["198.51.100.77"]["since"] > 1_600_000_000
    assert past["198.51.100.1"]["ended"] is None and past["198.51.100.1"]["reason"] == "one"
    assert past[ROGUE]["reason"] == "sensor trap" and past[ROGUE]["origin"] == "sensor"
    assert [ban["prefix"] for ban in ask(house.daemon, "bans", "--history", "198.51.100.0/25")["bans"]] == ["198.51.100.1", "198.51.100.77"]
    assert len(ask(house.daemon, "bans", "--history", "--most", "1")["bans"]) == 1
    shown = reeve(house.daemon, "bans", "--history").stdout
    assert "lifted by operator" in shown and "in force" in shown
    assert [ban["prefix"] for ban in ask(house.daemon, "bans", ROGUE)["bans"]] == [ROGUE]
    reeve(house.daemon, "bans", "--history", "nonsense", check=2)
    # It outlives all.
    house.kill()
    house.start()
    assert ask(house.daemon, "bans", "--history", "198.51.100.77")["bans"][0]["why"] == "lifted"


def test_a_reboot_goes_by_the_wall_clock(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    assert house.ban("198.51.100.2", "for", "20m")
    house.kill()
    with contextlib.closing(sqlite3.connect(house.file())) as base, base:
        # As if the machine had been down for half an hour: the wall clock went on, and the boot is another.
        base.execute("UPDATE clock SET boot = 'another', wall_behind = wall_behind + 1800000")
    house.start()
    bans = {ban["prefix"]: ban["left_s"] for ban in ask(house.daemon, "bans")["bans"]}
    assert list(bans) == ["198.51.100.1"] and 1700 < bans["198.51.100.1"] <= 1800


def test_a_damaged_file_is_moved_aside_and_costs_no_start(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    assert house.daemon.stop() == 0
    good = house.file().read_bytes()
    house.file().write_bytes(b"\0" * 100 + good[100:])
    house.start()
    said(house, "the file of bans was damaged")
    aside = list(house.file().parent.glob("bans.db.damaged-*"))
    assert len(aside) == 1 and aside[0].read_bytes()[100:] == good[100:]
    assert house.ban("198.51.100.2", "for", "1h")
    house.kill()
    house.start()
    assert [ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]] == ["198.51.100.2"]


def test_a_second_daemon_at_the_same_place_is_told(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    other = House(Daemon(house.daemon.binary), state=house.state)
    try:
        other.start()
        said(other, "another daemon keeps its bans in " + str(house.state / "bans"))
        assert not other.is_banned(GUEST), "it serves all the same"
        assert ask(other.daemon, "ban", "198.51.100.9", "for", "1h")["kept"] == "no"
        # The first one ends: the place is free, and what is in it counts here now.
        assert house.daemon.stop() == 0
        said(other, "bans are kept again")
        assert {ban["prefix"] for ban in ask(other.daemon, "bans")["bans"]} == {"198.51.100.1", "198.51.100.9"}
    finally:
        other.daemon.close()


@pytest.mark.root
def test_a_directory_that_it_may_not_write_to(house):
    own = house.state / "bans"
    own.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(own)], check=True)
    try:
        house.start()
        said(house, "bans are not kept")
        done = reeve(house.daemon, "ban", "198.51.100.1", "for", "1h")
        assert done.stdout == "198.51.100.1 is shut out for 1h00m; it is not kept over a restart\n"
        house.touch(ROGUE)
        assert house.is_banned(ROGUE) and not house.is_banned(GUEST)
        assert "can't be used" in reeve(house.daemon, "bans", "--history", check=1).stderr
    finally:
        house.daemon.close()
        subprocess.run(["umount", str(own)], check=True)


@pytest.mark.root
@pytest.mark.limit(120)
def test_a_full_disk_costs_no_ban(house):
    house.state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(house.state)], check=True)
    try:
        house.start()
        number = 0
        while "bans are not kept" not in house.daemon.said():
            reeve(house.daemon, "ban", f"198.18.{number // 250}.{number % 250}", "for", "1h")
            number += 1
            assert number < 2000, "the disk is never full"
        assert house.daemon.said().count("bans are not kept") == 1
        house.touch(ROGUE)
        assert house.is_banned(ROGUE) and not house.is_banned(GUEST)
        subprocess.run(["mount", "-o", "remount,size=64m", str(house.state)], check=True)
        said(house, "bans are kept again")
        eventually(lambda: house.ban("203.0.113.1", "for", "1h"), 20)
        house.kill()
        house.start()
        assert ask(house.daemon, "bans", "--most", "1")["all"] == number + 2
        assert house.is_banned(ROGUE)
    finally:
        house.daemon.close()
        subprocess.run(["umount", str(house.state)], check=True)


@pytest.mark.root
def test_the_directory_is_the_keepers_alone(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    own = house.file().parent
    assert own.stat().st_mode & 0o7777 == 0o700
    for name in ("bans.db", "bans.db-wal"):
        assert (own / name).stat().st_mode & 0o7777 == 0o600
    assert own.stat().st_uid == house.file().stat().st_uid == os.stat(f"/proc/{house.keeper()}").st_uid or os.geteuid() == 0


def test_no_store_where_none_is_wanted(house):
    house.start(state_directory="no")
    done = reeve(house.daemon, "ban", "198.51.100.1", "for", "1h")
    assert done.stdout == "198.51.100.1 is shut out for 1h00m; it is not kept over a restart\n"
    assert house.keeper() is None and not house.state.exists()
    assert "bans are not kept" not in house.daemon.said(), "it was asked for"
    assert "bans are not kept" in reeve(house.daemon, "bans", "--history", check=1).stderr


def test_a_daemon_that_cannot_ban_has_no_keeper_until_there_is_a_ban(house):
    echo = free_port()
    house.run(house.daemon.logging(state_directory=house.state) + builtin("echo", echo))
    assert house.keeper() is None and not house.state.exists()
    assert house.ban("198.51.100.1", "for", "1h"), "the first ban starts it"
    assert house.keeper() is not None
    assert house.daemon.stop() == 0
    house.run(house.daemon.logging(state_directory=house.state) + builtin("echo", echo))
    assert [ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]] == ["198.51.100.1"]


def test_the_service_managers_directory_is_the_default(house, monkeypatch):
    own = house.daemon.folder / "given"
    house.daemon.environment = {"STATE_DIRECTORY": f"{own}:/elsewhere"}
    house.start(state_directory=None)
    assert house.ban("198.51.100.1", "for", "1h")
    assert (own / "bans" / "bans.db").exists()


def test_a_reload_may_move_the_store(house):
    house.start()
    assert house.ban("198.51.100.1", "for", "1h")
    house.state = house.daemon.folder / "other"
    house.daemon.reload(house.text())
    eventually(lambda: house.ban("198.51.100.2", "for", "1h"), 20)
    house.kill()
    assert house.in_file() == 2
    shutil.rmtree(house.daemon.folder / "state")
    house.start()
    assert {ban["prefix"] for ban in ask(house.daemon, "bans")["bans"]} == {"198.51.100.1", "198.51.100.2"}
