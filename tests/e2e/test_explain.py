"""`reeve explain` and `reeve replay` against what a real daemon has written: the same answer for each reason."""

import json
import os
import re
import socket
import subprocess
import time

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, says_back
from conftest import BINARY
from daemon import program, sensor

REEVE = BINARY.with_name("reeve")
pytestmark = pytest.mark.reeve_only("it has no such command")


def reeve(*words, stdin=None):
    return subprocess.run([REEVE, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=30,
                          env={"TZ": "UTC", "PATH": "/usr/bin:/bin"})


def explained(daemon, line, *words):
    """The answer about a pasted line, as JSON."""
    done = reeve("explain", line, "-f", daemon.config, "--json", *words)
    assert done.returncode in (0, 1, 2, 3), done.stderr
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def closed_at_this_hour():
    """access_times that are over, or to come, for at least two hours, whatever the time is."""
    hour = time.gmtime().tm_hour
    return "00:00-01:00" if 3 <= hour < 22 else "10:00-11:00"


def everything_that_refuses(daemon, log_format):
    """Starts a daemon and gets one refusal of each reason that a client can cause. The ports."""
    ports = {name: free_port() for name in ("address", "time", "cps", "instances", "per_source", "trap", "exec", "target", "user", "open")}
    cat = "/bin/cat"
    text = daemon.logging(log_format=log_format)
    text += program("address", ports["address"], cat, None, only_from=GUEST)
    text += program("time", ports["time"], cat, None, access_times=closed_at_this_hour())
    text += program("cps", ports["cps"], cat, None, cps="1 5", cps_action="shed")
    text += program("instances", ports["instances"], cat, None, instances=1, per_source="UNLIMITED")
    text += program("per_source", ports["per_source"], cat, None, per_source=1)
    text += program("exec", ports["exec"], daemon.file("broken", "#!/nowhere/at/all\n", mode=0o755))
    text += program("user", ports["user"], cat, None, flags="IPv4 IDONLY", log_on_success="HOST USERID", log_on_failure="HOST USERID")
    text += program("target", ports["target"], None, None, redirect=f"127.0.0.1 {free_port()}")
    text += program("open", ports["open"], cat)
    text += sensor("trap", ports["trap"], deny_time=5)
    daemon.start(text)
    with connect(ports["instances"], GUEST) as one, connect(ports["per_source"], ROGUE) as other:
        assert says_back(one) and says_back(other)
        for name in ("address", "time", "cps", "cps", "cps", "instances", "per_source", "exec", "target", "user"):
            fetch(ports[name], b"x", source=ROGUE)
        fetch(ports["trap"], source=ROGUE)
        eventually(lambda: fetch(ports["open"], b"x", source=ROGUE) == b"")
    return ports


REASONS = ("address", "time", "cps", "instances", "per_source", "exec", "target", "user")


def test_each_record_of_a_refusal_explains_itself(daemon):
    everything_that_refuses(daemon, "json")
    wanted = {(name, name) for name in REASONS} | {("trap", "sensor"), ("open", "ban")}

    def refusals():
        found = [line for line in daemon.lines() if json.loads(line)["event"] == "fail"]
        return found if wanted <= {(json.loads(line)["service"], json.loads(line)["reason"]) for line in found} else None

    lines = eventually(refusals, what=lambda: f"not each of {wanted} in {daemon.lines()}")
    for line in lines:
        record = json.loads(line)
        answer = explained(daemon, line)
        assert answer["line"]["agrees"], (line, answer)
        if record["reason"] not in ("exec", "target"):
            assert answer["answer"] == "refused" and answer["reason"] == record["reason"], (line, answer)
            assert answer.get("rule") == record.get("rule"), (line, answer)


def test_each_line_of_a_refusal_explains_itself(daemon):
    everything_that_refuses(daemon, None)
    wanted = {"address": "address", "time": "time", "cps": "connections per second", "instances": "service_limit",
              "per_source": "per_source_limit", "exec": "exec", "target": "target", "trap": "address", "open": "address"}
    for name, word in wanted.items():
        for line in daemon.await_lines(f"FAIL: {name} {word} from={ROGUE}$"):
            answer = explained(daemon, line)
            assert answer["line"]["agrees"], (line, answer)
            assert explained(daemon, line.split(": ", 1)[1], "--at", line.split(": ", 1)[0])["line"]["agrees"]
    for line in daemon.await_lines("NOID: user") + daemon.await_lines("START: per_source"):
        assert explained(daemon, line)["line"]["agrees"], line


def test_another_configuration_does_not_give_the_same_answer(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "Hello", only_from=GUEST))
    fetch(port, source=ROGUE)
    line = daemon.await_lines("FAIL: hello address")[0]
    assert reeve("explain", line, "-f", daemon.config).returncode == 1
    daemon.file("test.conf", daemon.config.read_text().replace(GUEST, f"{GUEST} {ROGUE}"))
    done = reeve("explain", line, "-f", daemon.config)
    # Only a ban could mean the same.
    assert "mean ban" in done.stdout
    assert reeve("explain", "FAIL: hello time from=" + ROGUE, "-f", daemon.config).returncode == 3


def test_hosts_deny_is_asked(daemon):
    daemon.file("test.conf", daemon.logging() + program("hello", free_port(), "/bin/echo", "Hello"))
    deny, allow = daemon.file("deny", f"echo: {ROGUE}\n"), daemon.file("allow", "")
    words = ("-f", daemon.config, "--allow", allow, "--deny", deny)
    done = reeve("explain", ROGUE, "hello", *words)
    assert done.returncode == 1 and f"refused: libwrap, by {deny}:1" in done.stdout
    assert reeve("explain", GUEST, "hello", *words).returncode == 0
    assert reeve("explain", f"FAIL: hello libwrap from={ROGUE}", *words).returncode == 1


@pytest.mark.parametrize("log_format", ["json", None])
def test_a_day_is_replayed(daemon, log_format):
    port = free_port()
    daemon.start(daemon.logging(log_format=log_format) + program("hello", port, "/bin/echo", "Hello"))
    for source in (ROGUE, ROGUE, GUEST):
        assert fetch(port, source=source) == b"Hello\n"
    daemon.await_lines("exit" if log_format else "EXIT", count=3)
    same = reeve("replay", daemon.service_log, "-f", daemon.config, "--json")
    assert same.returncode == 0, same.stderr
    total = json.loads(same.stdout)["total"]
    assert (total["visits"], total["admitted_before"], total["admitted_now"]) == (3, 3, 3)

    new = daemon.file("new.conf", daemon.config.read_text().replace("service hello\n{", f"service hello\n{{\n\tno_access = {ROGUE}"))
    line = next(number for number, row in enumerate(new.read_text().splitlines(), 1) if "no_access" in row)
    picture = daemon.folder / "day.svg"
    changed = reeve("replay", "-", "-f", new, "--json", "--plot", picture, stdin=daemon.service_log.read_text())
    assert changed.returncode == 1, changed.stderr
    found = json.loads(changed.stdout)
    assert found["total"]["newly_refused"] == 2 and found["total"]["admitted_now"] == 1
    assert found["rules"] == [{"service": "hello", "reason": "address", "rule": f"{new}:{line}", "refused": 2, "newly_refused": 2}]
    assert found["sources"][0]["source"] == ROGUE
    assert picture.read_text().startswith("<")
    against = reeve("replay", daemon.service_log, "-f", daemon.config, "--against", new)
    assert against.returncode == 0 and "2 refused before would be admitted" in against.stdout


def test_a_day_is_replayed_against_hosts_deny(daemon):
    port = free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "Hello"))
    for source in (ROGUE, GUEST):
        assert fetch(port, source=source) == b"Hello\n"
    daemon.await_lines("EXIT", count=2)
    deny, allow = daemon.file("deny", f"echo: {ROGUE}\n"), daemon.file("allow", "")
    done = reeve("replay", daemon.service_log, "-f", daemon.config, "--json", "--allow", allow, "--deny", deny)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["rules"] == [{"service": "hello", "reason": "libwrap", "rule": f"{deny}:1", "refused": 1, "newly_refused": 1}]


def test_replay_says_what_it_can_not_do(daemon):
    conf = daemon.file("test.conf", program("a", free_port(), "/bin/cat") + program("b", free_port(), "/bin/cat"))
    assert reeve("replay", daemon.folder / "nowhere", "-f", conf).returncode == 2
    assert reeve("replay", daemon.folder, "-f", conf).returncode == 2  # a directory
    line = '192.0.2.7 - - [24/Nov/2026:12:00:05 +0000] "GET / HTTP/1.1" 200 12\n'
    done = reeve("replay", "-", "-f", conf, stdin=line)
    assert done.returncode == 2 and "--service" in done.stderr
    assert reeve("replay", "-", "-f", conf, "--service", "b", stdin=line).returncode == 0
    garbage = reeve("replay", "-", "-f", conf, stdin="\x01" * 200_000 + "\nFAIL\n" + "x\n" * 9)
    assert garbage.returncode == 0 and "11 unreadable" in garbage.stdout and "\x01" not in garbage.stdout
    assert reeve("replay", "-", "-f", conf, "--plot", "x.png", stdin="").returncode == 2


def test_no_colour_where_nobody_sees_it(daemon):
    conf = daemon.file("test.conf", program("a", free_port(), "/bin/cat"))
    assert "\x1b" not in reeve("explain", "192.0.2.1", "a", "-f", conf).stdout
    assert re.search(r"^admitted$", reeve("explain", "192.0.2.1", "a", "-f", conf).stdout, re.MULTILINE)


def test_the_running_daemon_is_asked(daemon):
    ports = {name: free_port() for name in ("full", "trap", "open")}
    daemon.start(daemon.logging() + program("full", ports["full"], "/bin/cat", None, instances=2, per_source="UNLIMITED", only_from="127.0.0.0/8")
                 + program("open", ports["open"], "/bin/cat", None, per_source=2) + sensor("trap", ports["trap"], deny_time=5))

    def asked(*words):
        done = reeve("explain", "--socket", daemon.folder / "control.sock", "--json", *words)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    assert asked(GUEST, "full")["answer"] == "admitted"
    with connect(ports["full"], GUEST) as one, connect(ports["full"], ROGUE) as two, connect(ports["open"], GUEST) as three:
        assert says_back(one) and says_back(two) and says_back(three)
        answer = asked(GUEST, "full")
        assert answer["reason"] == "instances" and answer["rule"].startswith(f"{daemon.config}:")
        gates = {gate["gate"]: gate["compared"] for gate in answer["gates"]}
        assert gates["instances"] == "2 of 2 run"
        gates = {gate["gate"]: gate["compared"] for gate in asked(GUEST, "open")["gates"]}
        assert gates["per_source"] == f"1 of 2 run from {GUEST}"
        assert not any("(assumed)" in compared for compared in gates.values())
        # What is said outweighs what the daemon knows; a line's moment is over.
        assert asked(GUEST, "full", "--running", 1)["answer"] == "admitted"
        assert asked(f"START: full pid=7 from={GUEST}")["line"]["agrees"]
    fetch(ports["trap"], source=ROGUE)
    answer = eventually(lambda: (lambda found: found if found.get("reason") == "ban" else None)(asked(ROGUE, "open")))
    assert "because of sensor trap" in {gate["gate"]: gate["compared"] for gate in answer["gates"]}["ban"]
    assert asked(GUEST, "open")["answer"] == "admitted"


def test_of_a_user_of_this_machine_the_daemon_is_asked_too(daemon):
    path, uid = daemon.folder / "it.sock", os.getuid()
    daemon.start(daemon.logging() + program("it", None, "/bin/cat", None, bind=path, per_source=1, flags=None, socket_mode="666"))

    def asked(*words):
        done = reeve("explain", "--socket", daemon.folder / "control.sock", "--json", *words)
        assert done.stdout and not done.stderr, done.stderr
        return json.loads(done.stdout)

    eventually(lambda: (daemon.folder / "control.sock").exists() and path.exists())
    assert asked(f"uid:{uid}", "it")["answer"] == "admitted"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        assert says_back(sock)
        assert asked(f"uid:{uid}", "it")["reason"] == "per_source"
        assert asked(f"uid:{uid + 1}", "it")["answer"] == "admitted"
    assert "neither an address nor a line" in reeve("explain", "uid:x", "it", "-f", daemon.config).stderr


def test_without_a_daemon_it_says_so(daemon):
    done = reeve("explain", "--socket", daemon.folder / "nobody.sock", "192.0.2.1", "ftp")
    assert "as on an idle machine" in done.stderr
