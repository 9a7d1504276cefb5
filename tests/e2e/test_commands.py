"""What people type: the operator's command, and the demonstration."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from client import free_port
from conftest import BINARY, ROOT
from daemon import USER, program

REEVE = BINARY.with_name("reeve")
pytestmark = pytest.mark.reeve_only("it has no such command")


def reeve(*words):
    return subprocess.run([REEVE, *map(str, words)], capture_output=True, text=True, timeout=20)


def test_check_finds_nothing_in_a_good_file(daemon):
    path = daemon.file("test.conf", program("cat", free_port(), "/bin/cat"))
    done = reeve("check", "-f", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout + done.stderr


def test_check_shows_each_mistake_with_its_line(daemon):
    text = program("cat", free_port(), "/bin/cat", None, "only_form = 10.0.0.0/8", instances="some")
    path = daemon.file("test.conf", text)
    done = reeve("check", "-f", path)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    for word, hint in (("only_form", "only_from"), ("instances", "some")):
        line = next(number for number, row in enumerate(text.splitlines(), 1) if row.strip().startswith(word))
        assert f"{path}:{line}:" in said and hint in said
    assert "^" in said


def test_check_as_json(daemon):
    path = daemon.file("test.conf", program("cat", free_port(), "/bin/cat", instances="some"))
    done = reeve("check", "--json", "-f", path)
    assert done.returncode == 2
    assert json.loads(done.stdout)


def test_check_of_a_file_that_is_not_there(daemon):
    done = reeve("check", "-f", daemon.folder / "nowhere.conf")
    assert done.returncode == 2 and "nowhere.conf" in done.stdout + done.stderr


def test_show_says_where_a_value_comes_from(daemon):
    text = daemon.logging(instances=7) + program("cat", free_port(), "/bin/cat", per_source=3)
    path = daemon.file("test.conf", text)
    done = reeve("show", "cat", "-f", path)
    assert done.returncode == 0, done.stderr
    rows = {row.split("=")[0].strip(): row for row in done.stdout.splitlines() if "=" in row}
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "per_source" in row)
    assert f"{path}:{line}" in rows["per_source"] and "3" in rows["per_source"]
    assert "7" in rows["instances"] and "defaults" in rows["instances"]


def test_show_of_an_unknown_service(daemon):
    path = daemon.file("test.conf", program("daytime-x", free_port(), "/bin/cat"))
    done = reeve("show", "daytme-x", "-f", path)
    assert done.returncode == 2 and "daytime-x" in done.stdout + done.stderr


@pytest.mark.parametrize("words", [[], ["chek"], ["check", "--jso"]])
def test_a_wrong_word_is_an_error(words):
    done = reeve(*words)
    assert done.returncode == 2 and done.stdout + done.stderr


def test_the_articles_file_has_no_mistakes(daemon):
    """This machine may lack irc in /etc/services, and the two programs; nothing else may be told."""
    path = daemon.file("test.conf", (Path(__file__).parent / "data/sensor_article.conf").read_text())
    done = reeve("check", "--json", "-f", path)
    errors = [found for found in json.loads(done.stdout)["diagnostics"] if found["severity"] == "error"]
    expected = ("irc", "proftpd", "ipop3d", "user" if os.geteuid() != 0 else "irc")
    assert all(any(word in found["text"] for word in expected) for found in errors), errors


@pytest.mark.limit(120)
def test_the_demonstration(daemon):
    done = subprocess.run([ROOT / "scripts/run", "--once"], env=dict(os.environ, REEVED=str(BINARY)), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All went as it should." in done.stdout and USER in done.stdout
