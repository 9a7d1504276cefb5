"""The control socket: by the command, and by hand."""

import json
import os
import socket
import subprocess

from conftest import BINARY

REEVE = BINARY.with_name("reeve")


def reeve(daemon, *words, check=0, user=None, env=None, socket_path=None):
    """Runs the command against the daemon; `check` is the exit code it must have, None for any."""
    path = socket_path or daemon.folder / "control.sock"
    words = [str(REEVE), str(words[0]), "--socket", str(path), *map(str, words[1:])]
    become = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, env={**os.environ, "LANG": "C", **(env or {})}, **become)
    assert check is None or done.returncode == check, f"{words} gave {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def ask(daemon, *words, **options):
    """The command's JSON."""
    return json.loads(reeve(daemon, *words, "--json", **options).stdout)


class Wire:
    """The socket by hand."""

    def __init__(self, daemon, seconds=10.0):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(seconds)
        self.sock.connect(str(daemon.folder / "control.sock"))
        self.buffer = b""

    def say(self, data):
        """The peer may have closed already: what it said is still to be read."""
        try:
            self.sock.sendall(data if isinstance(data, bytes) else json.dumps(data).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            pass

    def line(self):
        """The next line as an object; None at the end."""
        while b"\n" not in self.buffer:
            try:
                piece = self.sock.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                assert not self.buffer, self.buffer
                return None
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, **fields):
        """All lines of the answer."""
        self.say({"v": 1, "id": 1, **fields})
        lines = []
        while not lines or not lines[-1].get("done"):
            line = self.line()
            assert line is not None, lines
            lines.append(line)
        return lines

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
