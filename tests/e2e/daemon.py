"""One daemon under test: its files, its life, its processes."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from client import bound_ports, eventually, free_port
from namespaces import die_with_parent

USER = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def entry(kind, *lines, **attributes):
    rows = [f"\t{name} = {value}" for name, value in attributes.items() if value is not None]
    return "\n".join([kind, "{", *rows, *[f"\t{line}" for line in lines], "}", ""])


def defaults(*lines, **attributes):
    return entry("defaults", *lines, **attributes)


def program(name, port, server, arguments=None, *lines, **attributes):
    """A program per connection (wait = no streams, unless attributes say otherwise)."""
    common = {"type": "UNLISTED", "socket_type": "stream", "protocol": "tcp", "port": port, "wait": "no", "user": USER,
              "flags": "IPv4", "server": server, "server_args": arguments}
    return entry(f"service {name}", *lines, **(common | attributes))


def builtin(name, port, *lines, kind="stream", id=None, **attributes):
    common = {"id": id, "type": "INTERNAL UNLISTED", "socket_type": kind, "protocol": "tcp" if kind == "stream" else "udp",
              "port": port, "wait": "no" if kind == "stream" else "yes", "flags": "IPv4",
              "user": None if os.geteuid() == 0 else USER}
    return entry(f"service {name}", *lines, **(common | attributes))


def sensor(name, port, *lines, **attributes):
    return builtin(name, port, *lines, **({"flags": "SENSOR IPv4"} | attributes))


class Daemon:
    def __init__(self, binary):
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="reeve-e2e-"))
        self.folder.chmod(0o755)
        self.config = self.folder / "test.conf"
        self.service_log = self.folder / "service.log"
        self.daemon_log = self.folder / "daemon.log"
        self.errors = self.folder / "stderr"
        self.process = None
        self.host = None  # a namespaces.Host to run in
        self.environment = {}  # beside the usual variables
        self.open_files = None  # RLIMIT_NOFILE, both
        self.without = []  # capabilities that it may never have, as setpriv(1) calls them

    # ---------------------------------------------------------------- life
    def logging(self, *lines, **attributes):
        """A defaults entry that logs all to the service log, and has no limit of rate."""
        common = {"log_type": f"FILE {self.service_log}", "log_on_success": "HOST PID EXIT DURATION",
                  "log_on_failure": "HOST", "cps": "0 0"}
        return defaults(*lines, **(common | attributes))

    def file(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def launch(self, *options):
        """Starts the process without waiting for anything."""
        words = [str(self.binary), "-f", str(self.config), "-dontfork", "-filelog", str(self.daemon_log), *map(str, options)]
        if self.open_files:
            words = ["prlimit", f"--nofile={self.open_files}:{self.open_files}", "--", *words]
        if self.without:
            words = ["setpriv", "--bounding-set", ",".join(f"-{one}" for one in self.without), *words]
        if self.host:
            words = self.host.command(*words)
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, preexec_fn=die_with_parent,
                                            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "TZ": "UTC",
                                                 "RUNTIME_DIRECTORY": str(self.folder), **self.environment})
        return self.process

    def start(self, text, *options):
        """Writes the configuration, starts, and waits until every port in it is bound."""
        self.file("test.conf", text)
        self.launch(*options)
        self.await_ports(text)
        return self

    def await_ports(self, text, seconds=10.0):
        wanted = {int(port) for port in re.findall(r"^\s*port\s*=\s*(\d+)", text, re.MULTILINE)}

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.said()}{self.errors.read_text()}")
            return wanted <= {port for _, port in bound_ports()}

        eventually(ready, seconds, what=lambda: f"not all of {wanted} were bound:\n{self.said()}")

    def reload(self, text, number=signal.SIGHUP):
        """Replaces the configuration by a good one and waits until it is in force: one more service listens then."""
        proof = free_port()
        text += builtin("discard", proof, id=f"proof-{proof}", only_from="127.255.255.254")
        self.file("test.conf", text)
        self.process.send_signal(number)
        self.await_ports(text)

    def stop(self, number=signal.SIGTERM, seconds=10):
        """The exit status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def close(self):
        if self.process and self.process.poll() is None:
            left = self.descendants()
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            for pid in left:
                try:
                    os.kill(pid, signal.SIGCONT)
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---------------------------------------------------------------- what it says
    def said(self):
        """The daemon's own log."""
        return self.daemon_log.read_text(errors="replace") if self.daemon_log.exists() else ""

    def lines(self, pattern="", log=None):
        """Lines of the service log that match."""
        log = log or self.service_log
        text = log.read_text(errors="replace") if log.exists() else ""
        return [line for line in text.splitlines() if re.search(pattern, line)]

    def await_lines(self, pattern, count=1, seconds=10.0):
        return eventually(lambda: (lambda found: found if len(found) >= count else None)(self.lines(pattern)), seconds,
                          what=lambda: f"{count} lines of {pattern!r} did not come; there are {self.lines()}")

    # ---------------------------------------------------------------- its processes
    def descendants(self):
        """Processes below the daemon, whatever their state."""
        parents = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    text = Path(f"/proc/{name}/stat").read_text()
                except OSError:
                    continue
                parents[int(name)] = int(text[text.rindex(")") + 2:].split()[1])
        found, more = set(), {self.process.pid}
        while more:
            more = {pid for pid, parent in parents.items() if parent in more} - found
            found |= more
        return sorted(found)

    def engine(self):
        """The living engine; None when there is none."""
        found = [pid for pid in self.descendants() if comm_of(pid) == "reeved-engine" and state_of(pid) not in "ZX"]
        return found[0] if found else None

    def servers(self, name=None):
        """Living server programs, by the name of the program."""
        return [pid for pid in self.descendants()
                if not comm_of(pid).startswith(self.binary.name) and (name is None or comm_of(pid) == name) and state_of(pid) not in "ZX"]


def state_of(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "X"
    return text[text.rindex(")") + 2]


def comm_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def real_user_of(pid):
    with open(f"/proc/{pid}/status") as table:
        return next(int(line.split()[1]) for line in table if line.startswith("Uid:"))


def descriptors_of(pid):
    """{number: what it is}; nothing where we may not look: the daemon forbids it, and we are not root."""
    found = {}
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except PermissionError:
        return found
    for name in names:
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            pass
    return found
