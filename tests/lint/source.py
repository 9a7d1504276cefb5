"""What the lints share: the sources of reeve, and their code without comments and texts."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

_NOT_CODE = re.compile(
    r'R"(?P<mark>[^(\s"]*)\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"   # but not the ' of 1'000
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)


def sources():
    """All sources and headers, as (path below src, text)."""
    for path in sorted(SRC.rglob("*")):
        if path.suffix in (".h", ".cc"):
            yield path.relative_to(SRC).as_posix(), path.read_text()


def code_of(text):
    """Text with comments gone and literals emptied; lines stay where they are."""

    def blank(match):
        found = match.group(0)
        kept = '""' if found[0] in "R\"'" else " "
        return kept + "\n" * found.count("\n")

    return _NOT_CODE.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def report(complaints):
    """Prints what was found; the exit status."""
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0
