"""Lists of networks that others have collected: read, read anew, away, and out of reach."""

import os
import shutil
import subprocess

import pytest

from client import GUEST, ROGUE, eventually, fetch, free_port
from control import ask
from daemon import program, sensor
from test_alerts import keeper_of, web  # noqa: F401 (a fixture)

OTHER = "127.0.0.88"
SYSTEM_TRUST = "/etc/ssl/certs/ca-certificates.crt"


def with_lists(daemon, *sources, deny_time=5, **attributes):
    ports = {"trap": free_port(), "hello": free_port()}
    text = (daemon.logging(*[f"ban_list += {source}" for source in sources], **attributes)
            + sensor("trap", ports["trap"], deny_time=deny_time) + program("hello", ports["hello"], "/bin/echo", "Hello", bind="127.0.0.1"))
    daemon.start(text)
    return ports, text


def is_served(ports, source):
    return fetch(ports["hello"], source=source) == b"Hello\n"


def replace(path, text):
    """As tools that fetch lists do."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o644)
    new.rename(path)


def test_a_list_shuts_out_what_it_holds_and_no_longer_what_it_held(daemon):
    path = daemon.file("drop.txt", f"# bad\n{ROGUE} ; SBL1\n198.51.100.0/24\nnonsense\n")
    ports, _ = with_lists(daemon, path)
    eventually(lambda: not is_served(ports, ROGUE))
    assert is_served(ports, GUEST)
    eventually(lambda: "ban list drop.txt: 2 prefixes, 2 new, 0 gone; 1 of 3 lines refused: line 4: `nonsense` is no address or prefix"
               in daemon.said(), what=daemon.said)
    assert {ban["prefix"]: ban["reason"] for ban in ask(daemon, "bans")["bans"]} == {ROGUE: "list drop.txt", "198.51.100.0/24": "list drop.txt"}
    replace(path, f"{OTHER}\n198.51.100.0/24\n")
    eventually(lambda: is_served(ports, ROGUE) and not is_served(ports, OTHER))
    eventually(lambda: "ban list drop.txt: 2 prefixes, 1 new, 1 gone" in daemon.said())


def test_a_list_that_is_away_keeps_its_last_state(daemon):
    path = daemon.file("drop.txt", f"{ROGUE}\n")
    ports, _ = with_lists(daemon, path)
    eventually(lambda: not is_served(ports, ROGUE))
    path.unlink()
    eventually(lambda: "ban list drop.txt can't be read, what it held stays in force for 180 minutes: open" in daemon.said())
    assert not is_served(ports, ROGUE)
    replace(path, "<html>\nerror\n")
    eventually(lambda: path.exists())
    assert not is_served(ports, ROGUE)
    replace(path, "")
    eventually(lambda: is_served(ports, ROGUE))


def test_who_is_never_banned_stays_so(daemon):
    path = daemon.file("drop.txt", f"127.0.0.1\n{ROGUE}\n10.0.0.0/7\n")
    ports, _ = with_lists(daemon, path)
    eventually(lambda: not is_served(ports, ROGUE))
    assert is_served(ports, "127.0.0.1")


def test_a_list_of_the_web(daemon, web):  # noqa: F811
    server = web()
    server.pages = {"/list?key=SECRET": 302, "/moved": f"{ROGUE}\n".encode(), "/gone": 404}
    ports, _ = with_lists(daemon, server.url("/list?key=SECRET"), server.url("/gone"))
    eventually(lambda: not is_served(ports, ROGUE))
    assert "/moved" in server.gets
    name = f"127.0.0.1:{server.port}/list"
    assert ask(daemon, "bans")["bans"][0]["reason"] == f"list {name}"
    eventually(lambda: f"ban list 127.0.0.1:{server.port}/gone can't be read" in daemon.said())
    assert "SECRET" not in daemon.said()


class Trusting:
    """Starts the daemon where the system trusts one certificate only."""

    def __init__(self, certificate):
        self.certificate = certificate

    def command(self, *words):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'mount --bind {self.certificate} {SYSTEM_TRUST} && exec "$@"', "sh", *words]


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
@pytest.mark.parametrize("trusted", (False, True))
def test_a_certificate_that_nobody_knows_is_refused(daemon, web, trusted):  # noqa: F811
    if trusted and (os.geteuid() != 0 or not os.path.exists(SYSTEM_TRUST)):
        pytest.skip("needs root, and a file of trusted certificates")
    certificate, key = daemon.folder / "cert.pem", daemon.folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=30)
    certificate.chmod(0o644)
    server = web(certificate=certificate, key=key)
    server.pages = {"/list": f"{ROGUE}\n".encode()}
    daemon.host = Trusting(certificate) if trusted else None
    ports, _ = with_lists(daemon, server.url("/list"))
    if trusted:
        eventually(lambda: not is_served(ports, ROGUE))
    else:
        eventually(lambda: "can't be read" in daemon.said() and "certificate" in daemon.said())
        assert is_served(ports, ROGUE) and not server.gets


def test_a_list_that_is_no_longer_configured_ends(daemon):
    one, two = daemon.file("one.txt", f"{ROGUE}\n{OTHER}\n"), daemon.file("two.txt", f"{OTHER}\n")
    ports, text = with_lists(daemon, one, two)
    eventually(lambda: not is_served(ports, ROGUE) and not is_served(ports, OTHER))
    daemon.reload(text.replace(f"\tban_list += {one}\n", ""))
    eventually(lambda: is_served(ports, ROGUE))
    eventually(lambda: not is_served(ports, OTHER))


def test_a_list_does_not_lift_what_a_sensor_banned(daemon):
    path = daemon.file("drop.txt", f"{OTHER}\n")
    ports, _ = with_lists(daemon, path, deny_time="FOREVER")
    eventually(lambda: not is_served(ports, OTHER))
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: not is_served(ports, ROGUE))
    replace(path, f"{OTHER}\n{ROGUE}\n")
    eventually(lambda: "2 prefixes, 1 new, 0 gone" in daemon.said())
    replace(path, f"{OTHER}\n")
    eventually(lambda: "0 new, 1 gone" in daemon.said())
    assert not is_served(ports, ROGUE)
    assert ask(daemon, "bans")["bans"]


def test_nobody_hears_of_each_prefix_of_a_list(daemon):
    alerts = daemon.folder / "alerts"
    path = daemon.file("drop.txt", "".join(f"198.51.{high}.{low}\n" for high in range(2) for low in range(1, 200, 2)))
    ports, _ = with_lists(daemon, path, alert_file=f"plain {alerts}")
    eventually(lambda: "ban list drop.txt: 200 prefixes" in daemon.said())
    eventually(lambda: len(ask(daemon, "bans")["bans"]) == 200)
    replace(path, f"{ROGUE}\n")
    eventually(lambda: not is_served(ports, ROGUE) and len(ask(daemon, "bans")["bans"]) == 1)
    fetch(ports["trap"], source=GUEST)
    eventually(lambda: alerts.exists() and GUEST in alerts.read_text())
    assert len(alerts.read_text().splitlines()) == 1
    assert "198.51." not in daemon.said()
