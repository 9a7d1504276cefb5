"""Reload: all or nothing, and nobody notices."""

import signal
import threading
import time

import pytest

from client import connect, eventually, fetch, free_port, refused, says_back
from daemon import builtin, program


class Load:
    """Clients that come without pause, and what became of them."""

    def __init__(self, port, answer, said=b""):
        self.port, self.answer, self.said = port, answer, said
        self.served, self.lost, self.worst = 0, [], 0.0
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def _visit(self):
        while not self._done.is_set():
            started = time.monotonic()
            try:
                got = fetch(self.port, self.said)
            except OSError as error:
                got = repr(error).encode()
            self.worst = max(self.worst, time.monotonic() - started)
            if self.answer(got):
                self.served += 1
            else:
                self.lost.append(got)

    def stop(self):
        self._done.set()
        for thread in self._threads:
            thread.join()


def test_reload_under_load_loses_nothing(daemon):
    port, echo = free_port(), free_port()
    text = daemon.logging() + program("hello", port, "/bin/echo", "hello@") + builtin("echo", echo)
    daemon.start(text.replace("@", str(0)))
    loads = [Load(port, lambda got: got.startswith(b"hello")), Load(echo, lambda got: got == b"x", b"x")]
    try:
        for turn in range(1, 16):
            extra = builtin("daytime", free_port()) if turn % 2 else ""
            daemon.reload(text.replace("@", str(turn)) + extra)
    finally:
        for load in loads:
            load.stop()
    for load in loads:
        assert not load.lost
        assert load.served > 50
        assert load.worst < 3.0  # generous: the machine may be busy
    assert fetch(port) == b"hello15\n"


def good(daemon, port, echo):
    return daemon.logging() + program("cat", port, "/bin/cat") + builtin("echo", echo, per_source=50)


BAD_FILES = {
    "a word in defaults": lambda text: text.replace("defaults\n{", "defaults\n{\n\tinstances = many"),
    "an unknown attribute in defaults": lambda text: text.replace("defaults\n{", "defaults\n{\n\tno_acess = 10.0.0.0/8"),
    "a misspelt access attribute": lambda text: text.replace("per_source", "only_form = 10.0.0.0/8\n\tper_source"),
    "a bad address": lambda text: text.replace("per_source", "only_from = 10.0.0.0/99\n\tper_source"),
    "a bad limit": lambda text: text.replace("per_source = 50", "per_source = lots"),
    "a missing brace": lambda text: text[: text.rindex("}")],
    "a missing include": lambda text: text + "include /nowhere/there.conf\n",
    "nothing": lambda text: "",
    "rubbish": lambda text: "\x00\x01\xff{{{\n" * 20,
    "a loop": lambda text: text + "include {config}\n",
}


@pytest.mark.better("it drops services, or ends")
@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_changes_nothing(daemon, what):
    port, echo = free_port(), free_port()
    text = good(daemon, port, echo)
    daemon.start(text)
    with connect(port) as held:
        assert says_back(held)
        before = daemon.said()
        daemon.file("test.conf", BAD_FILES[what](text).replace("{config}", str(daemon.config)).encode("latin-1"))
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: str(daemon.config) in daemon.said()[len(before):], what="nothing was said about the file")
        for _ in range(3):
            assert fetch(port, b"x") == b"x" and fetch(echo, b"x") == b"x"
        assert says_back(held)
        assert daemon.process.poll() is None
        daemon.reload(text.replace("per_source = 50", "per_source = 60"))
        assert fetch(echo, b"x") == b"x" and says_back(held)


@pytest.mark.better("it ends, or loses services")
def test_an_unreadable_file_changes_nothing(daemon):
    port, echo = free_port(), free_port()
    text = good(daemon, port, echo)
    daemon.start(text)
    before = daemon.said()
    daemon.config.unlink()
    daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: str(daemon.config) in daemon.said()[len(before):])
    assert fetch(port, b"x") == b"x"
    daemon.config.mkdir()
    before = daemon.said()
    daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: str(daemon.config) in daemon.said()[len(before):])
    assert fetch(echo, b"x") == b"x"
    daemon.config.rmdir()
    daemon.reload(text)


def test_what_changes_is_in_force(daemon):
    port, moved, gone = free_port(), free_port(), free_port()
    daemon.start(daemon.logging() + program("hello", port, "/bin/echo", "old") + builtin("echo", moved) + builtin("daytime", gone))
    to = free_port()
    with connect(moved) as held:
        assert says_back(held)
        daemon.reload(daemon.logging() + program("hello", port, "/bin/echo", "new") + builtin("echo", to))
        assert fetch(port) == b"new\n" and fetch(to, b"x") == b"x"
        for old in (moved, gone):  # who was in the queue of the old listener is still let in, for 20 ms
            eventually(lambda old=old: refused(old), what=f"somebody listens at {old} still")


def test_usr2_reloads_as_well(daemon):
    port = free_port()
    text = daemon.logging() + program("hello", port, "/bin/echo", "@")
    daemon.start(text.replace("@", "old"))
    daemon.reload(text.replace("@", "new"), signal.SIGUSR2)
    assert fetch(port) == b"new\n"


@pytest.mark.reeve_only("it tells each service on a line of its own")
def test_a_reload_is_summed_up_in_one_line(daemon):
    port = free_port()
    daemon.start(daemon.logging() + builtin("echo", port))
    daemon.reload(daemon.logging() + builtin("echo", port))
    line = eventually(lambda: [line for line in daemon.said().splitlines() if "added" in line])
    assert len(line) == 1 and "1 service added" in line[0] and "1 listener opened" in line[0]


def test_counts_and_running_servers_survive(daemon):
    port = free_port()
    text = daemon.logging() + program("cat", port, "/bin/cat", instances=2)
    daemon.start(text)
    with connect(port, "127.0.0.66") as held:
        assert says_back(held)
        daemon.reload(text)
        with connect(port, "127.0.0.77") as second:
            assert says_back(second) and says_back(held)
            assert fetch(port, b"x", source="127.0.0.88") == b""


@pytest.mark.better("running servers are not looked at again")
def test_who_lost_permission_is_shown_out(daemon):
    port = free_port()
    text = daemon.logging() + program("cat", port, "/bin/cat", only_from="127.0.0.66 127.0.0.77")
    daemon.start(text)
    with connect(port, "127.0.0.66") as rogue, connect(port, "127.0.0.77") as guest:
        assert says_back(rogue) and says_back(guest)
        daemon.reload(text.replace("127.0.0.66 ", ""))
        assert eventually(lambda: not says_back(rogue))
        assert says_back(guest)
