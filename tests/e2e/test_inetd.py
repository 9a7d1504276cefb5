"""inetd.conf as a configuration of its own, and the same file under other inetds."""

import os
import pwd
import signal
import socket
import subprocess

import pytest

import peers
from client import ask, connect, eventually, fetch, free_port, read_all, says_back
from conftest import BINARY, ROOT
from daemon import USER
from namespaces import die_with_parent

pytestmark = pytest.mark.reeve_only("only reeve reads inetd.conf alone")


def start(daemon, text, *options):
    path = daemon.file("inetd.conf", text)
    words = [str(BINARY), "--inetd", str(path), "-dontfork", "-filelog", str(daemon.daemon_log), *options]
    with open(daemon.errors, "ab") as errors:
        daemon.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, preexec_fn=die_with_parent,
                                          env={"PATH": "/usr/bin:/bin"})
    eventually(lambda: " available service" in daemon.said() or daemon.process.poll() is not None, what=daemon.said)
    assert daemon.process.poll() is None, daemon.said()


def test_it_is_served_and_read_again(daemon):
    first, second, echo = free_port(), free_port(), free_port()
    start(daemon, f"# a comment\n127.0.0.1:{first} stream tcp nowait {USER} /bin/echo echo 'two words'\n")
    assert fetch(first) == b"two words\n"
    daemon.file("inetd.conf", f"127.0.0.1:\n{first} stream tcp nowait {USER} /bin/echo echo anew\n"
                              f"{second} dgram udp wait {USER} /bin/cat\n{echo} stream tcp nowait.100 {USER} /bin/cat cat\n")
    daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reloaded: " in daemon.said(), what=daemon.said)
    assert fetch(first) == b"anew\n"
    with connect(echo) as sock:
        assert says_back(sock)
    # All or nothing, as with any configuration.
    daemon.file("inetd.conf", f"{first} stream tcp perhaps {USER} /bin/echo echo\n")
    daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reload refused" in daemon.said(), what=daemon.said)
    assert "`perhaps` is neither wait nor nowait" in daemon.said()
    assert fetch(first) == b"anew\n"
    assert daemon.stop() == 0


def test_the_operators_command_reads_it_too(daemon):
    path = daemon.file("inetd.conf", f"4001 stream tcp nowait.40 {USER} /bin/cat\n4002 stream tcp perhaps {USER} /bin/cat\n")
    reeve = BINARY.parent / "reeve"
    if not os.access(reeve, os.X_OK):
        pytest.skip(f"{reeve} is not built")
    check = subprocess.run([reeve, "check", "--as-user", "--inetd", path], capture_output=True, text=True)
    assert check.returncode == 2 and "perhaps" in check.stdout + check.stderr and ":2:" in check.stdout + check.stderr
    shown = subprocess.run([reeve, "show", "--as-user", "--inetd", path], capture_output=True, text=True)
    assert "4001" in shown.stdout and "40 10" in shown.stdout
    both = subprocess.run([reeve, "check", "--inetd", path, "-f", path], capture_output=True, text=True)
    assert both.returncode == 2 and both.stderr


# ---------------------------------------------------------------- beside other inetds

SHOW = """#!/bin/sh
printf '%s|' "$@"
id -un; id -gn; id -Gn
"""


def lines_for(show, ports):
    """The file, and how many there are to ask; both dialects mean the same by it."""
    game = "games" if any(one.pw_name == "games" for one in pwd.getpwall()) else "nobody"
    return (f"127.0.0.1:{ports[0]} stream tcp nowait nobody {show} show one two\n"
            f"{ports[1]} stream tcp nowait.99 {game} {show}\n"
            f"{ports[2]} stream tcp nowait {game}.daemon {show} show\n"
            f"127.0.0.1,127.0.0.2:{ports[3]} stream tcp nowait root {show} show # no comment\n"
            f"127.0.0.3:\n{ports[4]} stream tcp4 nowait nobody {show} show\n"
            f"*:{ports[5]} stream tcp nowait nobody:daemon {show} show\n")


def answers(ports):
    def one(port, host):
        try:
            with connect(port, source="127.0.0.1", host=host) as sock:
                return read_all(sock)
        except ConnectionRefusedError:
            return None
    return {(index, host): one(port, host) for index, port in enumerate(ports) for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3")}


@pytest.mark.root
@pytest.mark.parametrize("peer", ["OPENBSD_INETD", "GNU_INETD"])
def test_it_means_what_it_means_to(daemon, peer):
    program = getattr(peers, peer)
    if program is None:
        pytest.skip(f"there is no {peer.lower().replace('_', ' ')}: scripts/fetch-peers")
    ports = [free_port() for _ in range(6)]
    show = daemon.file("show", SHOW, mode=0o755)
    text = lines_for(show, ports)
    path = daemon.file("theirs.conf", text)
    theirs = subprocess.Popen([str(program), "-d", str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=die_with_parent, env={"PATH": "/usr/bin:/bin"})
    try:
        eventually(lambda: all(any(answer for (index, _), answer in answers([port]).items()) for port in ports))
        expected = answers(ports)
    finally:
        theirs.kill()
        theirs.wait()
    start(daemon, text)
    assert answers(ports) == expected
