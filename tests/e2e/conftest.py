"""End-to-end tests: the real daemon, real sockets, real programs.

$REEVED is the daemon to test (default: build/release/reeved). As root everything happens in a private network
and mount namespace; otherwise (and in a container that forbids namespaces) on the loopback interface with free
ports, and what needs them is skipped.
"""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import namespaces  # noqa: E402
from daemon import Daemon  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# What the engine's sandbox does not foresee ends the engine here, and fails quietly only where reeve is used.
os.environ["REEVE_SANDBOX"] = "strict"
BINARY = Path(os.environ.get("REEVED", ROOT / "build/release/reeved")).resolve()
IS_REEVE = BINARY.name == "reeved"


def pytest_configure(config):
    config.addinivalue_line("markers", "root: needs root, and namespaces of its own")
    config.addinivalue_line("markers", "better(why): xinetd does worse here, and may fail when it is what is tested")
    config.addinivalue_line("markers", "reeve_only(why): makes no sense for other daemons")
    config.addinivalue_line("markers", "limit(seconds): instead of 60")
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is not there: build it (scripts/build), or set REEVED", returncode=2)
    config.is_private = os.geteuid() == 0 and not config.getoption("collectonly") and namespaces.make_private()


def pytest_runtest_setup(item):
    if item.get_closest_marker("root") and not item.config.is_private:
        pytest.skip("needs root, and the right to make namespaces")
    reeve_only = item.get_closest_marker("reeve_only")
    if reeve_only and not IS_REEVE:
        pytest.skip(f"{BINARY.name}: {reeve_only.args[0]}")


def pytest_collection_modifyitems(items):
    for item in items:
        better = item.get_closest_marker("better")
        if better and not IS_REEVE:
            item.add_marker(pytest.mark.xfail(reason=better.args[0], strict=False))


@pytest.fixture(autouse=True)
def deadline(request):
    """No test hangs."""
    marker = request.node.get_closest_marker("limit")
    seconds = marker.args[0] if marker else 60

    def late(*_):
        raise TimeoutError(f"not done within {seconds} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    yield
    signal.alarm(0)


@pytest.fixture
def daemon():
    """One daemon, not started yet; what it leaves behind is ended with the test."""
    made = Daemon(BINARY)
    yield made
    made.close()
