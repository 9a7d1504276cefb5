#!/usr/bin/env python3
"""What the documents name exists: files in backticks (`policy/decide.h`, `scripts/run`) and the targets of links."""

import re
import sys

from source import ROOT, report

# A path in backticks: folders first, then a name; patterns and places outside the tree are not meant.
PATH = re.compile(r"`((?:[a-z0-9_.-]+/)+[A-Za-z0-9_.-]*)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")
ROOMS = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
TOP = {path.name for path in ROOT.iterdir()} - {"build"} | {"src"}


def judge(name, text):
    base = (ROOT / name).parent
    for match in PATH.finditer(text):
        path = match.group(1)
        first = path.split("/")[0]
        if first in ROOMS:
            candidates = [ROOT / "src" / path, ROOT / path]
        elif first in TOP:
            candidates = [ROOT / path]
        else:
            continue
        if not any(candidate.exists() for candidate in candidates):
            yield f"{name}: there is no {path}"
    for match in LINK.finditer(text):
        if not (base / match.group(1)).exists():
            yield f"{name}: a link to {match.group(1)}, which is not there"


def self_test():
    for text in ("see `policy/never.h`", "run `scripts/never`", "[x](NEVER.md)"):
        if not list(judge("README.md", text)):
            yield f"was not refused: {text}"
    yield from judge("README.md", "`base/result.h`, `/etc/xinetd.conf`, `build/release/reeved`, [x](https://example.org), [y](README.md)")


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    documents = [path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "contrib").rglob("*.md")]]
    sys.exit(report([c for path in documents for c in judge(path.relative_to(ROOT).as_posix(), path.read_text())]))
