"""Private network and mount namespaces, by the system calls themselves."""

import contextlib
import ctypes
import os
import subprocess
import threading

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _call(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def make_private():
    """Moves this process out of the machine's network and mounts, for good. False where that is forbidden."""
    if _libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        return False
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return True


def die_with_parent():
    """For preexec_fn: nothing outlives a test run that is killed."""
    _libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


class Host:
    """A machine of its own: network and mounts, held open by a sleeping process.

    `setup` is shell text that is run inside first.
    """

    def __init__(self, setup):
        script = f"set -e\nip link set lo up\n{setup}\necho ready\nexec sleep infinity"
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent)
        first = self.holder.stdout.readline()
        if first.strip() != "ready":
            rest = first + self.holder.stdout.read()
            self.close()
            raise RuntimeError(f"no such host can be made: {rest}")

    @property
    def pid(self):
        return self.holder.pid

    def command(self, *words):
        """The words that run a command inside."""
        return ["nsenter", "--target", str(self.pid), "--net", "--mount", "--", *words]

    def run(self, *words):
        return subprocess.run(self.command(*words), check=True, capture_output=True, text=True, timeout=20).stdout

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes in the block belong to the host's network."""
        home = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            _call(_libc.setns(there, CLONE_NEWNET), "setns")
            try:
                yield
            finally:
                if _libc.setns(home, CLONE_NEWNET) != 0:
                    os._exit(70)  # never go on in the wrong network
        finally:
            os.close(home)
            os.close(there)

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
