"""reeve simulate, as people call it; and the page that walks through it says what the tool says."""

import json
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from conftest import BINARY, ROOT

REEVE = BINARY.with_name("reeve")
SCENARIOS = ROOT / "contrib/scenarios"
pytestmark = pytest.mark.reeve_only("it has no such command")

SCENARIO = """scenario
{
    duration = 1m
}

population users
{
    kind    = honest
    sources = 20
    service = web
    rate    = 1/s
}
"""


def simulate(*words):
    return subprocess.run([REEVE, "simulate", *map(str, words)], capture_output=True, text=True, timeout=120)


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "users.sim"
    path.write_text(SCENARIO)
    return path


def test_the_page_and_its_pictures_are_what_the_tool_says():
    done = subprocess.run([sys.executable, ROOT / "scripts/pictures", "--check", REEVE], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_names_every_attribute():
    source = (ROOT / "src/simulate/scenario_attributes.cc").read_text()
    names = [line.split('"')[1] for line in source[source.index("kTable"):].splitlines() if line.startswith('    {"')]
    page = (ROOT / "docs/simulate.md").read_text()
    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.sim")), ids=lambda path: path.stem)
def test_shipped_scenarios_go_with_the_shipped_configurations(path):
    for configuration in ("before.conf", "after.conf"):
        done = simulate(path, "-f", SCENARIOS / configuration, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["configurations"][0]["attack"]["visits"] > 0


def test_the_document_holds_all_figures(scenario):
    done = simulate(scenario, "-f", SCENARIOS / "limits.conf", "--against", SCENARIOS / "before.conf", "--json", "--seed", 5)
    document = json.loads(done.stdout)
    assert document["seed"] == 5
    assert document["duration_seconds"] == 60
    limits, before = document["configurations"]
    assert before["honest"]["served"] == before["honest"]["visits"] == sum(before["over_time"]["honest_served"])
    assert limits["populations"][0]["name"] == "users"
    assert simulate(scenario, "-f", SCENARIOS / "limits.conf", "--against", SCENARIOS / "before.conf", "--json", "--seed", 5).stdout == done.stdout


def test_plots_are_self_contained_files(scenario, tmp_path):
    svg, html = tmp_path / "x.svg", tmp_path / "x.html"
    assert simulate(scenario, "-f", SCENARIOS / "before.conf", "--plot", svg).returncode == 0
    assert xml.etree.ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert simulate(scenario, "-f", SCENARIOS / "before.conf", "--plot", html).returncode == 0
    assert html.read_text().startswith("<!DOCTYPE html>") and "src=" not in html.read_text()
    done = simulate(scenario, "-f", SCENARIOS / "before.conf", "--plot", tmp_path / "x.png")
    assert done.returncode == 2 and ".svg or .html" in done.stderr
    done = simulate(scenario, "-f", SCENARIOS / "before.conf", "--plot", tmp_path / "not/there.svg")
    assert done.returncode == 2 and "there.svg" in done.stderr


def test_too_few_served_is_an_exit_code(scenario, tmp_path):
    assert simulate(scenario, "-f", SCENARIOS / "before.conf", "--least-served", 100).returncode == 0
    shut = tmp_path / "shut.conf"
    shut.write_text((SCENARIOS / "before.conf").read_text().replace("cps ", "no_access = 0.0.0.0/0\n    cps "))
    assert simulate(scenario, "-f", shut).returncode == 0
    assert simulate(scenario, "-f", shut, "--least-served", 1).returncode == 1


def test_mistakes_are_shown_with_their_line(scenario, tmp_path):
    scenario.write_text(SCENARIO.replace("rate ", "rat  ").replace("= 20", "= many"))
    done = simulate(scenario, "-f", SCENARIOS / "before.conf")
    assert done.returncode == 2 and done.stdout == ""
    assert f"{scenario}:9:15: error: `many` is no whole number" in done.stderr
    assert "did you mean `rate`?" in done.stderr and "^~~~" in done.stderr


def test_a_service_that_is_not_there_is_named_with_both_files(scenario):
    scenario.write_text(SCENARIO.replace("= web", "= wev"))
    done = simulate(scenario, "-f", SCENARIOS / "before.conf")
    assert done.returncode == 2
    assert f"{scenario}:10:15: error: no service `wev` would start" in done.stderr
    assert "did you mean `web`?" in done.stderr and "before.conf" in done.stderr


def test_files_that_can_not_be_read_are_said(scenario, tmp_path):
    assert "no.sim" in simulate(tmp_path / "no.sim", "-f", SCENARIOS / "before.conf").stderr
    done = simulate(scenario, "-f", tmp_path / "no.conf")
    assert done.returncode == 2 and "no.conf" in done.stderr
