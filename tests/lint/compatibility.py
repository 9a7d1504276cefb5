#!/usr/bin/env python3
"""docs/compatibility.md speaks of every attribute, and of every word of `type` and `flags`: by name, in the first cell of a row of
a table, or where it lists what is reeve's own."""

import re
import sys

from source import ROOT, report

ATTRIBUTE = re.compile(r'^\s*\{\.name = "(\w+)"', re.MULTILINE)
WORD = re.compile(r'^\s*\{"(\w+)", \[\]\(Draft&', re.MULTILINE)
NAME = re.compile(r"`(\w+)`")


def documented(text):
    names = set()
    for line in text.splitlines():
        if line.startswith("|"):
            names |= set(NAME.findall(line.split("|")[1]))
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("Of reeve's own are "):
            names |= set(NAME.findall(paragraph))
    return names


def judge(attributes, words, text):
    known = set(ATTRIBUTE.findall(attributes)) | set(WORD.findall(words))
    if len(known) < 50:
        yield f"only {len(known)} attributes and words were found in the sources: the patterns of this lint are wrong"
    for name in sorted(known - documented(text)):
        yield f"docs/compatibility.md does not say what becomes of {name}"


def sources():
    return [(ROOT / name).read_text() for name in ("src/config/attributes.cc", "src/config/apply_identity.cc")]


def self_test():
    attributes, words = sources()
    text = (ROOT / "docs/compatibility.md").read_text()
    for name in ("per_source", "LABELED", "SPECIAL"):
        if not list(judge(attributes, words, text.replace(f"`{name}`", ""))):
            yield f"was not missed: {name}"
    if not list(judge("", "", text)):
        yield "sources without an attribute were not refused"


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    sys.exit(report(list(judge(*sources(), (ROOT / "docs/compatibility.md").read_text()))))
