"""hosts.allow and hosts.deny in the daemon: what they refuse, and what their options do."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import peers
from client import eventually, free_port
from daemon import builtin, descriptors_of, program

pytestmark = [pytest.mark.root, pytest.mark.reeve_only("xinetd has the library, and each of its users his own")]

ALLOW, DENY = Path("/etc/hosts.allow"), Path("/etc/hosts.deny")


@pytest.fixture(scope="module")
def own_etc(request):
    """A copy of /etc, which only this run sees."""
    if not request.config.is_private:
        pytest.skip("needs root, and the right to make namespaces")
    folder = tempfile.mkdtemp(prefix="reeve-etc-")
    shutil.copytree("/etc", f"{folder}/etc", symlinks=True, dirs_exist_ok=True)
    subprocess.run(["mount", "--bind", f"{folder}/etc", "/etc"], check=True)
    yield
    subprocess.run(["umount", "/etc"], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def rules(own_etc):
    """A function that writes both files."""
    def write(allow="", deny="ALL: ALL\n"):
        ALLOW.write_text(allow)
        DENY.write_text(deny)
    write("", "")
    yield write
    write("", "")


def ask(port, source="127.0.0.1", say=None):
    """All that the server says, "" from one that closes or resets."""
    with socket.socket() as sock:
        sock.settimeout(20)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", port))
        if say is not None:
            sock.sendall(say)
        got = b""
        try:
            while part := sock.recv(65536):
                got += part
        except ConnectionResetError:
            pass
        return got.decode()


@pytest.fixture
def hello(daemon, rules):
    """One service, known to the rules as `echo`."""
    port = free_port()

    def start(text="", **attributes):
        daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "HELLO", id="hello-id", **attributes) + text)
        return port
    return start


def test_refuses_and_says_which_line_did(hello, rules, daemon):
    port = hello()
    rules("echo: 127.0.0.2\n", "# nobody else\n\nALL: ALL\n")
    assert ask(port, "127.0.0.2") == "HELLO\n"
    assert ask(port, "127.0.0.3") == ""
    assert daemon.await_lines("FAIL: hello-id libwrap from=127.0.0.3$")
    eventually(lambda: "INFO: libwrap refused connection to hello-id (libwrap=echo) from 127.0.0.3 [file=/etc/hosts.deny] [line=3]" in daemon.said())


def test_a_change_counts_for_the_next_client(hello, rules):
    port = hello()
    for turn in range(60):
        # Of equal size, and mostly within one tick of the file system's clock.
        rules("", "echo: ALL\n" if turn % 2 else "none: ALL\n")
        assert ask(port) == ("" if turn % 2 else "HELLO\n"), turn
    DENY.unlink()
    ALLOW.unlink()
    assert ask(port) == "HELLO\n"


def test_a_change_of_a_file_of_patterns_counts_too(hello, rules, daemon):
    port = hello()
    friends = Path("/etc/friends")
    rules("echo: /etc/friends\n")
    assert ask(port) == ""
    for turn in range(20):
        friends.write_text("127.0.0.1\n" if turn % 2 else "127.0.0.9\n")
        assert ask(port) == ("HELLO\n" if turn % 2 else ""), turn
    friends.chmod(0o666)
    assert ask(port) == ""
    eventually(lambda: "chmod go-w '/etc/friends'" in daemon.said())


def test_rules_that_cannot_be_trusted_refuse(hello, rules, daemon):
    port = hello()
    DENY.write_text("nothing: ALL\n")
    assert ask(port) == "HELLO\n"
    DENY.chmod(0o666)
    assert ask(port) == ""
    eventually(lambda: "chmod go-w '/etc/hosts.deny'" in daemon.said())
    DENY.chmod(0o600)
    assert ask(port) == "HELLO\n"


def test_an_unfinished_line_refuses(hello, rules, daemon):
    port = hello()
    rules("", "cat: ALL")
    assert ask(port) == ""
    eventually(lambda: "not ended by a newline" in daemon.said())


def test_options_change_the_program(hello, rules, daemon):
    script = daemon.file("show", "#!/bin/sh\necho $NAME; umask; id -un; id -gn; nice\n", 0o755)
    port = free_port()
    hello(program("show", port, script, user="root"))
    rules("show: 127.0.0.2: setenv NAME  from %a : umask 027 : nice 7 : user daemon\n"
          "show: 127.0.0.3: user daemon.nogroup\n"
          "show: 127.0.0.4: group nogroup\nshow: ALL\n")
    before = ask(port).split("\n")
    assert ask(port, "127.0.0.2").split("\n") == ["from 127.0.0.2", "0027", "daemon", "daemon", str(int(before[4]) + 7), ""]
    assert ask(port, "127.0.0.3").split("\n")[2:4] == ["daemon", "nogroup"]
    assert ask(port, "127.0.0.4").split("\n")[2:4] == ["root", "nogroup"]


def test_twist_takes_the_services_place(hello, rules, daemon):
    clock = free_port()
    port = hello(builtin("daytime", clock))
    rules("echo: 127.0.0.2: twist /bin/echo no %d for %a, $(id -un); read line; echo $line\n"
          "daytime: ALL: twist /bin/echo later; id -u\nALL: ALL\n")
    assert ask(port, "127.0.0.2", b"bye\n") == "no echo for 127.0.0.2, nobody\nbye\n"
    assert ask(port, "127.0.0.3") == "HELLO\n"
    word, uid = ask(clock).split()
    assert (word, uid != "0") == ("later", True)
    daemon.await_lines("START: hello-id pid=[1-9]", 2)
    daemon.await_lines("EXIT: hello-id status=0", 2)


def test_a_strangers_words_stay_words(hello, rules, daemon):
    """Nothing of a client's gets to a shell but through the expansions; and those of a rule are the administrator's."""
    out = daemon.folder / "out"
    out.mkdir(mode=0o777)
    out.chmod(0o777)
    port = hello()
    rules(f"echo: ALL: spawn (echo '%a' \"%u\" %d %s > {out}/spawned): allow\n")
    assert ask(port) == "HELLO\n"
    # It was waited for.
    assert (out / "spawned").read_text() == "127.0.0.1 unknown echo echo@127.0.0.1\n"


def test_spawn_has_no_way_to_the_client(hello, rules, daemon):
    out = daemon.folder / "out"
    out.mkdir()
    out.chmod(0o777)
    port = hello()
    rules("", f"echo: ALL: spawn (readlink /proc/self/fd/0 /proc/self/fd/2; echo heard; id -un) > {out}/spawned.new; mv {out}/spawned.new {out}/spawned\n")
    assert ask(port) == ""
    text = eventually(lambda: (out / "spawned").exists() and (out / "spawned").read_text())
    assert text == "/dev/null\n/dev/null\nheard\nnobody\n"


def test_a_command_decides(hello, rules):
    port = hello()
    rules("echo: ALL: aclexec test %a = 127.0.0.2\n")
    assert ask(port, "127.0.0.2") == "HELLO\n"
    assert ask(port, "127.0.0.3") == ""
    rules("", "echo: ALL: aclexec test %a = 127.0.0.2\n")
    assert ask(port, "127.0.0.2") == ""
    assert ask(port, "127.0.0.3") == "HELLO\n"


def test_not_more_commands_than_there_is_room_for(hello, rules, daemon):
    port = hello()
    gate = daemon.folder / "gate"
    os.mkfifo(gate)
    gate.chmod(0o666)
    rules("", f"echo: ALL: spawn exec cat {gate}\n")
    for _ in range(80):
        assert ask(port) == ""
    eventually(lambda: "further ones are left out" in daemon.said())
    assert len(daemon.servers()) <= 64
    rules("", "")
    assert ask(port) == "HELLO\n"
    gate.write_text("")


def test_wrong_options_refuse(hello, rules, daemon):
    port = hello()
    rules("echo: ALL: levitate\n", "")
    assert ask(port) == ""
    eventually(lambda: re.search(r'refused connection to hello-id .*unknown option "levitate".*hosts.allow\] \[line=1\]', daemon.said()))
    rules("echo: ALL: user nosuchuser\n", "")
    assert ask(port) == ""


def test_server_ports_and_addresses(hello, rules):
    port = hello()
    rules(f"{port}: 127.0.0.2\necho@127.0.0.1: 127.0.0.3\necho@127.0.0.9: 127.0.0.4\n")
    assert ask(port, "127.0.0.2") == "HELLO\n"
    assert ask(port, "127.0.0.3") == "HELLO\n"
    assert ask(port, "127.0.0.4") == ""


def test_a_server_that_takes_the_listener(hello, rules, daemon):
    """The first datagram decides; of streams nobody is known."""
    port, streams = free_port(), free_port()
    server = daemon.file("answer", "#!/usr/bin/python3\nimport socket\ns = socket.socket(fileno=0)\ndata, who = s.recvfrom(100)\n"
                         "s.sendto(b'got ' + data, who)\n", 0o755)
    hello(program("answer", port, server, socket_type="dgram", protocol="udp", wait="yes")
          + program("streams", streams, "/bin/cat", socket_type="stream", wait="yes"))
    rules("answer: 127.0.0.2\n")

    def say(source):
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind((source, 0))
            sock.settimeout(5)
            sock.sendto(b"x", ("127.0.0.1", port))
            return sock.recv(100)
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.3", 0))
        sock.sendto(b"x", ("127.0.0.1", port))
        daemon.await_lines("FAIL: answer libwrap from=127.0.0.3")
    assert say("127.0.0.2") == b"got x"
    assert ask(streams) == ""
    daemon.await_lines("FAIL: streams libwrap from=<no address>")


def test_rules_outlive_the_engine(hello, rules, daemon):
    port = hello()
    rules("echo: 127.0.0.2\n")
    assert ask(port) == ""
    engine = daemon.engine()
    os.kill(engine, 9)
    eventually(lambda: daemon.engine() not in (None, engine))
    assert ask(port) == ""
    assert ask(port, "127.0.0.2") == "HELLO\n"


@pytest.mark.skipif(peers.VSFTPD is None, reason="there is no vsftpd")
def test_the_example_of_a_banner_for_vsftpd(daemon, rules):
    """A banner for vsftpd as a well-known administrator's guide has it."""
    port = free_port()
    banners = Path("/etc/banners")
    banners.mkdir()
    (banners / "vsftpd").write_text("220-Hello, %c\n220-All activity on ftp.example.com is logged.\n220-Inappropriate use will result in your access privileges being removed.\n")
    rules("vsftpd : ALL : banners /etc/banners/\n")
    empty = daemon.folder / "empty"
    empty.mkdir()
    settings = daemon.file("vsftpd.conf", "".join(f"{line}\n" for line in (
        "listen=NO", "anonymous_enable=YES", "local_enable=NO", f"anon_root={empty}", f"secure_chroot_dir={empty}", "ftp_username=daemon",
        "nopriv_user=nobody", "no_anon_password=YES", "seccomp_sandbox=NO")))
    daemon.start(daemon.logging() + program("ftp", port, peers.VSFTPD, settings, user="root"))
    answer = ask(port, "127.0.0.5", b"QUIT\r\n")
    assert answer.startswith("220-Hello, 127.0.0.5\r\n220-All activity on ftp.example.com is logged.\r\n220-Inappropriate use will")
    assert re.search(r"\r\n220 .*vsFTPd", answer)


def test_built_in_services(hello, rules, daemon):
    streams, datagrams = free_port(), free_port()
    hello(builtin("daytime", streams) + builtin("echo", datagrams, kind="dgram", id="echo-dgram"))
    rules("daytime echo: 127.0.0.2\n")
    assert ask(streams, "127.0.0.2").strip()
    assert ask(streams, "127.0.0.3") == ""
    with socket.socket(type=socket.SOCK_DGRAM) as friend, socket.socket(type=socket.SOCK_DGRAM) as stranger:
        for sock, source in (stranger, "127.0.0.3"), (friend, "127.0.0.2"):
            sock.bind((source, 0))
            sock.settimeout(5)
            sock.sendto(b"hello", ("127.0.0.1", datagrams))
        assert friend.recv(100) == b"hello"
        assert daemon.await_lines("FAIL: echo-dgram libwrap from=127.0.0.3")
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)


def test_names_and_users(hello, rules, daemon):
    """Names from hosts(5), and a user by RFC 1413."""
    port = hello()
    with open("/etc/hosts", "a") as hosts:
        hosts.write("127.0.8.1 trusted.example\n127.0.8.2 other.example\n")
    rules("echo: trusted.example\necho: joe@other.example: setenv X y\n")
    assert ask(port, "127.0.8.1") == "HELLO\n"
    assert ask(port, "127.0.8.3") == ""
    assert ask(port, "127.0.8.2") == ""  # its machine tells nobody's name
    with socket.socket() as identd:
        identd.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        identd.bind(("127.0.8.2", 113))
        identd.listen()
        for name, answer in ("joe", "HELLO\n"), ("ann", ""):
            with ThreadPoolExecutor(1) as other:
                client = other.submit(ask, port, "127.0.8.2")
                with identd.accept()[0] as asking:
                    question = asking.makefile().readline().strip()
                    asking.sendall(f"{question} : USERID : UNIX : {name}\r\n".encode())
                assert client.result() == answer


def test_what_a_name_says_in_a_command(hello, rules, daemon):
    out = daemon.folder / "out"
    out.mkdir()
    out.chmod(0o777)
    port = hello()
    with open("/etc/hosts", "a") as hosts:
        hosts.write("127.0.8.5 named.example\n")
    rules(f"echo: ALL: spawn echo %h %n %h %N %c > {out}/spawned\n")
    assert ask(port, "127.0.8.5") == "HELLO\n"
    assert (out / "spawned").read_text() == "named.example named.example named.example localhost named.example\n"


def test_a_shortage_of_descriptors_refuses_nobody(daemon, rules):
    """The rules have to be read just when the table of open files is full of visits."""
    port = free_port()
    rules("cat: 127.\n")
    daemon.open_files = 32
    daemon.start(daemon.logging() + program("cat", port, "/bin/cat"))
    daemon.process.send_signal(signal.SIGSTOP)  # as on a machine that is busy with others
    try:
        visitors = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        full = daemon.open_files - 8  # it may keep some in reserve
        eventually(lambda: len(descriptors_of(daemon.engine())) >= full, what=lambda: f"{descriptors_of(daemon.engine())}")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    for visitor in visitors:
        visitor.sendall(b"x")
    for visitor in visitors:
        visitor.settimeout(20)
    assert [visitor.recv(1) for visitor in visitors] == [b"x"] * 60
