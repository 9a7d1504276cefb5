"""Each refusal that the daemon writes down, pasted into `reeve explain` as it stands there, gives the same answer.

One way to get refused for each reason of policy/reason.h; a reason without one fails here.
"""

import contextlib
import json
import os
import re
import subprocess

import pytest

from client import GUEST, ROGUE, connect, eventually, fetch, free_port, says_back
from conftest import ROOT
from control import REEVE, reeve
from daemon import builtin, program, sensor
from name_server import NameServer, resolving
from test_explain import closed_at_this_hour
from test_wrappers import own_etc, rules  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.root, pytest.mark.reeve_only("it has no such command")]

CAT = "/bin/cat"
REASONS = re.findall(r'^\s+return "([a-z_]+)";', (ROOT / "src/policy/reason.cc").read_text().split("to_text(Reason")[1].split("}\n\n")[0],
                     re.MULTILINE)


class Scene:
    """A daemon that is about to refuse ROGUE at the service `it`."""

    def __init__(self, daemon, log_format, rules, stack):
        self.daemon = daemon
        self.rules = rules  # writes hosts.allow and hosts.deny
        self.stack = stack  # what must hold until the end
        self.log_format = log_format
        self.port = free_port()
        self.word = "address"  # of xinetd's line

    def start(self, text, *options, **logging):
        self.daemon.start(self.daemon.logging(log_format=self.log_format, **logging) + text, *options)

    def program(self, *lines, **attributes):
        return program("it", self.port, CAT, None, *lines, **attributes)

    def silent_name_server(self):
        self.stack.enter_context(resolving(self.daemon.folder, NameServer())).silent = True

    def fetch(self, source=ROGUE):
        return fetch(self.port, b"x", source=source)

    def refusals(self, reason):
        """The lines of the refusals of `it` for that reason; there is one at least."""
        if self.log_format is None:
            return self.daemon.await_lines(f"NOID: it {ROGUE} " if self.word == "NOID" else f"FAIL: it {self.word} from={ROGUE}$")
        return self.daemon.await_lines(f'"event":"fail","service":"it".*"reason":"{reason}"')

    def explained(self, line, *words):
        """The answer about a line, by the daemon's file and hosts.deny as they are."""
        done = subprocess.run([REEVE, "explain", line, "--json", *map(str, words)], capture_output=True, text=True, timeout=30,
                              env={"TZ": "UTC", "PATH": "/usr/bin:/bin"})
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)


def ban(scene):
    trap = free_port()
    scene.start(scene.program() + sensor("trap", trap, deny_time=5))
    fetch(trap, source=ROGUE)
    scene.fetch()


def address(scene):
    scene.start(scene.program(only_from=GUEST))
    scene.fetch()


def time(scene):
    scene.word = "time"
    scene.start(scene.program(access_times=closed_at_this_hour()))
    scene.fetch()


def load(scene):
    scene.word = "load"
    scene.start(scene.program(max_load="0.01"))
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) as burner:
        eventually(lambda: os.getloadavg()[0] >= 0.01, 30)
        eventually(lambda: scene.fetch() == b"")  # the engine looks once a second
        burner.kill()


def pressure(scene):
    """More programs than processors: some of them always wait for one."""
    if not os.path.exists("/proc/pressure/cpu"):
        pytest.skip("this kernel does not tell /proc/pressure")
    scene.word = "pressure"
    scene.start(scene.program(max_pressure="cpu:0.01"))
    burners = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range((os.cpu_count() or 1) + 2)]
    try:
        eventually(lambda: scene.fetch() == b"", 30)  # the kernel's figure moves every two seconds
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def cps(scene):
    scene.word = "connections per second"
    scene.start(scene.program(cps="1 5", cps_action="shed"))
    eventually(lambda: scene.fetch() == b"")


def instances(scene):
    scene.word = "service_limit"
    scene.start(scene.program(instances=1, per_source="UNLIMITED"))
    with connect(scene.port, GUEST) as other:
        assert says_back(other)
        scene.fetch()


def per_source(scene):
    scene.word = "per_source_limit"
    scene.start(scene.program(per_source=1))
    with connect(scene.port, ROGUE) as other:
        assert says_back(other)
        scene.fetch()


def rate_per_source(scene):
    scene.word = "per_source_limit"
    scene.start(scene.program(rate_per_source="1/h"))
    assert scene.fetch() == b"x"
    scene.fetch()


def process_limit(scene):
    scene.word = "process_limit"
    other = free_port()
    scene.start(scene.program() + program("other", other, CAT), "-limit", 1)
    with connect(other, GUEST) as guest:
        assert says_back(guest)
        scene.fetch()


def a_sensor(scene):
    scene.start(sensor("it", scene.port, deny_time=5))
    scene.fetch()


def fork(scene):
    """Where there is no SELinux a service that wants a label can't be started."""
    if os.path.exists("/sys/fs/selinux/enforce"):
        pytest.skip("this machine has SELinux")
    scene.word = "fork"
    scene.start(scene.program(flags="IPv4 LABELED"))
    scene.fetch()


def a_broken_program(scene):
    scene.word = "exec"
    scene.start(program("it", scene.port, scene.daemon.file("broken", "#!/nowhere/at/all\n", mode=0o755)))
    scene.fetch()


def name(scene):
    """The name server says nothing."""
    scene.silent_name_server()
    scene.start(scene.program(only_from=".test.example"))
    scene.fetch()


def user(scene):
    scene.word = "NOID"
    scene.start(scene.program(flags="IPv4 IDONLY", log_on_success="HOST USERID"), log_on_failure="HOST USERID")
    scene.fetch()


def inquiries(scene):
    """More clients wait for the name server than one source may have waiting."""
    scene.silent_name_server()
    scene.start(scene.program(only_from=".test.example"))
    for _ in range(130):
        scene.stack.enter_context(connect(scene.port, ROGUE))


def proxy(scene):
    scene.word = "proxy"
    scene.start(scene.program(proxy_from=ROGUE))
    fetch(scene.port, b"GET / HTTP/1.0\r\n\r\n", source=ROGUE)


def target(scene):
    scene.word = "target"
    scene.start(program("it", scene.port, None, None, redirect=f"127.0.0.1 {free_port()}"))
    scene.fetch()


def libwrap(scene):
    scene.word = "libwrap"
    scene.rules(deny=f"# a comment\ncat: {ROGUE}\n")
    scene.start(scene.program())
    assert scene.fetch(GUEST) == b"x"
    scene.fetch()


def stopped(scene):
    scene.word = "stopped"
    trap = free_port()
    scene.start(builtin("tcpmux", trap) + program("it", None, CAT, type="TCPMUX UNLISTED"))
    eventually(lambda: (scene.daemon.folder / "control.sock").exists())
    reeve(scene.daemon, "stop", "it")
    fetch(trap, b"it\r\n", source=ROGUE)


OTHERWISE = {"sensor": a_sensor, "exec": a_broken_program}
# What xinetd's word may mean beside the reason.
VAGUE = {"address", "per_source_limit"}


def test_every_reason_is_there():
    assert len(REASONS) > 15 and [one for one in REASONS if one not in OTHERWISE and one not in globals()] == []


@pytest.mark.parametrize("log_format", ["json", None], ids=["json", "xinetd"])
@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_explains_itself(daemon, rules, reason, log_format):  # noqa: F811
    with contextlib.ExitStack() as stack:
        scene = Scene(daemon, log_format, rules, stack)
        (OTHERWISE.get(reason) or globals()[reason])(scene)
        for line in scene.refusals(reason):
            for where in (("--socket", daemon.folder / "control.sock"), ("-f", daemon.config)):
                status, answer = scene.explained(line, *where)
                assert answer["line"]["agrees"] and answer["answer"] == "refused" and status == 1, (line, answer)
                if scene.word not in VAGUE or log_format:
                    assert answer["reason"] == reason, (line, answer)
                if log_format:
                    assert answer.get("rule") == json.loads(line).get("rule"), (line, answer)
