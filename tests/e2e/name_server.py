"""A name server for one test, on 127.0.0.1:53 of its private network, and the files that lead to it."""

import contextlib
import ipaddress
import socket
import struct
import subprocess
import threading

PTR, A, AAAA = 12, 1, 28


def _wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class NameServer:
    """Knows `names`, {address: name}, and `addresses`, {name: [address]}; there is nothing else. Silent while `silent`."""

    def __init__(self, names=(), addresses=()):
        self.names = {ipaddress.ip_address(address).reverse_pointer: name for address, name in dict(names).items()}
        self.addresses = dict(addresses)
        self.silent = False
        self.questions = []
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            query, sender = self.socket.recvfrom(1500)
            if not query:
                return
            name, at = [], 12
            while query[at]:
                name.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
                at += 1 + query[at]
            name, kind = ".".join(name).lower(), struct.unpack("!H", query[at + 1:at + 3])[0]
            self.questions.append((kind, name))
            if self.silent:
                continue
            data = []
            if kind == PTR and name in self.names:
                data = [_wire(self.names[name])]
            elif kind in (A, AAAA):
                data = [ipaddress.ip_address(one).packed for one in self.addresses.get(name, ())]
                data = [one for one in data if len(one) == (4 if kind == A else 16)]
            exists = data or name in self.addresses
            head = query[:2] + struct.pack("!HHHHH", 0x8180 | (0 if exists else 3), 1, len(data), 0, 0)
            body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(one)) + one for one in data)
            self.socket.sendto(head + query[12:at + 5] + body, sender)

    def close(self):
        self.socket.sendto(b"", ("127.0.0.1", 53))
        self.thread.join()
        self.socket.close()


@contextlib.contextmanager
def resolving(folder, server, hosts="127.0.0.1 localhost\n"):
    """Files of this (private) mount namespace that lead to the server, which is closed in the end."""
    files = {"/etc/resolv.conf": "nameserver 127.0.0.1\n", "/etc/hosts": hosts, "/etc/nsswitch.conf": "hosts: files dns\n"}
    covered = []
    try:
        for path, text in files.items():
            cover = folder / path.rpartition("/")[2]
            cover.write_text(text)
            cover.chmod(0o644)
            subprocess.run(["mount", "--bind", cover, path], check=True)
            covered.append(path)
        yield server
    finally:
        for path in covered:
            subprocess.run(["umount", path], check=True)
        server.close()
