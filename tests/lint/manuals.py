#!/usr/bin/env python3
"""The manual pages and the completion scripts say what the programs do: manuals.py REEVE."""

import re
import shutil
import subprocess
import sys

from source import ROOT, report

BEGIN, END = '.\\" attributes begin\n', '.\\" attributes end\n'
COMPLETION = {"bash": "reeve.bash", "zsh": "_reeve", "fish": "reeve.fish"}
PAGES = ("reeve.1", "reeve.conf.5", "reeve.log.5", "reeved.8")


def made(reeve, word):
    return subprocess.run([reeve, "help", word], capture_output=True, text=True, check=True, timeout=60).stdout


def judge_made(name, kept, wanted):
    if kept == wanted:
        return
    lines, others = kept.splitlines(), wanted.splitlines()
    lacks = next((line for line in others if line not in lines), "")
    yield f"{name}: is not what reeve says, run scripts/generate{': it lacks `' + lacks.strip() + '`' if lacks else ''}"


def sections(page):
    """{command: its text}; the first is that of reeve itself."""
    found, name = {"": ""}, ""
    for line in page.splitlines():
        if line.startswith(".Sh "):
            name = ""
        match = re.match(r"\.Ss reeve ([a-z][a-z -]*?)(?= [A-Z]|$)", line)
        if match:
            name = match.group(1)
            found.setdefault(name, "")
        found[name] += line + "\n"
    return found


def has_option(text, option):
    bare = option[1:]
    return any(re.search(rf"(?:^|[\s,]){re.escape(bare)}(?=[\s,]|$)", line) for line in text.splitlines() if "Fl" in line)


def judge_commands(page, commands):
    """commands: `check`, `check --strict` ..., one each."""
    found = sections(page)
    for line in commands:
        words = line.split()
        option = words.pop() if words[-1].startswith("-") else None
        command = " ".join(words)
        if command not in found:
            if option is None:
                yield f"man/reeve.1: lacks the command `reeve {command}` (.Ss reeve {command})"
        elif option not in (None, "--help", "-h") and not has_option(found[command], option):
            yield f"man/reeve.1: lacks the option {option} of `reeve {command}`"


def judge_options(page, source):
    for option in re.findall(r'Option\{"(-[^"]+)"', source):
        if not has_option(page, option):
            yield f"man/reeved.8: lacks the option {option}"


def judge_words(page, reasons, record):
    words = set(re.findall(r'^\s+return "([a-z_ ]+)";', reasons, re.MULTILINE))
    if not words:
        yield "man/reeve.log.5: no reasons were found in src/policy/reason.cc"
    members = set(re.findall(r'(?:text|number|count)\("([a-z_]+)",', record)) | set(re.findall(r'endpoint\("(\w+)", "(\w+)"', record)[0])
    cells = {cell for row in re.findall(r"^\.It (.+) Ta .*$", page, re.MULTILINE) for cell in row.split(" Ta ")}
    for word in sorted(words - cells):
        yield f"man/reeve.log.5: the table of reasons lacks `{word}`"
    for word in sorted(members):
        if not re.search(rf"\b{re.escape(word)}\b", page):
            yield f"man/reeve.log.5: lacks `{word}`"


def judge_form(page):
    """By the tools that are there."""
    for tool, command in (("mandoc", ["mandoc", "-Tlint", "-W", "warning"]), ("man", ["man", "--warnings", "-l", "-Tutf8"])):
        if not shutil.which(tool):
            print(f"{page.name}: not looked at by {tool}, which is not here")
            continue
        done = subprocess.run([*command, str(page)], stdout=subprocess.PIPE if tool == "mandoc" else subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        for line in ((done.stdout or "") + done.stderr).splitlines():
            if "makewhatis" not in line:
                yield line


def judge(reeve):
    for shell, name in COMPLETION.items():
        yield from judge_made(f"contrib/completion/{name}", (ROOT / "contrib/completion" / name).read_text(), made(reeve, f"--completion={shell}"))
    pages = {name: (ROOT / "man" / name).read_text() for name in PAGES}
    kept = pages["reeve.conf.5"].split(BEGIN)[1].split(END)[0]
    yield from judge_made("man/reeve.conf.5", kept, made(reeve, "--attributes=mdoc"))
    yield from judge_commands(pages["reeve.1"], made(reeve, "--commands").splitlines())
    yield from judge_options(pages["reeved.8"], (ROOT / "src/monitor/command_line.cc").read_text())
    yield from judge_words(pages["reeve.log.5"], (ROOT / "src/policy/reason.cc").read_text(), (ROOT / "src/record/record.cc").read_text())
    for name in PAGES:
        yield from judge_form(ROOT / "man" / name)


def self_test():
    page = ".Sh DESCRIPTION\n.Fl -version\n.Ss reeve check Op Ar options\n.It Fl f , -file Ar file\n.Ss reeve convert Fl -from\n.Sh SEE\n"
    yield from judge_commands(page, ["--version", "check", "check --help", "check --file", "check -f", "convert --from"])
    for line in ("explain", "check --strict", "check -x", "--file"):
        if not list(judge_commands(page, [line])):
            yield f"was not refused: {line}"
    if not list(judge_made("x", "a\n", "a\nb\n")) or list(judge_made("x", "a\n", "a\n")):
        yield "made texts are not compared"
    if not list(judge_options(".It Fl d\n", 'Option{"-d", x}, Option{"--never", x}')):
        yield "an option of reeved that the page lacks was not missed"
    reasons, record = '  return "ban";\n', 'members.text("time", x)\nmembers.endpoint("source", "port", x)'
    page = "time source port\n.It address Ta ban Ta he touched a sensor\n"
    yield from judge_words(page, reasons, record)
    for lacking in (page.replace("Ta ban", "Ta load") + "ban\n", page.replace("time", "")):
        if not list(judge_words(lacking, reasons, record)):
            yield "a reason or a field that the page lacks was not missed"
    if not list(judge_words(page, "", record)):
        yield "a source without any reason was not missed"
    if shutil.which("mandoc") and not list(judge_form(ROOT / "README.md")):
        yield "mandoc finds nothing wrong with a page that is none"


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    sys.exit(report(list(judge(sys.argv[1]))))
