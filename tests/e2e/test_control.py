"""The control socket: what is going on, who may ask, and what a hostile peer can't do."""

import os
import signal
import socket
import stat
import threading

import pytest

from client import ROGUE, connect, eventually, fetch, free_port, says_back
from control import Wire, ask, reeve
from daemon import builtin, program, sensor

pytestmark = pytest.mark.reeve_only("it has no control socket")
NOBODY = 65534


def await_socket(daemon):
    return eventually(lambda: (daemon.folder / "control.sock").exists(), what="no control socket")


def start(daemon, text, *options):
    daemon.start(text, *options)
    await_socket(daemon)
    return daemon


# ---------------------------------------------------------------- what is going on
def test_status_tells_what_happened(daemon):
    cat, echo = free_port(), free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat", per_source=1) + builtin("echo", echo))
    with connect(cat) as held:
        assert says_back(held)
        assert fetch(cat, b"x") == b""
        assert fetch(echo, b"x") == b"x"
        status = ask(daemon, "status")
    assert status["services"] == 2 and status["services_by"] == {"open": 2}
    assert status["running"] == 1 and status["processes"] == 1
    assert status["admitted"] == 2 and status["refused_by"] == {"per_source": 1}
    assert status["monitor_pid"] == daemon.process.pid or daemon.host
    assert status["engine_pid"] == daemon.engine()
    assert status["role"] == "operator" and status["configuration"] == str(daemon.config)
    text = reeve(daemon, "status").stdout
    assert "1 per_source" in text and "\x1b" not in text


def test_services_and_instances(daemon):
    cat, echo = free_port(), free_port()
    start(daemon, daemon.logging() + program("cat", cat, "/bin/cat", instances=7) + builtin("echo", echo))
    with connect(cat, ROGUE) as held:
        assert says_back(held)
        services = {one["id"]: one for one in ask(daemon, "services")["services"]}
        assert services["cat"]["running"] == 1 and services["cat"]["instances"] == 7 and services["cat"]["port"] == cat
        assert services["echo"]["kind"] == "builtin" and services["echo"]["instances"] is None
        assert [one["id"] for one in ask(daemon, "services", "echo")["services"]] == ["echo"]
        (instance,) = ask(daemon, "instances")["instances"]
        assert instance["service"] == "cat" and instance["pid"] in daemon.servers("cat")
        assert instance["source"].startswith(ROGUE)
        assert ask(daemon, "instances", "echo")["instances"] == []
        lines = reeve(daemon, "instances").stdout.splitlines()
        assert lines[0].split()[:2] == ["SERVICE", "PID"] and lines[1].split()[0] == "cat"
    assert "no service `nothing`" in reeve(daemon, "services", "nothing", check=1).stderr


def test_bans_are_listed(daemon):
    trap = free_port()
    start(daemon, daemon.logging() + sensor("trap", trap, deny_time=5))
    assert reeve(daemon, "bans").stdout == "no bans\n"
    fetch(trap, source=ROGUE)
    (ban,) = eventually(lambda: ask(daemon, "bans")["bans"])
    assert ban["prefix"].startswith(ROGUE) and 0 < ban["left_s"] <= 300
    assert ROGUE in reeve(daemon, "bans").stdout


def test_no_colour_where_there_is_no_terminal(daemon):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    assert "\x1b" not in reeve(daemon, "services").stdout


# ---------------------------------------------------------------- who may ask
def test_no_daemon_no_permission(daemon):
    assert "no daemon answers" in reeve(daemon, "status", check=3).stderr
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(daemon.folder / "control.sock"))
    stale.close()
    assert "no daemon answers" in reeve(daemon, "status", check=3).stderr


@pytest.mark.root
def test_an_unprivileged_user_is_kept_out(daemon):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    assert stat.S_IMODE((daemon.folder / "control.sock").stat().st_mode) & 0o007 == 0
    assert "permission denied" in reeve(daemon, "status", check=4, user=NOBODY).stderr
    # Even where the file would let him in.
    (daemon.folder / "control.sock").chmod(0o666)
    assert "permission denied" in reeve(daemon, "status", check=4, user=NOBODY).stderr


@pytest.mark.root
def test_reading_can_be_opened(daemon):
    start(daemon, daemon.logging("control_read = nogroup") + builtin("echo", free_port()))
    assert ask(daemon, "status", user=NOBODY)["role"] == "reader"
    assert "permission denied" in reeve(daemon, "status", check=4, user=12345).stderr
    daemon.reload(daemon.logging("control_read = everybody") + builtin("echo", free_port()))
    assert ask(daemon, "status", user=12345)["role"] == "reader"
    daemon.reload(daemon.logging() + builtin("echo", free_port()))
    assert "permission denied" in reeve(daemon, "status", check=4, user=12345).stderr


# ---------------------------------------------------------------- where it is
def test_a_stale_socket_is_replaced_and_a_foreign_file_is_not(daemon):
    path = daemon.folder / "control.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    assert ask(daemon, "status")["services"] == 1
    foreign = daemon.file("foreign", "precious")
    daemon.reload(daemon.logging(f"control = {foreign}") + builtin("echo", echo))
    assert foreign.read_text() == "precious"
    eventually(lambda: "no control socket" in daemon.said())
    assert ask(daemon, "status")["services"] == 2, "the old one goes on"
    assert daemon.stop() == 0
    assert not path.exists()


def test_the_path_follows_a_reload(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    moved = daemon.folder / "elsewhere.sock"
    daemon.reload(daemon.logging(f"control = {moved}") + builtin("echo", echo))
    assert not (daemon.folder / "control.sock").exists()
    assert "reeved" in reeve(daemon, "status", socket_path=moved).stdout
    daemon.reload(daemon.logging("control = no") + builtin("echo", echo))
    assert not moved.exists()
    reeve(daemon, "status", socket_path=moved, check=3)


def test_another_daemons_socket_is_left_alone(daemon):
    from daemon import Daemon
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    other = Daemon(daemon.binary)
    try:
        other.start(other.logging(f"control = {daemon.folder}/control.sock") + builtin("discard", free_port()))
        eventually(lambda: "no control socket" in other.said())
        assert ask(daemon, "status")["engine_pid"] == daemon.engine()
    finally:
        other.close()
    assert ask(daemon, "status")["engine_pid"] == daemon.engine()


# ---------------------------------------------------------------- it goes on
def test_it_survives_the_engine(daemon):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    with Wire(daemon) as wire:
        assert wire.ask(do="status")[-1]["engines"] == 1
        old = daemon.engine()
        os.kill(old, signal.SIGKILL)
        assert wire.line() is None
    status = ask(daemon, "status")
    assert status["engines"] == 2 and status["engine_pid"] not in (None, old)


def test_a_session_goes_on_over_a_reload(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    with Wire(daemon) as wire:
        before = wire.ask(do="status")[-1]["generation"]
        daemon.reload(daemon.logging() + builtin("echo", echo))
        assert wire.ask(do="status")[-1]["generation"] == before + 1


# ---------------------------------------------------------------- hostile peers
def test_garbage_gets_one_line_and_the_end(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    for junk in (b"\0\0\0\0\n", b"\n" * 10000, b"status\n", b"{}\n", os.urandom(4000) + b"\n", b"[" * 4000 + b"\n"):
        with Wire(daemon) as wire:
            wire.say(junk)
            assert wire.line()["error"]["code"] == "malformed"
            assert wire.line() is None
    with Wire(daemon) as wire:
        wire.say(b"A" * 5000)
        assert wire.line()["error"]["code"] == "malformed"
        assert wire.line() is None
    with Wire(daemon) as wire:
        wire.say({"v": 2, "do": "status"})
        assert wire.line()["error"]["code"] == "version"
    with Wire(daemon) as wire:
        (answer,) = wire.ask(do="dance", id="x")
        assert answer["id"] == "x" and answer["error"]["code"] == "unknown"
        assert wire.ask(do="status")[-1]["services"] == 1, "a mistake costs nothing but its answer"
    assert fetch(echo, b"x") == b"x"


def test_five_hundred_idle_peers_shut_nobody_out(daemon):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    idle = []
    for _ in range(500):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(5)
        try:
            sock.connect(str(daemon.folder / "control.sock"))
            idle.append(sock)
        except OSError:
            sock.close()
    assert fetch(echo, b"x") == b"x"
    eventually(lambda: reeve(daemon, "status", check=None).returncode == 0, what="idle peers keep root out")
    for sock in idle:
        sock.close()


def test_who_reads_nothing_is_no_burden(daemon):
    echo = free_port()
    services = "".join(builtin("discard", free_port(), id=f"s{each}") for each in range(300))
    start(daemon, daemon.logging() + builtin("echo", echo) + services)
    slow = []
    for _ in range(5):
        wire = Wire(daemon)
        wire.say(b'{"v":1,"do":"services"}\n' * 60)
        slow.append(wire)
    assert fetch(echo, b"x") == b"x"
    assert len(ask(daemon, "services")["services"]) == 301
    for wire in slow:
        wire.close()
    eventually(lambda: ask(daemon, "status")["sessions"] == 1)


def test_overviews_in_a_loop_let_others_pass(daemon):
    """Who asks for overviews one after the other gets eight at once and waits for the rest; his other questions don't."""
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    with Wire(daemon) as loop, Wire(daemon) as other:
        loop.say(b'{"v":1,"do":"status"}\n' * 60)
        for _ in range(8):
            assert loop.line()["done"]
        for _ in range(10):
            assert "error" not in other.ask(do="counts")[-1]
        assert "error" not in other.ask(do="services")[-1], "another overview"
        loop.sock.setblocking(False)
        answered = 8
        try:
            while loop.line():
                answered += 1
        except BlockingIOError:
            pass
        assert answered < 60


# ---------------------------------------------------------------- who is not our daemon
@pytest.mark.parametrize("line, code, said", [
    (b'{"v":1,"id":1,"done":true,"error":{"code":"version","text":"only 2"}}\n', 5, "different versions"),
    (b'{"v":2,"id":1,"done":true}\n', 5, "version 2"),
    (b"220 mail.example.org ESMTP\n", 3, "not reeved"),
    (b"", 3, "ended the connection"),
])
def test_something_else_answers(daemon, line, code, said):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(daemon.folder / "control.sock"))
        listener.listen()

        def answer():
            sock, _ = listener.accept()
            with sock:
                sock.recv(4096)
                sock.sendall(line)

        peer = threading.Thread(target=answer)
        peer.start()
        done = reeve(daemon, "status", check=code)
        peer.join()
        assert said in done.stderr and done.stdout == ""
