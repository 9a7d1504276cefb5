"""`reeve top`, in a real terminal: tmux draws what it says, and keys are typed."""

import os
import shlex
import signal
import subprocess
import threading

import pytest

from client import GUEST, ROGUE, eventually, fetch, free_port
from control import REEVE, ask, reeve
from daemon import builtin, program

pytestmark = [
    pytest.mark.reeve_only("it has no control socket"),
    pytest.mark.skipif(subprocess.run(["sh", "-c", "command -v tmux"], capture_output=True).returncode != 0, reason="needs tmux"),
]
NOBODY = 65534


class Screen:
    """A terminal in which a shell runs."""

    def __init__(self, daemon, columns=80, lines=24, user=None, **environment):
        self.daemon = daemon
        self.socket = daemon.folder / f"tmux-{id(self)}"
        plain = {name: os.environ[name] for name in ("PATH",)}
        shell = ["env", "-u", "TMUX", "sh"] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "sh"]
        self.environment = {**plain, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(daemon.folder), "PS1": "ready> ", "SHELL": "/bin/sh",
                            "TERM": "xterm-256color", **environment}
        self.tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), shlex.join(shell))
        self.tmux("set-option", "-g", "status", "off")
        self.size(columns, lines)
        self.shows("ready>")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", str(self.socket), *words], check=True, capture_output=True, text=True, timeout=20,
                              env=self.environment).stdout

    def size(self, columns, lines):
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def text(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *names):
        self.tmux("send-keys", *names)

    def top(self, prefix=""):
        self.type(f"{prefix}{REEVE} top --socket {self.daemon.folder}/control.sock; echo ended $?")
        self.press("Enter")

    def shows(self, *wanted, seconds=20.0):
        """Waits until all of it is on the screen, which is returned."""
        def look():
            text = self.text()
            return text if all(one in text for one in wanted) else None
        return eventually(look, seconds, what=lambda: f"{wanted} did not appear:\n{self.text()}")

    def row(self, word, check, seconds=20.0):
        """Waits for a row that begins with the word and whose other words please; they are returned."""
        def look():
            for line in self.text().splitlines():
                words = line.split()
                if words and words[0] == word and check(words[1:]):
                    return words[1:]
            return None
        return eventually(look, seconds, what=lambda: f"no such row of {word}:\n{self.text()}")

    def close(self):
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], capture_output=True, timeout=20)


@pytest.fixture
def screens(daemon):
    made = []

    def make(**options):
        made.append(Screen(daemon, **options))
        return made[-1]

    yield make
    for screen in made:
        screen.close()


class Traffic:
    """Visits that go on while the test looks."""

    def __init__(self, port, source):
        self.going = True
        self.thread = threading.Thread(target=self.visit, args=(port, source), daemon=True)
        self.thread.start()

    def visit(self, port, source):
        while self.going:
            try:
                fetch(port, b"x", source=source, seconds=1.0)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.going = False
        self.thread.join()


def start(daemon, text):
    daemon.start(text)
    eventually(lambda: (daemon.folder / "control.sock").exists(), what="no control socket")
    return daemon


def number(text):
    return float(text.replace("k", "e3").replace("M", "e6"))


def test_services_and_rates(daemon, screens):
    echo, closed = free_port(), free_port()
    start(daemon, daemon.logging() + builtin("echo", echo) + program("cat", closed, "/bin/cat", only_from=GUEST))
    screen = screens()
    screen.top()
    screen.shows("reeve top", "live", "[1 services 2]", "SERVICE", "q quit")
    with Traffic(echo, GUEST), Traffic(closed, ROGUE):
        served = screen.row("echo", lambda words: words[0] == "open" and number(words[2]) > 0)
        assert number(served[3]) == 0
        refused = screen.row("cat", lambda words: number(words[3]) > 0)
        assert refused[-1] == "address"
        text = eventually(lambda: (lambda text: text if "█" in text else None)(screen.text()))
    assert all(len(line) <= 80 for line in text.splitlines()) and len(text.splitlines()) <= 24


def test_ban_and_unban(daemon, screens):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    screen = screens()
    screen.top()
    screen.shows("live")
    assert fetch(echo, b"x", source=ROGUE) == b"x"
    screen.press("Tab")
    screen.row(ROGUE, lambda words: "echo" in words)
    screen.type("b")
    screen.shows(f"ban {ROGUE} for how long?", "1h_")
    screen.press("BSpace", "BSpace")
    screen.type("2h")
    screen.press("Enter")
    screen.shows(f"shut {ROGUE} out of all services for 2h? (y/n)")
    assert ask(daemon, "bans")["bans"] == []
    screen.type("y")
    screen.shows(f"{ROGUE} is shut out for 2h00m")
    assert fetch(echo, b"x", source=ROGUE) == b"" and fetch(echo, b"x", source=GUEST) == b"x"
    screen.row(ROGUE, lambda words: words[-1] == "ban")
    screen.type("3")
    screen.row(ROGUE, lambda words: words[0].startswith(("1h5", "2h0")) and words[-2:] == ["reeve", "top"])
    screen.type("u")
    screen.shows(f"lift the ban of {ROGUE}? (y/n)")
    screen.type("n")
    screen.shows("nothing was done")
    assert fetch(echo, b"x", source=ROGUE) == b""
    screen.type("uy")
    screen.shows(f"{ROGUE} may come in again", "[3 bans 0]")
    assert fetch(echo, b"x", source=ROGUE) == b"x"


def test_sort_filter_help_pause(daemon, screens):
    ports = [free_port() for _ in range(3)]
    start(daemon, daemon.logging() + "".join(builtin("echo", port, id=name) for port, name in zip(ports, ("beta", "alpha", "gamma"))))
    screen = screens()
    screen.top()
    screen.shows("alpha", "beta", "gamma")

    def names():
        return [line.split()[0] for line in screen.text().splitlines() if line.split()[1:2] == ["open"]]

    fetch(ports[2], b"x")
    screen.type("s")
    screen.shows("sorted by ADMITTED")
    eventually(lambda: names() == ["gamma", "alpha", "beta"], what=screen.text)
    screen.type("r")
    eventually(lambda: names() == ["alpha", "beta", "gamma"], what=screen.text)
    screen.type("/ET")
    screen.shows("filter: ET_", "(1 of 3)")
    assert names() == ["beta"]
    screen.press("Enter")
    screen.shows("q quit", "/ET")
    screen.press("Escape")
    eventually(lambda: len(names()) == 3, what=screen.text)
    screen.type("?")
    screen.shows("ban the selected source", "any key goes back")
    screen.type("x")
    screen.shows("alpha")
    screen.type("p")
    screen.shows("PAUSED")
    screen.type("p")
    screen.shows("live")


def test_resized(daemon, screens):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    screen = screens()
    screen.top()
    screen.shows("LAST REFUSAL", "echo")
    for columns, lines in ((40, 10), (200, 60), (20, 5), (80, 24)):
        screen.size(columns, lines)
        last = "q quit" if columns >= 40 else "q q"

        def is_drawn():
            text = screen.text()
            drawn = text.splitlines()
            fits = len(drawn) <= lines and all(len(line) <= columns for line in drawn)
            return fits and last in drawn[-1] and "[1 serv" in text and ("LAST REFUSAL" in text) == (columns >= 80)

        eventually(is_drawn, what=screen.text)


def test_the_terminal_is_as_before(daemon, screens):
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    screen = screens()
    screen.type("echo remember; stty -a | tr ' ' '\\n' | grep -E '^-?(echo|icanon|icrnl|isig);?$'")
    screen.press("Enter")
    before = screen.shows("remember", "icanon").rstrip()
    for leave in (lambda: screen.type("q"), lambda: screen.press("C-c")):
        screen.type("clear")
        screen.press("Enter")
        screen.top()
        screen.shows("live")
        leave()
        screen.shows("ended")
        text = screen.text()
        assert "reeve top  " not in text
        screen.type("stty -a | tr ' ' '\\n' | grep -E '^-?(echo|icanon|icrnl|isig);?$'")
        screen.press("Enter")
        text = screen.shows("icanon")
        assert "-icanon" not in text and "\n-echo\n" not in text and "-isig" not in text
    assert "remember" in before


def test_the_daemon_dies_and_comes_back(daemon, screens):
    echo = free_port()
    text = daemon.logging() + builtin("echo", echo)
    start(daemon, text)
    screen = screens()
    screen.top()
    screen.shows("live", "echo")
    os.kill(daemon.engine(), signal.SIGKILL)
    screen.shows("live")
    daemon.stop()
    screen.shows("NO DAEMON", "the daemon is gone", "trying again every second")
    start(daemon, text)
    screen.shows("live", "[1 services 1]")
    assert "the daemon is gone" not in screen.text()
    screen.type("q")
    screen.shows("ended 0")


def test_without_a_daemon_or_a_terminal(daemon, screens):
    assert "no daemon answers" in reeve(daemon, "top", check=3).stderr
    start(daemon, daemon.logging() + builtin("echo", free_port()))
    assert "needs a terminal" in reeve(daemon, "top", check=2).stderr
    assert "\x1b" not in reeve(daemon, "top", check=2).stdout
    screen = screens()
    screen.top("TERM=nonsense ")
    screen.shows("needs a terminal", "ended 2")


@pytest.mark.root
def test_who_may_only_look(daemon, screens):
    echo = free_port()
    start(daemon, daemon.logging("control_read = everybody") + builtin("echo", echo))
    daemon.folder.chmod(0o777)
    screen = screens(user=NOBODY)
    screen.top()
    screen.shows("live", "echo")
    fetch(echo, b"x", source=ROGUE)
    screen.type("2")
    screen.row(ROGUE, lambda words: "echo" in words)
    screen.type("b")
    screen.shows("you may only look")
    assert ask(daemon, "bans")["bans"] == []


def test_plain_terminals(daemon, screens):
    echo = free_port()
    start(daemon, daemon.logging() + builtin("echo", echo))
    screen = screens()
    with Traffic(echo, GUEST):
        screen.top("LC_ALL=C LANG=C NO_COLOR=1 ")
        screen.row("echo", lambda words: number(words[2]) > 0)
        text = screen.shows("#", "vREF/S")
        assert text.isascii()
        assert not any(f"\x1b[{code}m" in screen.text("-e") for code in (31, 32, 33, 36))
        screen.type("q")
        screen.shows("ended 0")
        screen.top()
        screen.shows("live", "▼REF/S")
        assert "\x1b[32m" in screen.text("-e")
        screen.type("q")
        screen.shows("ended 0", "ready>")
        screen.type("clear")
        screen.press("Enter")
        screen.top("TERM=vt100 ")
        screen.shows("live", "REF/S")


def test_counts_by_hand(daemon):
    from control import Wire
    echo, shut = free_port(), free_port()
    start(daemon, daemon.logging() + builtin("echo", echo) + builtin("discard", shut, only_from="10.0.0.1"))
    fetch(echo, b"x")
    fetch(shut, b"x")
    with Wire(daemon) as wire:
        (last,) = wire.ask(do="counts")
        assert last["admitted"] == 1 and last["refused"] == 1 and last["services"] == 2 and last["role"] == "operator"
        *items, again = wire.ask(do="counts", services=True)
        assert again["at_ms"] >= last["at_ms"]
        services = {one["item"]["id"]: one["item"] for one in items}
        assert services["discard"]["last_refusal"] == "address" and services["discard"]["refused"] == 1
        assert "last_refusal" not in services["echo"] and services["echo"]["admitted"] == 1
        *records, end = wire.ask(do="log")
        assert len(wire.ask(do="log", **{"from": end["next"] - 1})) == 2
        assert len(wire.ask(do="log", **{"from": end["next"]})) == 1 and len(records) == end["next"]
        for each in range(5):
            wire.ask(do="ban", prefix=f"10.0.{each}.0/24")
        *bans, end = wire.ask(do="bans", most=2)
        assert len(bans) == 2 and end["all"] == 5
        for source, found in (("10.0.3.7", 1), ("10.0.0.0/16", 5), ("10.1.0.0/16", 0), ("10.0.4.0/24", 1)):
            assert wire.ask(do="bans", source=source)[-1]["count"] == found
        for wrong in ({"do": "bans", "most": -1}, {"do": "bans", "source": "x"}, {"do": "log", "from": -1}):
            assert wire.ask(**wrong)[-1]["error"]["code"] == "invalid"
