"""The same file and the same visitors for both daemons: what clients see and what the logs say has to be equal.

Only with a real xinetd at hand (build/peers, $XINETD or in PATH). A case is a function that writes the configuration,
and one that plays the visitors and returns what they saw. What is meant to differ is listed with the case: an unlisted
difference fails, and so does a listed one that has gone.
"""

import re
import socket
import time

import pytest

import peers
from client import GUEST, ROGUE, ask, bound_ports, connect, eventually, fetch, free_port, says_back
from conftest import BINARY
from daemon import Daemon, builtin, defaults, program, sensor

pytestmark = [
    pytest.mark.reeve_only("nothing to compare with"),
    pytest.mark.skipif(peers.XINETD is None, reason="there is no xinetd to compare with: set XINETD"),
]

OTHER = "127.0.3.4"
SOURCES = (ROGUE, GUEST, OTHER, "127.0.0.1")
CASES = {}


def case(known=()):
    """known: functions that turn xinetd's log lines into what reeve writes; their text says why the two differ."""

    def register(function):
        CASES[function.__name__.replace("_", " ")] = (function, known)
        return function

    return register


class Ports(dict):
    """A free port for each name, the same for both daemons."""

    def __missing__(self, name):
        self[name] = free_port()
        return self[name]


def refused_before_the_fork(lines):
    """xinetd forks, and logs a start, before it looks at addresses and bans."""
    left = list(lines)
    for line in lines:
        failed = re.match(r"FAIL: (\S+) address from=(\S+)$", line)
        for pattern in (rf"START: {failed[1]} pid=N from={failed[2]}$", rf"EXIT: {failed[1]} status=0 pid=N duration") if failed else ():
            found = next((other for other in left if re.match(pattern, other)), None)
            if found:
                left.remove(found)
    return left


def served_without_a_process(lines):
    """xinetd forks for echo, discard and chargen; reeve has no process, so no pid and no status."""
    return [re.sub(r"^EXIT: (\S+) .*", r"EXIT: \1 pid=0 duration=N(sec)", line).replace("pid=N", "pid=0") for line in lines]


@case()
def arguments_and_environment(d, ports):
    d.start(d.logging()
            + program("one", ports["one"], "/bin/echo", "a  b   c")
            + program("named", ports["named"], "/bin/cat", "pretty /proc/self/cmdline", flags="IPv4 NAMEINARGS")
            + program("env", ports["env"], "/usr/bin/env", env="A=1 B=2", passenv="PATH")
            + program("none", ports["none"], "/usr/bin/env", passenv="", env="C=3")
            + program("umask", ports["umask"], d.file("umask", "#!/bin/sh\numask; nice; ulimit -n >/dev/null; ulimit -t\n", 0o755),
                      umask="027", nice=5, rlimit_cpu=7))
    return [sorted(fetch(ports[name], source=GUEST).splitlines()) for name in ("one", "named", "env", "none", "umask")]


FORMS = {
    "host": f"only_from = {ROGUE}", "two": f"only_from = {ROGUE} {OTHER}", "class c": "only_from = 127.0.0.0", "class b": "only_from = 127.0.0.0 127.0.3.0",
    "factorised": "only_from = 127.0.0.{66,77}", "two networks": "only_from = 127.{0,1}", "mask": "only_from = 127.0.0.64/29", "wide": "only_from = 127.0.0.0/16",
    "all": "only_from = 0.0.0.0", "nobody": "only_from =", "not him": f"no_access = {ROGUE}", "not they": "no_access = 127.0.0.0/24",
    "both": f"only_from = 127.0.0.0/24\n\tno_access = {ROGUE}", "same": f"only_from = {ROGUE}\n\tno_access = {ROGUE}",
    "v6": "only_from = ::1", "plus": f"only_from = {ROGUE}\n\tonly_from += {GUEST}", "minus": f"only_from = {ROGUE} {GUEST}\n\tonly_from -= {GUEST}",
}


@case(known=[refused_before_the_fork])
def access_lists(d, ports):
    d.start(d.logging() + "".join(program(name.replace(" ", "-"), ports[name], "/bin/echo", "in", line) for name, line in FORMS.items()))
    return {(name, source): fetch(ports[name], source=source) for name in FORMS for source in SOURCES}


@case(known=[refused_before_the_fork])
def lists_of_the_defaults(d, ports):
    d.start(d.logging(only_from=ROGUE, no_access=OTHER)
            + program("own", ports["own"], "/bin/echo", "in", f"only_from = {GUEST}")
            + program("more", ports["more"], "/bin/echo", "in", f"only_from += {GUEST}")
            + program("fewer", ports["fewer"], "/bin/echo", "in", f"only_from -= {ROGUE}")
            + program("theirs", ports["theirs"], "/bin/echo", "in"))
    return {(name, source): fetch(ports[name], source=source) for name in ("own", "more", "fewer", "theirs") for source in SOURCES}


@case()
def limits(d, ports):
    later = (time.gmtime().tm_hour + 2) % 24
    d.start(d.logging() + program("few", ports["few"], "/bin/cat", instances=2, per_source=1)
            + program("times", ports["times"], "/bin/cat", access_times=f"{later:02}:00-{later:02}:30"))
    seen = []
    with connect(ports["few"], ROGUE) as first:
        seen.append(says_back(first))
        seen.append(fetch(ports["few"], b"x", ROGUE))
        with connect(ports["few"], GUEST) as second:
            seen.append(says_back(second))
            seen.append(fetch(ports["few"], b"x", OTHER))
    d.await_lines("EXIT: few", 2)
    seen.append(fetch(ports["times"], b"x", GUEST))
    return seen


@case(known=[refused_before_the_fork])
def sensors(d, ports):
    d.start(d.logging() + sensor("trap", ports["trap"], deny_time=3) + sensor("looks", ports["looks"], deny_time="NEVER")
            + program("hello", ports["hello"], "/bin/echo", "in"))
    seen = [fetch(ports["looks"], source=ROGUE), fetch(ports["hello"], source=ROGUE), fetch(ports["trap"], source=ROGUE)]
    d.await_lines(f"FAIL: trap address from={ROGUE}")
    return [*seen, fetch(ports["hello"], source=ROGUE), fetch(ports["looks"], source=ROGUE), fetch(ports["hello"], source=GUEST)]


@case(known=[refused_before_the_fork])
def banners(d, ports):
    for name in ("always", "success", "fail"):
        d.file(name, f"this is {name}\n")
    d.start(d.logging()
            + program("all", ports["all"], "/bin/echo", "in", banner=d.folder / "always", banner_success=d.folder / "success",
                      banner_fail=d.folder / "fail", only_from=ROGUE)
            + program("ok", ports["ok"], "/bin/echo", "in", banner_success=d.folder / "success"))
    return [fetch(ports[name], source=source) for name in ("all", "ok") for source in (ROGUE, GUEST)]


@case(known=[served_without_a_process])
def built_in_streams(d, ports):
    names = ("echo", "discard", "chargen", "daytime", "time")
    d.start(d.logging() + "".join(builtin(name, ports[name]) for name in names))
    seen = [fetch(ports["echo"], b"x" * 5000), fetch(ports["discard"], b"x"), len(fetch(ports["time"]))]
    seen.append(re.sub(rb"\d+", b"9", fetch(ports["daytime"])))
    with connect(ports["chargen"]) as sock:
        got = b""
        while len(got) < 7400:
            got += sock.recv(7400 - len(got))
    return [*seen, {len(line) for line in got.split(b"\r\n")[:-1]}]


@case()
def built_in_datagrams(d, ports):
    names = ("echo", "discard", "daytime", "time")
    d.start(d.logging() + "".join(builtin(name, ports[name], kind="dgram") for name in names))
    return [ask(ports["echo"], b"hello"), ask(ports["discard"], b"x", seconds=0.3), len(ask(ports["time"], b"xxxx")[0])]


SUCCESS = {"nothing": "", "host": "HOST", "pid": "PID", "exit": "EXIT", "duration": "DURATION", "two": "PID EXIT", "all": "PID HOST EXIT DURATION"}
FAILURE = {"f-nothing": "", "f-host": "HOST", "f-attempt": "ATTEMPT", "f-all": "HOST ATTEMPT"}


@case()
def log_fields(d, ports):
    text = defaults(log_type=f"FILE {d.service_log}", cps="0 0")
    for name, fields in SUCCESS.items():
        text += program(name, ports[name], "/bin/echo", "in", f"log_on_success = {fields}")
    for name, fields in FAILURE.items():
        text += program(name, ports[name], "/bin/echo", "in", f"log_on_failure = {fields}", only_from=ROGUE)
    d.start(text)
    seen = [fetch(ports[name], source=GUEST) for name in [*SUCCESS, *FAILURE]]
    d.await_lines("EXIT: all")
    d.await_lines("FAIL: f-all")
    return seen


@case()
def exits(d, ports):
    programs = {"zero": "exit 0", "seven": "exit 7", "killed": "kill -KILL $$", "quit": "kill -QUIT $$"}
    d.start(d.logging() + "".join(program(name, ports[name], d.file(name, f"#!/bin/sh\necho in\n{text}\n", 0o755)) for name, text in programs.items()))
    seen = [fetch(ports[name]) for name in programs]
    d.await_lines("EXIT", len(programs))
    return seen


@case()
def who_listens(d, ports):
    text = (defaults("disabled = off", cps="0 0", log_type=f"FILE {d.service_log}")
            + program("on", ports["on"], "/bin/cat")
            + builtin("echo", ports["id"], id="other")
            + builtin("daytime", ports["udp"], kind="dgram", id="udp"))
    silent = (program("off", ports["off"], "/bin/cat") + program("never", ports["never"], "/bin/cat", disable="yes")
              + program("bad", ports["bad"], "/bin/cat", socket_type="wrong") + program("odd", ports["odd"], "/bin/cat", wait="perhaps"))
    d.file("test.conf", text + silent)
    d.launch()
    d.await_ports(text)
    return sorted((name, kind) for kind, number in bound_ports() for name, port in ports.items() if port == number)


@case()
def waiting_servers(d, ports):
    seen = d.file("seen", "", 0o666)
    server = d.file("one-word", f"#!/bin/sh\nhead -c 5 >>{seen}\n", 0o755)
    d.start(d.logging() + program("one", ports["one"], server, wait="yes", socket_type="dgram", protocol="udp"))
    for word in (b"first", b"again"):
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind((GUEST, 0))
            sock.sendto(word, ("127.0.0.1", ports["one"]))
        d.await_lines("EXIT: one", 1 if word == b"first" else 2)
    return seen.read_text()


def normal(text, d):
    """Log lines without what is different each time, in the order of the alphabet."""
    lines = []
    for line in text.splitlines():
        line = re.sub(r"^\S+@\S+: ", "", line).replace(str(d.folder), "DIR")
        line = re.sub(r"pid=[1-9]\d*", "pid=N", line)
        lines.append(re.sub(r"duration=\d+", "duration=N", line))
    return sorted(lines)


def await_quiet(d):
    """Waits until nothing more is written: exits of the last servers come late."""

    def unchanged():
        before = "".join(d.lines())
        time.sleep(0.15)
        return "".join(d.lines()) == before

    eventually(unchanged)


def play(binary, function, ports):
    d = Daemon(binary)
    try:
        seen = function(d, ports)
        await_quiet(d)
        return seen, normal(d.service_log.read_text() if d.service_log.exists() else "", d)
    finally:
        d.close()


@pytest.mark.parametrize("name", CASES)
def test_same_as_xinetd(name):
    function, known = CASES[name]
    ports = Ports()
    seen, log = play(BINARY, function, ports)
    theirs, their_log = play(peers.XINETD, function, ports)
    assert seen == theirs
    for expected in known:
        before, their_log = their_log, expected(their_log)
        assert their_log != before, f"no difference any more: {expected.__doc__}"
    assert log == their_log
