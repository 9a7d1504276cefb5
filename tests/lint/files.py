#!/usr/bin/env python3
"""Names and sizes: no file or room where things collect, no file over 400 lines without a reason in long_files.txt."""

import re
import sys
from pathlib import Path

from source import report, sources

LIMIT = 400
# The service manager is systemd, a thing of its own.
COLLECTORS = re.compile(r"(^|[_/.])(utils?|commons?|helpers?|misc|(?<!service_)managers?|stuff|functions)([_/.]|$)")
ALLOWED = Path(__file__).with_name("long_files.txt")


def reasons(text):
    """{path below src: reason}"""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.split(None, 1) for line in lines if line and not line.startswith("#"))
    return {pair[0]: (pair + [""])[1] for pair in pairs}


def judge(files, allowed):
    """files: {path: number of lines}"""
    for path, lines in files.items():
        if COLLECTORS.search(path):
            yield f"src/{path}:1: a name for a place where things collect"
        if lines > LIMIT and not allowed.get(path):
            yield f"src/{path}:{LIMIT}: {lines} lines: split it, or give the reason in tests/lint/long_files.txt"
    for path in allowed:
        if files.get(path, 0) <= LIMIT:
            yield f"tests/lint/long_files.txt: {path} needs no excuse any more"


def self_test():
    for files, allowed in [
        ({"util/x.cc": 1}, {}),
        ({"base/string_utils.h": 1}, {}),
        ({"monitor/log_manager.cc": 1}, {}),
        ({"base/x.cc": 401}, {}),
        ({"base/x.cc": 401}, {"base/x.cc": ""}),
        ({"base/x.cc": 400}, {"base/x.cc": "a table"}),
    ]:
        if not list(judge(files, allowed)):
            yield f"was not refused: {files} {allowed}"
    yield from judge({"base/x.cc": 400, "config/attributes.cc": 700, "base/commonwealth.h": 1, "sys/service_manager.h": 1}, {"config/attributes.cc": "a table"})


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    sizes = {path: text.count("\n") for path, text in sources()}
    sys.exit(report(list(judge(sizes, reasons(ALLOWED.read_text())))))
