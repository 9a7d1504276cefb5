"""Visitors: what a client sees of the daemon."""

import itertools
import random
import socket
import struct
import time

ROGUE, GUEST = "127.0.0.66", "127.0.0.77"
_PORTS = itertools.chain(range(random.randrange(5000, 18000), 20000), itertools.cycle(range(5000, 20000)))


def eventually(check, seconds=10.0, what="it did not happen"):
    """Waits until check() is true, and returns its value. `what` may be a function that tells why it never was."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what() if callable(what) else what} within {seconds} s")
        time.sleep(0.005)


def free_port():
    """A port that is free for streams and for datagrams, and that the kernel gives to no client."""
    while True:
        port = next(_PORTS)
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            try:
                stream.bind(("127.0.0.1", port))
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def connect(port, source="127.0.0.1", host="127.0.0.1", seconds=5.0):
    return socket.create_connection((host, port), timeout=seconds, source_address=(source, 0))


def refused(port, host="127.0.0.1"):
    """Nobody listens there."""
    try:
        connect(port, host=host).close()
    except ConnectionRefusedError:
        return True
    return False


def read_all(sock):
    """All that comes until the other side closes; a reset ends it, too."""
    got = b""
    try:
        while chunk := sock.recv(65536):
            got += chunk
    except ConnectionResetError:
        pass
    return got


def fetch(port, said=b"", source="127.0.0.1", host="127.0.0.1", seconds=5.0):
    """Connects, says something, says no more, and returns the answer; b"" when the door is shut."""
    try:
        with connect(port, source, host, seconds) as sock:
            if said:
                sock.sendall(said)
            sock.shutdown(socket.SHUT_WR)
            return read_all(sock)
    except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
        return b""
    except OSError as error:
        if error.errno == 107:  # not connected any more
            return b""
        raise


def says_back(sock, text=b"ping\n"):
    """Does the server behind an open connection echo?"""
    try:
        sock.sendall(text)
        got = b""
        while len(got) < len(text):
            chunk = sock.recv(4096)
            if not chunk:
                return False
            got += chunk
        return got == text
    except OSError:
        return False


def ask(port, datagram, source="127.0.0.1", seconds=1.0):
    """The answers to one datagram that come within the time, as a list."""
    answers = []
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.settimeout(seconds)
        sock.sendto(datagram, ("127.0.0.1", port))
        try:
            while True:
                answers.append(sock.recv(65536))
                sock.settimeout(0.2)
        except (TimeoutError, ConnectionRefusedError):
            return answers


def forge(source_port, port, payload, address="127.0.0.1"):
    """A datagram with a source port that belongs to somebody else (root only)."""
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", source_port, port, length, 0) + payload
    raw = socket.inet_aton(address)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, 17, 0, raw, raw)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        sock.sendto(header + udp, (address, 0))


def bound_ports():
    """{(kind, port)}: where somebody listens in this thread's network; kind is "tcp" or "udp"."""
    found = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        try:
            with open(f"/proc/thread-self/net/{kind}") as table:
                next(table)
                for line in table:
                    words = line.split()
                    if kind.startswith("udp") or words[3] == "0A":
                        found.add((kind[:3], int(words[1].rsplit(":", 1)[1], 16)))
        except FileNotFoundError:
            pass  # no IPv6
    return found


def udp_received():
    """Datagrams that arrived at sockets of this network so far."""
    with open("/proc/thread-self/net/snmp") as table:
        names, values = [line.split() for line in table if line.startswith("Udp:")]
    return int(values[names.index("InDatagrams")])
