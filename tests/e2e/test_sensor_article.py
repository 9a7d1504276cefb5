"""The configuration of the sensor article, as it was printed, on a machine with its four addresses.

The daemon has a network of its own; its visitors sit in a second one, at the other end of a cable. The article's
two server programs are stand-ins, mounted where the file expects them.
"""

import os
import re
import time
from pathlib import Path

import pytest

import peers
from client import connect, eventually, fetch, read_all, says_back
from namespaces import Host

pytestmark = [pytest.mark.root]

ARTICLE = (Path(__file__).parent / "data/sensor_article.conf").read_text()
FTP, HTTP, POP3, IRC = 21, 80, 110, 194
USED = {(FTP, 6), (FTP, 7), (POP3, 6)}
SENSORS = {(IRC, 6), (IRC, 7), (FTP, 5), (FTP, 8), (HTTP, 5), (HTTP, 8)}
VISITOR, GUEST = "192.168.1.50", "192.168.1.51"
SERVICES = "ftp 21/tcp\nhttp 80/tcp www\npop3 110/tcp pop-3\nirc 194/tcp\n"

STAND_IN = """#!/bin/sh
# {name}: greets, then says back what it hears.
echo "220 {name} for $REMOTE_HOST, priority $(nice)"
exec /bin/cat
"""


def address(last):
    return f"192.168.1.{last}"


class Machine:
    """The daemon's host, the visitors' host, and what a visitor can do."""

    def __init__(self, daemon):
        self.daemon = daemon
        real, private = daemon.folder / "sbin.real", daemon.folder / "sbin"
        for folder in (real, private):
            folder.mkdir()
        for name in ("proftpd", "ipop3d"):
            daemon.file(name, STAND_IN.format(name=name), mode=0o755)
        services = daemon.file("services", SERVICES)
        addresses = "\n".join(f"ip addr add {address(last)}/24 dev cable0" for last in (5, 6, 7, 8))
        # /usr/sbin becomes a folder of links to what was there, and the two programs.
        self.server = Host(f"""
            mount --bind /usr/sbin {real}
            for path in {real}/*; do ln -s "$path" {private}/; done
            for name in proftpd ipop3d; do rm -f {private}/$name; cp {daemon.folder}/$name {private}/$name; done
            mount --bind {private} /usr/sbin
            mount --bind {services} /etc/services
            ip link add cable0 type veth peer name cable1
            ip link set cable0 up
            {addresses}""")
        try:
            self.outside = Host("true")
            self.server.run("ip", "link", "set", "cable1", "netns", str(self.outside.pid))
            self.outside.run("sh", "-c", f"ip link set cable1 up; ip addr add {VISITOR}/24 dev cable1; ip addr add {GUEST}/24 dev cable1")
        except Exception:
            self.server.close()
            raise
        daemon.host = self.server

    def start(self, text, more=""):
        logging = self.daemon.logging(log_on_success="PID HOST EXIT DURATION") + more
        self.daemon.file("test.conf", logging + text)
        self.daemon.launch()
        eventually(lambda: self.served_doors() == USED | SENSORS, what=lambda: f"not all doors: {self.served_doors()}\n{self.daemon.said()}")

    def served_doors(self):
        """{(port, last byte of the address)}: who listens where, by the host's own table."""
        found = set()
        table = Path(f"/proc/{self.server.pid}/net/tcp").read_text().splitlines()[1:]
        for words in map(str.split, table):
            if words[3] == "0A":
                raw, port = words[1].split(":")
                found.add((int(port, 16), int(raw[:2], 16)))
        return found

    def connect(self, port, last, source=VISITOR):
        with self.outside.inside():
            return connect(port, source, address(last))

    def fetch(self, port, last, source=VISITOR):
        with self.outside.inside():
            return fetch(port, b"", source, address(last))

    def close(self):
        self.daemon.stop()
        self.server.close()
        self.outside.close()


@pytest.fixture
def machine(daemon):
    made = Machine(daemon)
    yield made
    made.close()


def test_who_listens_where(machine):
    machine.start(ARTICLE)
    for port in (FTP, HTTP, POP3, IRC):
        for last in (5, 6, 7, 8):
            if (port, last) not in USED | SENSORS:
                with pytest.raises(ConnectionRefusedError):
                    machine.connect(port, last)


def test_the_story(machine):
    machine.start(ARTICLE)
    daemon = machine.daemon
    own = os.nice(0)
    # "try to connect to 192.168.1.6 with ftp. You connect fine."
    assert machine.fetch(FTP, 6) == f"220 proftpd for {VISITOR}, priority {own - 2}\n".encode()
    assert machine.fetch(FTP, 7) == f"220 proftpd for {VISITOR}, priority {own - 2}\n".encode()
    assert machine.fetch(POP3, 6) == f"220 ipop3d for {VISITOR}, priority {own + 10}\n".encode()
    held = machine.connect(FTP, 6)
    assert held.recv(100).startswith(b"220 proftpd")
    # The sensor says nothing.
    assert machine.fetch(IRC, 6) == b""
    eventually(lambda: re.search(rf"CRITICAL: .*Adding {VISITOR} to the global_no_access list for 120 minutes", daemon.said()))
    # "Then try to reconnect": shut out of all services on all addresses ...
    for port, last in sorted(USED):
        assert machine.fetch(port, last) == b"", f"port {port} of .{last}"
    # ... but what was open stays open, and others come in.
    assert says_back(held)
    for port, last in sorted(USED):
        assert machine.fetch(port, last, GUEST).startswith(b"220 ")
    held.close()
    ids = {"ftp-3", "ftp-4", "pop-3"}
    eventually(lambda: ids <= {line.split("FAIL: ")[1].split()[0] for line in daemon.lines(f"FAIL: .* address from={VISITOR}$")})
    daemon.await_lines(rf"START: ftp-3 pid=\d+ from={GUEST}$")
    daemon.await_lines(r"EXIT: ftp-3 status=0 pid=\d+ duration=\d+\(sec\)$", count=2)


@pytest.mark.parametrize("port, last", sorted(SENSORS))
def test_every_sensor_catches(machine, port, last):
    machine.start(ARTICLE)
    assert machine.fetch(port, last) == b""
    eventually(lambda: machine.fetch(FTP, 6) == b"", seconds=2)
    assert machine.fetch(FTP, 6, GUEST).startswith(b"220 ")


@pytest.mark.limit(200)
def test_a_ban_ends_when_its_time_is_over(machine):
    """A copy with one minute instead of 120. xinetd sweeps its list once a minute, so there it may take two."""
    from conftest import IS_REEVE

    machine.start(ARTICLE.replace("deny_time = 120", "deny_time = 1"))
    assert machine.fetch(HTTP, 8) == b""
    began = time.monotonic()
    assert machine.fetch(FTP, 6) == b""
    if IS_REEVE:
        time.sleep(55)
        assert machine.fetch(POP3, 6) == b"", "too early"
    eventually(lambda: time.sleep(0.5) or machine.fetch(FTP, 6) != b"", seconds=10 if IS_REEVE else 130, what="the ban did not end")
    assert time.monotonic() - began >= (58 if IS_REEVE else 0)
    eventually(lambda: re.search("global_no_access list (updated|is empty)", machine.daemon.said()))


@pytest.mark.skipif(peers.VSFTPD is None, reason="there is no vsftpd")
def test_a_real_ftp_server(machine):
    """vsftpd in the place of proftpd: an anonymous visitor lists and fetches a file, then touches a sensor."""
    from ftplib import FTP as Client
    from ftplib import error_temp

    daemon = machine.daemon
    home = daemon.folder / "ftp"
    empty = daemon.folder / "empty"
    home.mkdir()
    empty.mkdir()
    (home / "welcome.txt").write_text("Welcome to the port.\n")
    settings = daemon.file("vsftpd.conf", "".join(f"{line}\n" for line in (
        "listen=NO", "anonymous_enable=YES", "local_enable=NO", f"anon_root={home}", f"secure_chroot_dir={empty}", "ftp_username=daemon",
        "nopriv_user=nobody", "no_anon_password=YES", "pasv_min_port=40000", "pasv_max_port=40100", "seccomp_sandbox=NO")))
    machine.start(re.sub(r"server = /usr/sbin/proftpd", f"server = {peers.VSFTPD}\nserver_args = {settings}", ARTICLE))
    with machine.outside.inside():
        with Client(address(6), timeout=20, source_address=(VISITOR, 0)) as client:
            client.login()
            assert client.nlst() == ["welcome.txt"]
            got = []
            client.retrbinary("RETR welcome.txt", got.append)
            assert b"".join(got) == b"Welcome to the port.\n"
            with connect(IRC, VISITOR, address(7)) as sock:
                assert read_all(sock) == b""
            eventually(lambda: f"Adding {VISITOR}" in daemon.said())
            client.voidcmd("NOOP")  # what was open stays open
        with pytest.raises((EOFError, ConnectionError, error_temp)):
            Client(address(6), timeout=20, source_address=(VISITOR, 0))
    daemon.await_lines("EXIT: ftp-3")
