"""What whoever touches a sensor gets: sensor_reply."""

import json
import signal

import pytest

from client import GUEST, ROGUE, ask, connect, eventually, fetch, free_port
from control import ask as ask_daemon
from control import reeve
from daemon import program, sensor

pytestmark = pytest.mark.reeve_only("others close the connection")


def open_doors(daemon, reply, *options, log=(), **attributes):
    ports = {"trap": free_port(), "hello": free_port()}
    text = (daemon.logging(*log) + sensor("trap", ports["trap"], **({"deny_time": 5, "sensor_reply": reply} | attributes))
            + program("hello", ports["hello"], "/bin/echo", "Hello"))
    daemon.start(text, *options)
    return ports, text


def many_in_the_tarpit(daemon, port, number):
    """Clients of as many addresses, each with its first line."""
    clients = [connect(port, f"127.2.{each // 250}.{each % 250 + 1}") for each in range(number)]
    for client in clients:
        assert client.recv(4) == b"220-"
    eventually(lambda: ask_daemon(daemon, "status")["tarpit"] == number)
    return clients


def end_of(client):
    """How the connection ended: the exception's name, or what came last."""
    client.settimeout(10)
    try:
        while client.recv(4096):
            pass
        return "end"
    except ConnectionResetError:
        return "reset"


def test_close_is_what_it_was(daemon):
    ports, _ = open_doors(daemon, "close")
    with connect(ports["trap"], ROGUE) as client:
        assert end_of(client) == "end"
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    assert fetch(ports["hello"], source=ROGUE) == b""


def test_reset(daemon):
    ports, _ = open_doors(daemon, "reset")
    with pytest.raises(ConnectionResetError):  # it may be there before connect(2) has returned
        with connect(ports["trap"], ROGUE) as client:
            while client.recv(100):
                pass
            pytest.fail("it was closed")
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
    assert fetch(ports["hello"], source=ROGUE) == b""


def test_banner(daemon):
    path = daemon.file("welcome", "220 ftp.example ready\r\n")
    ports, _ = open_doors(daemon, f"banner {path}")
    assert fetch(ports["trap"], b"USER root\r\n", source=ROGUE) == b"220 ftp.example ready\r\n"
    assert fetch(ports["hello"], source=ROGUE) == b""
    path.write_text("220 another\r\n")
    assert fetch(ports["trap"], source=GUEST) == b"220 another\r\n"


def test_no_more_than_the_beginning_of_a_banner(daemon):
    path = daemon.file("welcome", b"x" * 1_000_000)
    ports, _ = open_doors(daemon, f"banner {path}")
    assert fetch(ports["trap"], source=ROGUE) == b"x" * 65536


def test_a_banner_that_is_not_there_harms_nobody(daemon):
    ports, _ = open_doors(daemon, f"banner {daemon.folder}/nothing")
    assert fetch(ports["trap"], source=ROGUE) == b""
    assert fetch(ports["hello"], source=ROGUE) == b""
    assert fetch(ports["hello"], source=GUEST) == b"Hello\n"


def test_what_is_said_is_recorded(daemon):
    ports, _ = open_doors(daemon, "record 4096", log=("log_format = json",))
    said = b'GET /\x00\xff"\\ HTTP/1.0\r\n\r\n' + "é".encode()
    fetch(ports["trap"], said, source=ROGUE)
    [line] = daemon.await_lines('"event":"data"')
    record = json.loads(line)
    assert (record["service"], record["source"], record["bytes_in"]) == ("trap", ROGUE, len(said))
    assert record["data"].encode("ascii").decode("unicode_escape").encode("latin-1") == said
    assert record["local_port"] == ports["trap"]
    # The ban does not wait for it, nor does the record of the refusal.
    assert [json.loads(one)["event"] for one in daemon.lines('"trap"')] == ["fail", "data"]
    assert fetch(ports["hello"], source=ROGUE) == b""
    told = reeve(daemon, "log").stdout
    assert f"said {len(said)} bytes: GET /\\x00" in told


def test_what_is_said_goes_with_an_alert(daemon):
    alerts = daemon.folder / "alerts"
    ports, _ = open_doors(daemon, "record 4096", log=(f"alert_file = json {alerts}",))
    fetch(ports["trap"], b"USER root\r\n" + b"x" * 1000, source=ROGUE)

    def told():
        lines = alerts.read_text().splitlines() if alerts.exists() else []
        return [json.loads(line) for line in lines] if len(lines) >= 2 else None

    banned, touched = eventually(told)
    assert (banned["event"], touched["event"], touched["source"], touched["prefix"]) == ("banned", "touched", ROGUE, ROGUE)
    assert "recorded" not in banned
    assert bytes.fromhex(touched["recorded_hex"]) == b"USER root\r\n" + b"x" * 501  # the first 512 bytes


def test_who_is_recorded_is_banned_before_he_says_a_word(daemon):
    ports, _ = open_doors(daemon, "record 4096")
    with connect(ports["trap"], ROGUE):
        daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
        assert fetch(ports["hello"], source=ROGUE) == b""


def test_no_more_is_recorded_than_asked_for(daemon):
    ports, _ = open_doors(daemon, "record 10", log=("log_format = json",))
    with connect(ports["trap"], ROGUE) as client:
        client.sendall(b"0123456789abcdef")
        assert end_of(client) in ("end", "reset")
    [line] = daemon.await_lines('"event":"data"')
    assert json.loads(line)["data"] == "0123456789"


def test_who_says_nothing_is_let_go(daemon):
    ports, _ = open_doors(daemon, "record 10")
    with connect(ports["trap"], ROGUE) as client:
        assert end_of(client) == "end"
    assert daemon.lines("DATA") == []


def test_xinetds_form_has_the_beginning(daemon):
    ports, _ = open_doors(daemon, "record 65536")
    said = b"\n26/11/25@15:04:05: START: forged pid=1 from=192.0.2.1\n" + b"z" * 65000
    fetch(ports["trap"], said, source=ROGUE)
    [line] = daemon.await_lines("DATA: trap")
    begin = rf"DATA: trap from={ROGUE} bytes={len(said)} \n26/11/25@15:04:05: START: forged pid=1 from=192.0.2.1\nzz"
    assert begin in line and line.count("z") == 512 - 55
    assert daemon.lines("^[^D]*START: forged") == []


def test_the_tarpit_keeps_and_bans(daemon):
    ports, _ = open_doors(daemon, "tarpit")
    with connect(ports["trap"], ROGUE) as client:
        line = client.makefile("rb").readline()
        assert line.startswith(b"220-") and line.endswith(b"\r\n")
        daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
        assert fetch(ports["hello"], source=ROGUE) == b""
        status = ask_daemon(daemon, "status")
        assert (status["tarpit"], status["tarpit_caught"], status["running"]) == (1, 1, 0)
        assert "1 clients, 1 since the start" in reeve(daemon, "status").stdout
    eventually(lambda: ask_daemon(daemon, "status")["tarpit"] == 0)
    assert ask_daemon(daemon, "status")["tarpit_caught"] == 1


def test_the_tarpit_in_the_state_dump(daemon):
    ports, _ = open_doors(daemon, "tarpit")
    with connect(ports["trap"], ROGUE) as client:
        assert client.recv(4) == b"220-"
        daemon.process.send_signal(signal.SIGUSR1)
        eventually(lambda: "tarpit: 1 clients, 1 since the start, 0 let go" in dump_of(daemon))


def dump_of(daemon):
    return "".join(path.read_text(errors="replace") for path in daemon.folder.glob("*.dump")) + daemon.said()


def test_all_are_let_go_at_the_end(daemon):
    ports, _ = open_doors(daemon, "tarpit")
    clients = many_in_the_tarpit(daemon, ports["trap"], 200)
    assert daemon.stop() == 0
    assert {end_of(client) for client in clients} <= {"end", "reset"}


def test_all_are_let_go_at_a_reload(daemon):
    ports, text = open_doors(daemon, "tarpit")
    clients = many_in_the_tarpit(daemon, ports["trap"], 200)
    daemon.reload(text)
    assert {end_of(client) for client in clients} == {"reset"}
    assert ask_daemon(daemon, "status")["tarpit"] == 0
    assert fetch(ports["hello"], source=GUEST) == b"Hello\n"


def test_visits_come_before_the_tarpit(daemon):
    """With few descriptors: half of them at most are in the tarpit, and who comes for a real service finds a place."""
    daemon.open_files = 128
    ports, _ = open_doors(daemon, "tarpit")
    clients = []
    for each in range(200):
        client = connect(ports["trap"], f"127.2.0.{each + 1}")
        assert client.recv(4) == b"220-"
        clients.append(client)
    status = eventually(lambda: (lambda found: found if found["tarpit_caught"] == 200 else None)(ask_daemon(daemon, "status")))
    assert 0 < status["tarpit"] <= 64 and status["tarpit"] + status["tarpit_pushed_out"] == 200
    assert end_of(clients[0]) == "reset"
    assert fetch(ports["hello"], source=GUEST) == b"Hello\n"


def test_datagrams_get_nothing(daemon):
    port = free_port()
    daemon.start(daemon.logging() + sensor("trap", port, kind="dgram", deny_time=5, sensor_reply="tarpit"))
    assert ask(port, b"x", source=ROGUE, seconds=0.3) == []
    daemon.await_lines(f"FAIL: trap address from={ROGUE}$")


def test_a_sensor_behind_tcpmux(daemon):
    port = free_port()
    daemon.start(daemon.logging() + sensor("tcpmux", port, flags="IPv4")
                 + sensor("trap", None, type="TCPMUX UNLISTED", deny_time=5, sensor_reply="tarpit"))
    with connect(port, ROGUE) as client:
        client.sendall(b"trap\r\n")
        assert client.recv(4) == b"220-"
        daemon.await_lines(f"FAIL: trap address from={ROGUE}$")
