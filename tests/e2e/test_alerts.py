"""Alerts: who is told when a sensor is touched, in which form, and what a flood or a deaf receiver does to the others."""

import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from client import ROGUE, GUEST, eventually, fetch, free_port
from daemon import comm_of, program, sensor

DTD = Path(__file__).parent / "data" / "idmef.dtd"
FORM = '{"text": "{source} touched {service} ({reason})", "hits": {hits},\n "recorded": "{recorded}"}\n'


class Web:
    """A server of the web that writes down what it gets. `statuses`: what it answers first; then 204."""

    def __init__(self, statuses=(), hangs=False, certificate=None, key=None):
        self.posts, self.gets, self.statuses, self.pages = [], [], list(statuses), {}
        self.release = threading.Event()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.posts.append((self.path, self.headers["Content-Type"], body))
                if hangs:
                    web.release.wait(30)
                self.answer(web.statuses.pop(0) if web.statuses else 204)

            def do_GET(self):
                web.gets.append(self.path)
                page = web.pages.get(self.path)
                if isinstance(page, int):
                    self.send_response(page)
                    self.send_header("Location", f"http://127.0.0.1:{web.port}/moved")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self.answer(404 if page is None else 200, page or b"")

            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/hook"):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web():
    made = []

    def make(*arguments, **options):
        made.append(Web(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def with_sensor(daemon, *lines, **attributes):
    ports = {"trap": free_port(), "hello": free_port()}
    text = daemon.logging(*lines) + sensor("trap", ports["trap"], **({"deny_time": 5} | attributes)) + program("hello", ports["hello"], "/bin/echo", "Hello")
    daemon.start(text)
    return ports


def lines_of(path, count=1):
    def enough():
        lines = path.read_text().splitlines() if path.exists() else []
        return lines if len(lines) >= count else None

    return eventually(enough, what=lambda: f"{path} has no {count} lines")


def test_each_receiver_is_told_once(daemon, web):
    server = web()
    form = daemon.file("form.json", FORM)
    files = {name: daemon.folder / f"alerts.{name}" for name in ("idmef", "idmef2", "json", "cef", "plain", "custom")}
    ports = with_sensor(daemon, *[f"alert_file += {name} {path}" for name, path in files.items()],
                        f"alert_http = custom {server.url('/hook?key=SECRET')}", f"alert_http += idmef {server.url('/idmef')}",
                        f"alert_form = {form}")
    fetch(ports["trap"], source=ROGUE)
    text = {name: lines_of(path)[0] for name, path in files.items()}
    record = json.loads(text["json"])
    assert (record["event"], record["origin"], record["source"], record["service"]) == ("banned", "sensor", ROGUE, "trap")
    assert record["local_port"] == ports["trap"] and record["prefix"] == ROGUE and record["seconds"] == 300
    second = json.loads(text["idmef2"])
    assert second["Source"][0]["IP"] == ROGUE and second["ID"] == record["id"]
    assert text["cef"].startswith("CEF:0|reeve|reeved|") and f" src={ROGUE} " in text["cef"]
    assert text["plain"].startswith(f"source banned: {ROGUE} by {ROGUE}:")
    filled = json.loads(text["custom"])
    assert filled["text"].startswith(f"{ROGUE} touched trap") and filled["hits"] == 1
    eventually(lambda: len(server.posts) == 2)
    posts = {path: (media, body) for path, media, body in server.posts}
    assert posts["/hook?key=SECRET"][0] == "application/json" and json.loads(posts["/hook?key=SECRET"][1]) == filled
    assert posts["/idmef"][0] == "application/xml" and text["idmef"].encode() in posts["/idmef"][1]
    assert all(len(lines_of(path)) == 1 for path in files.values())
    assert "SECRET" not in daemon.said()


class OwnLogger:
    """Starts the daemon where /dev/log is a socket of ours."""

    def __init__(self, folder):
        self.path = folder / "log"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.path.chmod(0o666)
        self.socket.settimeout(10)

    def command(self, *words):
        devices = "mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9"
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{devices} && ln -s {self.path} /dev/log && exec "$@"', "sh", *words]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a /dev/log of its own")
def test_the_logger_is_told(daemon):
    logger = daemon.host = OwnLogger(daemon.folder)
    ports = with_sensor(daemon, "alert_syslog = cef authpriv warning", "alert_syslog += plain local0")
    fetch(ports["trap"], source=ROGUE)
    first, second = sorted(logger.socket.recv(8192).decode() for _ in range(2))
    assert re.match(rf"<{16 * 8 + 5}>\w{{3}} [ \d]\d \d\d:\d\d:\d\d reeved\[\d+\]: source banned: {ROGUE} by", first), first
    assert re.match(rf"<{10 * 8 + 4}>.* reeved\[\d+\]: CEF:0\|reeve\|reeved\|", second) and f" src={ROGUE} " in second


@pytest.mark.skipif(not shutil.which("xmllint"), reason="there is no xmllint")
def test_idmef_is_valid(daemon):
    path = daemon.folder / "alerts.xml"
    ports = with_sensor(daemon, f"alert_file = idmef {path}", deny_time="NEVER")
    fetch(ports["trap"], source=ROGUE)
    fetch(ports["trap"], source=GUEST)
    for number, line in enumerate(lines_of(path, 2)):
        message = daemon.file(f"{number}.xml", line)
        subprocess.run(["xmllint", "--noout", "--nonet", "--dtdvalid", str(DTD), str(message)], check=True, timeout=20)


def test_a_command_gets_the_alert_in_its_environment_and_no_shell(daemon):
    folder = daemon.folder / "out"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    script = daemon.file("hook.py", f"""#!/usr/bin/python3
import json, os, sys
whole = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "cwd": os.getcwd(), "fds": sorted(os.listdir("/proc/self/fd")),
          "stdin": os.readlink("/proc/self/fd/0"), "uid": os.getuid()}}
with open("{folder}/new", "w") as out:
    json.dump(whole, out)
os.rename("{folder}/new", "{folder}/told")
""", mode=0o755)
    ports = with_sensor(daemon, f"alert_command = {script} $(touch {folder}/shell) `id` ;ls {{source}}")
    fetch(ports["trap"], source=ROGUE)
    told = json.loads(eventually(lambda: (folder / "told").read_text() if (folder / "told").exists() else None))
    assert told["arguments"] == ["$(touch", f"{folder}/shell)", "`id`", ";ls", "{source}"]
    environment = told["environment"]
    assert environment["REEVE_SOURCE"] == ROGUE and environment["REEVE_EVENT"] == "banned" and environment["REEVE_SERVICE"] == "trap"
    assert {name for name in environment if not name.startswith("REEVE_")} <= {"PATH", "LC_CTYPE"}
    assert told["stdin"] == "/dev/null" and told["cwd"] == "/" and len(told["fds"]) == 4  # one of them is the listing's own
    assert not (folder / "shell").exists()
    assert told["uid"] == os.stat(f"/proc/{keeper_of(daemon)}").st_uid


def test_a_command_that_hangs_is_killed_and_holds_up_nobody(daemon):
    path, told = daemon.folder / "alerts", daemon.folder / "pids"
    told.touch()
    told.chmod(0o666)
    script = daemon.file("hang", f"#!/bin/sh\necho $$ >> {told}\nexec sleep 600\n", mode=0o755)
    ports = with_sensor(daemon, f"alert_command = {script}", f"alert_file = plain {path}", deny_time="NEVER")
    for _ in range(3):
        fetch(ports["trap"], source=ROGUE)
    lines_of(path, 3)
    pids = [int(line) for line in lines_of(told, 3)]
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 30)
    eventually(lambda: f"alert_command {script}: it was killed after 10 s" in daemon.said(), what=daemon.said)


def test_a_flood_stays_within_the_rate(daemon):
    path = daemon.folder / "alerts"
    ports = with_sensor(daemon, f"alert_file = plain {path}", "alert_rate = 7", deny_time="NEVER")
    for _ in range(60):
        fetch(ports["trap"], source=ROGUE)
    daemon.await_lines("FAIL: trap", 60)
    pid = keeper_of(daemon)
    daemon.stop()
    eventually(lambda: not Path(f"/proc/{pid}").exists())  # it has dealt with all that it was told
    assert len(lines_of(path)) == 7


def keeper_of(daemon):
    return eventually(lambda: [pid for pid in daemon.descendants() if comm_of(pid) == "reeved-keeper"])[0]


def test_a_deaf_server_holds_up_nobody(daemon, web):
    deaf, good = web(hangs=True), web()
    path = daemon.folder / "alerts"
    ports = with_sensor(daemon, f"alert_http = json {deaf.url()}", f"alert_http += json {good.url()}", f"alert_file = json {path}",
                        deny_time="NEVER")
    for _ in range(20):
        fetch(ports["trap"], source=ROGUE)
    lines_of(path, 20)
    eventually(lambda: len(good.posts) == 20)
    assert len(deaf.posts) <= 4


def test_a_server_that_fails_is_asked_again(daemon, web):
    server = web(statuses=[503, 500])
    ports = with_sensor(daemon, f"alert_http = json {server.url()}")
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: len(server.posts) == 3, 30)
    assert len({body for _, _, body in server.posts}) == 1
    assert "lost" not in daemon.said()


def test_what_is_refused_is_not_sent_again(daemon, web):
    server = web(statuses=[400, 302])
    ports = with_sensor(daemon, f"alert_http = json {server.url()}", deny_time="NEVER")
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: f"alerts to http://127.0.0.1:{server.port} are lost: HTTP 400" in daemon.said())
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: len(server.posts) == 2)
    fetch(ports["trap"], source=ROGUE)
    eventually(lambda: f"alerts to http://127.0.0.1:{server.port} arrive again; 2 were lost" in daemon.said())
    assert len(server.posts) == 3 and not server.gets


def test_alerts_survive_the_keepers_death(daemon):
    path = daemon.folder / "alerts"
    ports = with_sensor(daemon, f"alert_file = plain {path}", deny_time="NEVER")
    fetch(ports["trap"], source=ROGUE)
    lines_of(path)
    os.kill(keeper_of(daemon), 9)
    eventually(lambda: "starting another" in daemon.said())

    def told_again():
        fetch(ports["trap"], source=ROGUE)
        return len(path.read_text().splitlines()) >= 2

    eventually(told_again, 20)
