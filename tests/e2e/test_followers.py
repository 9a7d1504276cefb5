"""The followers of the ban table, keeper and firewall: who runs them, what they may do, when they begin and end."""

import os
import signal

import pytest

from client import eventually, free_port
from daemon import builtin, comm_of, real_user_of, sensor, state_of

pytestmark = pytest.mark.reeve_only("one process")

CAP_NET_ADMIN = 1 << 12  # linux/capability.h


def followers(daemon, name):
    return [pid for pid in daemon.descendants() if comm_of(pid) == f"reeved-{name}" and state_of(pid) not in "ZX"]


def the_one(daemon, name):
    return eventually(lambda: (followers(daemon, name) or [None])[0], what=lambda: f"no {name}: {daemon.said()}")


def field(pid, name):
    with open(f"/proc/{pid}/status") as table:
        return next(line.split(":", 1)[1].strip() for line in table if line.startswith(name + ":"))


def keeping(daemon, *services):
    folder = daemon.folder / "state"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return daemon.logging(state_directory=folder) + "".join(services)


def test_none_runs_where_none_is_needed(daemon):
    daemon.start(keeping(daemon, builtin("echo", free_port())))
    assert followers(daemon, "keeper") == followers(daemon, "firewall") == []


def test_the_keeper_has_no_privileges(daemon):
    daemon.start(keeping(daemon, sensor("trap", free_port(), deny_time=5)))
    keeper = the_one(daemon, "keeper")
    engine = daemon.engine()
    assert real_user_of(keeper) == real_user_of(engine)
    for sets in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(field(keeper, sets), 16) == 0, sets
    assert field(keeper, "NoNewPrivs") == "1"
    assert field(keeper, "Seccomp") == "2"


@pytest.mark.root
def test_the_firewall_has_one_capability(daemon):
    daemon.start(daemon.logging(kernel_bans="yes") + sensor("trap", free_port(), deny_time=5))
    firewall = the_one(daemon, "firewall")
    assert real_user_of(firewall) == real_user_of(daemon.engine())
    for sets in ("CapPrm", "CapEff", "CapAmb"):
        assert int(field(firewall, sets), 16) == CAP_NET_ADMIN, sets
    assert field(firewall, "NoNewPrivs") == "1"
    assert field(firewall, "Seccomp") == "2"


@pytest.mark.root
def test_a_firewall_without_its_capability_is_not_tried(daemon):
    daemon.without = ["net_admin"]
    text = daemon.logging(kernel_bans="yes") + sensor("trap", free_port(), deny_time=5)
    daemon.start(text)
    said = "the firewall cannot be started: the right to change the packet filter (CAP_NET_ADMIN) is missing"
    eventually(lambda: said in daemon.said(), what=daemon.said)
    daemon.reload(text)
    assert "died" not in daemon.said() and "ended" not in daemon.said()
    assert followers(daemon, "firewall") == []


def test_one_that_dies_is_started_again(daemon):
    daemon.start(keeping(daemon, sensor("trap", free_port(), deny_time=5)))
    keeper = the_one(daemon, "keeper")
    os.kill(keeper, signal.SIGKILL)
    eventually(lambda: followers(daemon, "keeper") not in ([], [keeper]), what="no new keeper")
    assert "the keeper died of signal 9; starting another" in daemon.said()


def test_a_new_engine_gets_new_followers(daemon):
    daemon.start(keeping(daemon, sensor("trap", free_port(), deny_time=5)))
    keeper = the_one(daemon, "keeper")
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: followers(daemon, "keeper") not in ([], [keeper]) and keeper not in followers(daemon, "keeper"),
               what="the old keeper has not made room for a new one")


def test_they_end_with_the_daemon(daemon):
    daemon.start(keeping(daemon, sensor("trap", free_port(), deny_time=5)))
    keeper = the_one(daemon, "keeper")
    assert daemon.stop() == 0
    assert state_of(keeper) in "XZ"


def test_a_reload_that_needs_none_ends_it(daemon):
    trap = sensor("trap", free_port(), deny_time=5)
    daemon.start(daemon.logging(alert_file=f"json {daemon.folder}/alerts") + trap)
    keeper = the_one(daemon, "keeper")
    daemon.reload(daemon.logging(state_directory="no") + trap)
    eventually(lambda: state_of(keeper) in "XZ", what="the keeper goes on")
    assert followers(daemon, "keeper") == []
