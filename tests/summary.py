#!/usr/bin/env python3
"""Adds up what the test programs left: summary.py RESULTS, or summary.py --failed RESULTS

RESULTS holds ctest.xml, a folder gtest with one file per unit test program, e2e.xml, and e2e-again.xml with the end-to-end
tests that were tried again. Prints a table, what failed, what passed at the second try only, and what was skipped; the last
line is `N passed, N failed`. With --failed: only the end-to-end tests that failed, as pytest names them.
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def judge(case):
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") in ("fail", "timeout"):
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun") or case.get("result") in ("skipped", "suppressed"):
        return "skipped"
    return "passed"


def reason(case):
    skipped = case.find("skipped")
    return " ".join((skipped.get("message") or "").split()) if skipped is not None else ""


def cases_of(path):
    try:
        return list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return []


def name_of(case):
    return f"{case.get('classname')}::{case.get('name')}"


def collect(results):
    """(kind, name, verdict, reason) of each test."""
    for case in cases_of(results / "ctest.xml"):
        name = case.get("name")
        kind = name.split(".")[0]
        parts = cases_of(results / "gtest" / f"{name.replace('unit.', 'test_', 1)}.xml") if kind == "unit" else []
        for part in parts:
            yield kind, f"{part.get('classname')}.{part.get('name')}", judge(part), reason(part)
        # A program that died has no complete list: then it counts itself.
        if not parts or (judge(case) == "failed" and not any(judge(part) == "failed" for part in parts)):
            yield kind, name, judge(case), reason(case)
    again = {name_of(case): case for case in cases_of(results / "e2e-again.xml")}
    for case in cases_of(results / "e2e.xml"):
        name = name_of(case)
        if judge(case) == "failed" and judge(again.get(name, case)) == "passed":
            yield "end to end", name, "second try", ""
        else:
            yield "end to end", name, judge(case), reason(case)


def main():
    if sys.argv[1] == "--failed":
        for case in cases_of(Path(sys.argv[2]) / "e2e.xml"):
            if judge(case) == "failed":
                print(f"{case.get('classname').split('.')[-1]}.py::{case.get('name')}")
        return
    outcomes = list(collect(Path(sys.argv[1])))
    table = {}
    for kind, _, verdict, _ in outcomes:
        table.setdefault(kind, Counter())["passed" if verdict == "second try" else verdict] += 1
    for title in ("failed", "second try", "skipped"):
        for kind, name, verdict, why in outcomes:
            if verdict == title:
                print(f"{title}: {name}{': ' + why if why else ''}")
    print(f"\n{'':<12}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for kind, counts in table.items():
        print(f"{kind:<12}{counts['passed']:>8}{counts['failed']:>8}{counts['skipped']:>8}")
    total = sum(table.values(), Counter())
    print(f"\n{total['passed']} passed, {total['failed']} failed")
    sys.exit(0 if total["passed"] and not total["failed"] else 1)


if __name__ == "__main__":
    main()
