"""reeve convert with real files, the judgement of the real systemd, and a daemon that serves what was converted."""

import os
import re
import shutil
import subprocess

import pytest

from client import bound_ports, fetch, free_port
from conftest import BINARY, ROOT
from daemon import USER, builtin, defaults, program

REEVE = BINARY.with_name("reeve")
pytestmark = pytest.mark.reeve_only("it has no such command")


def reeve(*words):
    return subprocess.run([REEVE, *map(str, words)], capture_output=True, text=True, timeout=20)


def test_an_inetd_conf_is_converted_and_served(daemon):
    first, second = free_port(), free_port()
    path = daemon.file("inetd.conf", f"127.0.0.1:{first} stream tcp nowait/5 {USER} /bin/echo echo one\n"
                                     f"127.0.0.1:{second} stream tcp nowait {USER} /bin/echo echo 'two words'\n")
    done = reeve("convert", "--from", "inetd", path)
    assert done.returncode == 0, done.stderr
    assert f"{path}:2:" in done.stderr and "blank" in done.stderr
    assert reeve("convert", "--from", "inetd", path, "--strict").returncode == 1
    converted = daemon.file("xinetd.conf", done.stdout)
    assert "0 errors, 0 warnings; 1 service would start" in reeve("check", *([] if os.geteuid() == 0 else ["--as-user"]), "-f", converted).stdout
    daemon.file("test.conf", done.stdout)
    daemon.launch()
    daemon.await_ports(f"port = {first}\n")
    assert fetch(first) == b"one\n"
    assert second not in {port for _, port in bound_ports()}


def test_units_are_made_and_read_again(daemon):
    port = free_port()
    text = defaults(only_from="127.0.0.0/8 10.0.0.0/8") + program("one", port, "/bin/echo", "a%b $c", instances=3, access_times="0:00-24:00") + builtin("echo", free_port(), kind="stream")
    path, folder = daemon.file("test.conf", text), daemon.folder / "units"
    assert reeve("convert", "--to", "systemd", "-f", path, "-o", folder).returncode == 2, "the folder is not there"
    folder.mkdir()
    done = reeve("convert", "--to", "systemd", "-f", path, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split()) == sorted(map(str, folder.iterdir()))
    assert "access_times can't be said" in done.stderr and "echo is left out" in done.stderr
    socket = (folder / "one.socket").read_text()
    assert f"ListenStream=0.0.0.0:{port}\n" in socket and "IPAddressDeny=any\n" in socket and "# " in socket

    again = reeve("convert", "--to", "systemd", "-f", path, "-o", folder)
    assert again.returncode == 2 and "is there already" in again.stderr
    (folder / "one.socket").write_text("mine\n")
    assert reeve("convert", "--to", "systemd", "-f", path, "-o", folder).returncode == 2
    assert (folder / "one.socket").read_text() == "mine\n", "nothing is overwritten"
    assert reeve("convert", "--to", "systemd", "-f", path, "-o", folder, "--force").returncode == 0
    assert (folder / "one.socket").read_text() == socket

    back = reeve("convert", "--from", "systemd", folder)
    assert back.returncode == 0, back.stderr
    daemon.file("test.conf", back.stdout)
    daemon.launch()
    daemon.await_ports(f"port = {port}\n")
    assert fetch(port) == b"a%b $c\n"


@pytest.mark.limit(120)
def test_units_pass_systemds_own_judgement(daemon):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    folder = daemon.folder / "units"
    folder.mkdir()
    text = program("a", 4001, "/bin/cat", "-u % %i $x ${y} ; \" ' \\ # \xe9 ''", user="root", instances=5, per_source=2, cps="20 5", nice=5, umask="027",
                   only_from="10.0.0.0/8 2001:db8::/32", no_access="10.1.0.0/16", rlimit_as="64M", rlimit_cpu="UNLIMITED", env="A=\"1 B=%n",
                   passenv="PATH FOO", flags="NODELAY KEEPALIVE")
    text += program("b", "4002 4003", "/bin/cat", "name x", user="root", socket_type="dgram", protocol="udp", wait="yes", flags="NAMEINARGS")
    text += program("c", None, "/bin/cat", user="root", bind="/run/%x.sock", wait="yes", flags="LISTEN_FDS", socket_mode="660")
    text += program("d", 4004, "/bin/cat", user="root", bind="127.0.0.1 ::1", flags=None)
    text += program("e", 4005, "/bin/cat", user="root", flags="IPv6", v6only="yes")
    path = daemon.file("test.conf", text)
    done = reeve("convert", "--to", "systemd", "-f", path, "-o", folder)
    assert done.returncode == 0, done.stderr
    units = sorted(folder.iterdir())
    assert len(units) == 12
    judged = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=100)
    said = [line for line in judged.stderr.splitlines() if str(folder) in line or any(unit.name in line for unit in units)]
    assert judged.returncode == 0 and not said, judged.stderr


def test_the_services_that_come_with_reeve(daemon):
    """None of the examples is lost in silence: each is a pair of units, or told to be left out."""
    folder = daemon.folder / "units"
    folder.mkdir()
    names = sorted(path.name for path in (ROOT / "contrib/xinetd.d").iterdir())
    text = "".join((ROOT / "contrib/xinetd.d" / name).read_text().replace("disable", "#") for name in names)
    done = reeve("convert", "--to", "systemd", "-f", daemon.file("test.conf", text), "-o", folder)
    assert done.returncode == 0, done.stderr
    left_out = re.findall(r"service (\S+) is left out", done.stderr)
    assert left_out and len(left_out) + len(list(folder.glob("*.socket"))) == text.count("service ") - text.count("# service "), done.stderr


def test_systemd_units_of_reeve_itself(daemon):
    """reeved.socket has no Accept= and an ExecStart= by name: it is an entry that is read without errors."""
    done = reeve("convert", "--from", "systemd", ROOT / "contrib/reeved.socket", ROOT / "contrib/reeved.service")
    assert done.returncode == 0, done.stderr
    assert "port            = 21" in done.stdout and "LISTEN_FDS" in done.stdout


def test_wrong_words(daemon):
    for words in ([], ["--from", "windows"], ["--to", "systemd"], ["--from", "systemd"], ["--from", "inetd", daemon.folder / "nowhere"],
                  ["--from", "inetd", "--to", "systemd"], ["--from", "systemd", daemon.folder]):
        done = reeve("convert", *words)
        assert done.returncode == 2 and done.stderr, words


# ---------------------------------------------------------------- completion

def completed_by_bash(daemon, *words):
    """What bash offers for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    script = f"""
PATH={BINARY.parent}:$PATH
source {ROOT}/contrib/completion/reeve.bash
COMP_WORDS=({line}) COMP_CWORD={len(words) - 1}
_reeve
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, cwd=daemon.folder)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_completion_in_bash(daemon):
    path = daemon.file("test.conf", program("alpha", free_port(), "/bin/cat") + program("beta", free_port(), "/bin/cat"))
    commands = completed_by_bash(daemon, "reeve", "")
    assert {"check", "show", "wrappers", "convert", "help"} <= set(commands)
    assert completed_by_bash(daemon, "reeve", "che") == ["check"]
    assert "--strict" in completed_by_bash(daemon, "reeve", "check", "--")
    assert completed_by_bash(daemon, "reeve", "check", "--js") == ["--json"]
    assert completed_by_bash(daemon, "reeve", "convert", "--from", "") == ["inetd", "systemd"]
    assert completed_by_bash(daemon, "reeve", "check", "-f", "test.c") == ["test.conf"]
    assert set(completed_by_bash(daemon, "reeve", "show", "-f", path, "")) == {"alpha", "beta"}
    assert completed_by_bash(daemon, "reeve", "show", "-f", path, "be") == ["beta"]
    assert completed_by_bash(daemon, "reeve", "help", "sign") == ["signals"]


def test_completion_in_zsh(daemon):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not here")
    script = f"""
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PATH={BINARY.parent}:$PATH; fpath=({ROOT}/contrib/completion $fpath); autoload -U compinit; compinit -u -D; PS1=ready; LISTMAX=0'
zpty -w z $'bindkey "^X" list-choices; print begun'
zpty -r -m z reply '*begun*ready*' || exit 1
zpty -w -n z $'reeve conv\\t--fr\\tsys\\t'
zpty -w -n z $'\\x18'
zpty -w z ' ; print end-of-test'
zpty -r -m z reply '*end-of-test*' || exit 1
print -r -- $reply
zpty -d z
"""
    done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, timeout=50, cwd=daemon.folder, env={"TERM": "dumb", "PATH": os.environ["PATH"], "HOME": str(daemon.folder)})
    shown = " ".join(done.stdout.replace("\b", "").replace("\x07", "").split())
    assert "reeve convert --from systemd" in shown, done.stdout + done.stderr


def test_completion_in_fish(daemon):
    if not shutil.which("fish"):
        pytest.skip("fish is not here")
    path = daemon.file("test.conf", program("alpha", free_port(), "/bin/cat"))

    def offered(line):
        script = f"set -x PATH {BINARY.parent} $PATH; source {ROOT}/contrib/completion/reeve.fish; complete -C {line!r}"
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=20, cwd=daemon.folder,
                              env={"HOME": str(daemon.folder), "PATH": os.environ["PATH"], "TERM": "dumb"})
        assert done.returncode == 0, done.stderr
        return [row.split("\t")[0] for row in done.stdout.splitlines()]

    assert {"check", "show", "convert"} <= set(offered("reeve "))
    assert "--strict" in offered("reeve check --")
    assert offered("reeve convert --from ") == ["inetd", "systemd"]
    assert offered(f"reeve show -f {path} ") == ["alpha"]


def test_help(daemon):
    assert "only_from" in reeve("help", "access").stdout
    assert "RATE SECONDS" in reeve("help", "attribute", "cps").stdout
    wrong = reeve("help", "attribute", "only_form")
    assert wrong.returncode == 2 and "only_from" in wrong.stderr
    assert "did you mean `check`?" in reeve("chek").stderr
