"""What is written, where, and what happens when it can't be."""

import datetime
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, says_back
from daemon import builtin, program


def test_lines_are_xinetds(daemon):
    port, closed = free_port(), free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "Hello")
                 + program("closed", closed, "/bin/echo", "Hello", only_from=ROGUE))
    fetch(port, source=ROGUE)
    fetch(closed, source=GUEST)
    daemon.await_lines("EXIT: hello")
    daemon.await_lines("FAIL: closed")
    stamp = r"^\d\d/\d{1,2}/\d{1,2}@\d\d:\d\d:\d\d: "
    assert len(daemon.lines(stamp)) == len(daemon.lines())
    assert len(daemon.lines(stamp + rf"START: hello pid=\d+ from={ROGUE}$")) == 1
    assert len(daemon.lines(stamp + r"EXIT: hello status=0 pid=\d+ duration=\d+\(sec\)$")) == 1
    assert len(daemon.lines(stamp + rf"FAIL: closed address from={GUEST}$")) == 1


def test_rotation_loses_no_line(daemon):
    port = free_port()
    text = daemon.logging() + program("hello", port, "/bin/echo", "Hello")
    daemon.start(text)
    for _ in range(5):
        fetch(port)
    daemon.await_lines("EXIT: hello", count=5)
    old = daemon.folder / "service.log.1"
    old_own = daemon.folder / "daemon.log.1"
    daemon.service_log.rename(old)
    daemon.daemon_log.rename(old_own)
    for _ in range(5):
        fetch(port)
    eventually(lambda: len(daemon.lines("EXIT: hello", old)) == 10)
    daemon.reload(text)
    for _ in range(5):
        fetch(port)
    daemon.await_lines("EXIT: hello", count=5)
    assert len(daemon.lines("START: hello", old)) == 10 and len(daemon.lines("START: hello")) == 5


@pytest.mark.reeve_only("it has no JSON")
def test_json(daemon):
    port, closed, held = free_port(), free_port(), free_port()
    daemon.start(daemon.logging(log_format="json") + program("hello", port, "/bin/false")
                 + program("closed", closed, "/bin/echo", only_from=ROGUE) + builtin("echo", held))
    fetch(port, source=ROGUE)
    fetch(closed, source=GUEST)
    fetch(held, b"x")
    eventually(lambda: len(daemon.lines()) >= 5)
    records = [json.loads(line) for line in daemon.lines()]
    by = {(record["service"], record["event"]): record for record in records}
    assert by["hello", "start"]["source"] == ROGUE and by["hello", "start"]["pid"] > 0
    assert by["hello", "exit"]["status"] == 1 and by["hello", "exit"]["duration_ms"] >= 0
    refusal = by["closed", "fail"]
    assert refusal["source"] == GUEST and refusal["reason"] == "address"
    file, line = refusal["rule"].rsplit(":", 1)
    assert file == str(daemon.config) and f"only_from = {ROGUE}" in daemon.config.read_text().splitlines()[int(line) - 1]
    for record in records:
        when = datetime.datetime.fromisoformat(record["time"].replace("Z", "+00:00"))
        assert abs((when - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60


@pytest.mark.root
@pytest.mark.reeve_only("it does not say that lines are missing")
def test_a_full_disk_delays_nobody_and_is_told(daemon):
    port = free_port()
    disk = daemon.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", disk], check=True)
    try:
        ballast = disk / "ballast"
        text = daemon.logging(log_type=f"FILE {disk}/service.log") + builtin("echo", port)
        daemon.start(text)
        fetch(port, b"x")
        log = disk / "service.log"
        eventually(lambda: daemon.lines("EXIT: echo", log))
        with open(ballast, "wb", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(4096))
            except OSError:
                pass
        started = time.monotonic()
        for _ in range(200):
            assert fetch(port, b"x") == b"x"
        assert time.monotonic() - started < 10
        ballast.unlink()
        # Either the lines waited, or the gap is told.
        eventually(lambda: len(daemon.lines("START: echo", log)) == 201 or daemon.lines(r"\d+ messages? lost", log),
                   what=lambda: f"{len(daemon.lines('START', log))} of 201 lines, and no word of the rest")
    finally:
        daemon.stop()
        subprocess.run(["umount", disk], check=True)


def test_a_visitor_cannot_forge_a_line(daemon):
    """What a stranger sends to a built-in service is never part of a line."""
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port))
    fetch(port, b"\n26/1/1@00:00:00: START: forged pid=1 from=127.0.0.9\n")
    daemon.await_lines("echo")
    assert not daemon.lines("forged")


def dump(daemon):
    """What SIGUSR1 makes the daemon write, the engine's part included."""
    path = daemon.folder / "reeved.dump"
    path.unlink(missing_ok=True)
    daemon.process.send_signal(signal.SIGUSR1)
    return eventually(lambda: path.exists() and "engine:" in path.read_text() and path.read_text())


def test_the_dump_tells_the_state(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat"))
    with connect(port) as sock:
        assert says_back(sock)
        assert re.search(r"service cat .*listening\n +instances 1 of .*\n +pid \d+ for 127\.0\.0\.1, \d+ s\n", dump(daemon))
        assert says_back(sock)


@pytest.mark.parametrize("text", [None, "#!/bin/sh\nexec /bin/cat\n"], ids=["binary", "script"])
def test_the_dump_marks_who_runs_an_old_program(daemon, text):
    """An upgrade puts a new file in the place of the old one: whoever is connected goes on with the old program."""
    port = free_port()
    server = daemon.folder / "server"

    def install():
        fresh = daemon.folder / "server.new"
        fresh.write_bytes(text.encode() if text else Path("/bin/cat").read_bytes())
        fresh.chmod(0o755)
        fresh.rename(server)

    install()
    daemon.start(daemon.logging() + program("cat", port, server))
    with connect(port) as early:
        assert says_back(early)
        assert "old program" not in dump(daemon)
        install()
        with connect(port) as late:
            assert says_back(late)
            marked = re.findall(r"pid (\d+) .*, old program", dump(daemon))
            old, new = [re.search(r"pid=(\d+)", line).group(1) for line in daemon.lines("START: cat")]
            assert marked == [old] and new != old
            assert says_back(early)
