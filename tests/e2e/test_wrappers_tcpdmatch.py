"""hosts.allow and hosts.deny: `reeve wrappers` against tcpdmatch(8), over rules made up at random.

$WRAPPER_CASES says how many sets of rules (default 150, each asked for all clients); $WRAPPER_SEED begins elsewhere.
"""

import os
import random
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import peers
from conftest import BINARY

REEVE = BINARY.parent / "reeve"
CASES = int(os.environ.get("WRAPPER_CASES", "150"))
SEED = int(os.environ.get("WRAPPER_SEED", "1"))

pytestmark = [pytest.mark.root, pytest.mark.reeve_only("it has no such command"),
              pytest.mark.skipif(peers.TCPDMATCH is None, reason="there is no tcpdmatch")]

# What tcpdmatch gets, and what the same client is for reeve: (text, address, name).
CLIENTS = [
    ("192.0.2.1", "192.0.2.1", ""),
    ("192.0.2.200", "192.0.2.200", ""),
    ("10.1.2.3", "10.1.2.3", ""),
    ("joe@192.0.2.1", "joe@192.0.2.1", ""),
    ("unknown@10.1.2.3", "unknown@10.1.2.3", ""),
    ("trusted.example", "127.1.8.1", "trusted.example"),
    ("ann@deep.sub.example", "ann@127.1.8.2", "deep.sub.example"),
    ("lonely", "127.1.8.3", "lonely"),
    ("unknown", "unknown", ""),
    ("paranoid", "paranoid", ""),
]
HOSTS = "127.0.0.1 localhost\n127.1.8.1 trusted.example\n127.1.8.2 deep.sub.example\n127.1.8.3 lonely\n"

CLIENT_WORDS = [
    "ALL", "all", "LOCAL", "KNOWN", "UNKNOWN", "PARANOID", "paranoid", "192.0.2.1", "192.0.2.", "192.0.", "192.", "127.1.8.", "10.1.2.3",
    "192.0.2.0/24", "192.0.2.0/25", "192.0.2.1/32", "192.0.2.1/24", "192.0.2.0/255.255.255.0", "192.0.2.1/255.255.255.255",
    "0.0.0.0/0.0.0.0", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/33", "10.0.0/8", "012.1.2.3/32", "10.1.0.3/255.255.0.255",
    "trusted.example", "TRUSTED.Example", ".example", ".sub.example", ".EXAMPLE", "example", "lonely", ".lonely", "trusted.", ".3", ".",
    "*.example", "*", "?", "127.1.*", "192.0.2.?", "l?nely", "*.*", "deep.*.example", "*example*", "1?.1.2.3", "*.", ".e*",
    "[2001:db8::]/32", "[::1]", "[192.0.2.1]", "[2001:db8::", "2001:db8::1", "::1", "@nogroup", "@", "/FRIENDS", "/NONE",
    "joe@ALL", "ann@.example", "KNOWN@ALL", "UNKNOWN@ALL", "ALL@192.0.2.", "j*@ALL", "JOE@192.0.2.1", "x@ALL", "joe@", "a@b@c", "ann@/FRIENDS",
]
DAEMON_WORDS = ["echo", "ECHO", "ALL", "cat", "ec*", "e?ho", ".cho", "ech.", "KNOWN", "LOCAL", "UNKNOWN", "7", "echo@192.0.2.99",
                "echo@ALL", "ALL@KNOWN", "echo@192.0.2.", "echo@10.", "@echo", "/bin/echo", "echo@"]
# Not `user nobody`: tcpdmatch says "denied" to that, and the library itself admits.
OPTIONS = ["allow", "deny", "ALLOW", "severity local3.notice", "severity = info", "severity foo", "keepalive", "keepalive 3", "linger 5",
           "linger x", "nice", "nice 5", "nice -5", "nice x", "umask 022", "umask 999", "umask 1777", "rfc931", "rfc931 5", "rfc931 0", "setenv A b c", "setenv A",
           "user = nosuch", "group nogroup", "group nosuch", "spawn true", "spawn", "spawn echo a\\:b",
           "banners /nowhere", "banners", "levitate", "", " ", "Deny", "nice=5", "nice = 5", "= nice", "allow yes"]


def words(random, pool, most):
    chosen = [random.choice(pool) for _ in range(random.randint(1, most))]
    for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
        chosen.insert(random.randint(0, len(chosen)), random.choice(["EXCEPT", "EXCEPT", "except"]))
    separators = [random.choice([" ", ", ", ",", "\t", " ,, ", " \\\n  "]) for _ in chosen]
    return "".join(word + separator for word, separator in zip(chosen, separators))


def rule(random):
    kind = random.random()
    if kind < 0.04:
        return random.choice(["# a comment\n", "\n", "  \t\n", "#\\\n", " # no comment\n", "nothing here\n", "echo\n", "[a : b\n", ":\n", "::\n", "echo:ALL:\n"])
    text = words(random, DAEMON_WORDS, 2) + ":" + words(random, CLIENT_WORDS, 4)
    if random.random() < 0.35:
        text += "".join(":" + random.choice([" ", ""]) + random.choice(OPTIONS) + random.choice(["", " "]) for _ in range(random.choice([1, 1, 1, 2])))
    return text + random.choice(["\n"] * 20 + ["\r\n"])


def file_of_rules(random, most):
    text = "".join(rule(random) for _ in range(random.randint(0, most)))
    end = random.random()
    if end < 0.03:
        return text + "cat: ALL"
    if end < 0.05:
        return text + "cat: " + "x" * random.choice([2039, 2040, 2041, 2042, 2043, 4000, 9000]) + "\necho: ALL\n"
    return text


def verdict_of(text):
    found = re.findall(r"^access:\s+(\w+)", text, re.MULTILINE)
    assert found, text
    return found[-1]


@pytest.fixture(scope="module")
def etc_hosts():
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(HOSTS)
        file.flush()
        os.chmod(file.name, 0o644)
        subprocess.run(["mount", "--bind", file.name, "/etc/hosts"], check=True)
        yield
        subprocess.run(["umount", "/etc/hosts"], check=True)


def compare(number, folder):
    """[what differs] for one set of rules."""
    chance = random.Random(number)
    folder = Path(folder)
    (folder / "friends").write_text("".join(chance.choice(CLIENT_WORDS) + "\n" for _ in range(3)).replace("/FRIENDS", "/NONE"))
    for name, most in ("hosts.allow", 3), ("hosts.deny", 4):
        (folder / name).write_bytes(file_of_rules(chance, most).replace("/FRIENDS", f"{folder}/friends").encode())
    daemon = chance.choice(["echo", "echo", "echo@192.0.2.99", "cat"])
    wrong = []
    for theirs, ours, name in CLIENTS:
        library = subprocess.run([peers.TCPDMATCH, "-d", "-i", "/dev/null", daemon, theirs], cwd=folder, capture_output=True, text=True, timeout=20)
        asked = [str(REEVE), "wrappers", "--allow", f"{folder}/hosts.allow", "--deny", f"{folder}/hosts.deny", daemon, ours]
        reeve = subprocess.run(asked + (["--name", name] if name else []), capture_output=True, text=True, timeout=20)
        assert reeve.returncode in (0, 1), reeve.stderr
        if verdict_of(library.stdout) != verdict_of(reeve.stdout):
            wrong.append(f"rules {number}, {daemon}, {theirs}:\n-- hosts.allow\n{(folder / 'hosts.allow').read_text()[:3000]}\n-- hosts.deny\n"
                         f"{(folder / 'hosts.deny').read_text()[:3000]}\n-- friends\n{(folder / 'friends').read_text()}\n"
                         f"-- tcpdmatch\n{library.stdout}{library.stderr}\n-- reeve\n{reeve.stdout}{reeve.stderr}")
    return wrong


def compare_in_a_folder(number):
    with tempfile.TemporaryDirectory(prefix="reeve-wrap-") as folder:
        return compare(number, folder)


@pytest.mark.limit(600)
def test_decides_like_tcpdmatch(etc_hosts):
    with ThreadPoolExecutor(2) as workers:
        wrong = [text for found in workers.map(compare_in_a_folder, range(SEED, SEED + CASES)) for text in found]
    assert not wrong, f"{len(wrong)} differ, the first:\n{wrong[0]}"
