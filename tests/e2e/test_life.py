"""Start, signals, end; the command line."""

import signal
import subprocess

import pytest

from client import connect, eventually, fetch, free_port, says_back
from daemon import builtin, program


def held_open(daemon, *options):
    port = free_port()
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat"), *options)
    sock = connect(port)
    assert says_back(sock)
    return sock


@pytest.mark.better("it leaves them running")
def test_term_ends_servers_and_the_daemon(daemon):
    with held_open(daemon) as sock:
        assert daemon.stop(signal.SIGTERM) == 0
        assert not says_back(sock)


def test_quit_ends_the_daemon_only(daemon):
    with held_open(daemon) as sock:
        [pid] = daemon.servers("cat")
        assert daemon.stop(signal.SIGQUIT) == 0
        assert says_back(sock)
    eventually(lambda: not subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode == 0)


def test_the_pid_file_comes_and_goes(daemon):
    path = daemon.folder / "pid"
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port), "-pidfile", path)
    assert int(path.read_text()) == daemon.process.pid
    daemon.stop()
    assert not path.exists()


@pytest.mark.better("it ignores what it doesn't know")
def test_an_unknown_option_is_an_error(daemon):
    daemon.file("test.conf", builtin("echo", free_port()))
    daemon.launch("-pidfil", "/nowhere")
    assert daemon.process.wait(10) not in (0, None)
    assert "-pidfil" in daemon.errors.read_text()


def test_version():
    from conftest import BINARY

    done = subprocess.run([BINARY, "-version"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and any(character.isdigit() for character in done.stdout + done.stderr)


@pytest.mark.better("its status is 0")
def test_a_bad_file_at_the_start_is_a_failure(daemon):
    daemon.file("test.conf", "defaults\n{\n\tinstances = many\n}\n" + builtin("echo", free_port()))
    daemon.launch()
    assert daemon.process.wait(10) not in (0, None)
    assert str(daemon.config) in daemon.said() + daemon.errors.read_text()


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGTTIN, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGALRM])
def test_stray_signals_do_no_harm(daemon, number):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port))
    for _ in range(3):
        daemon.process.send_signal(number)
    assert fetch(port, b"x") == b"x"
    assert daemon.process.poll() is None


def test_abort_checks_instead(daemon):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port))
    daemon.process.send_signal(signal.SIGABRT)
    eventually(lambda: "consistency check passed" in daemon.said().lower())
    assert fetch(port, b"x") == b"x"


def test_in_the_background_the_launcher_returns_when_it_serves(daemon):
    from conftest import BINARY, IS_REEVE

    port = free_port()
    path = daemon.folder / "pid"
    daemon.file("test.conf", daemon.logging() + builtin("echo", port))
    done = subprocess.run([BINARY, "-f", daemon.config, "-filelog", daemon.daemon_log, "-pidfile", path], timeout=10,
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0
    if not IS_REEVE:
        eventually(path.exists)
    try:
        pid = int(path.read_text())
        assert eventually(lambda: fetch(port, b"x") == b"x")
    finally:
        subprocess.run(["kill", path.read_text().strip()])
    eventually(lambda: subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode != 0)
