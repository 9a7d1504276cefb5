#!/usr/bin/env python3
"""Every header compiles alone, and twice: it includes what it needs, and #pragma once is there.

headers.py COMPILER; with --self-test also shows that a header that needs another one is refused.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import SRC, report, sources

FLAGS = ["-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-D_GLIBCXX_ASSERTIONS", '-DREEVE_VERSION="0"']


def judge(compiler, folder, header):
    text = f'#include "{header}"\n#include "{header}"\n'
    done = subprocess.run([compiler, *FLAGS, "-I", str(folder), "-"], input=text, text=True, capture_output=True)
    return f"{folder.name}/{header} does not compile alone:\n{done.stderr}" if done.returncode else None


def self_test(compiler):
    samples = {"needs.h": "#pragma once\nstd::string text();\n", "twice.h": "struct Twice {};\n", "fine.h": "#pragma once\nstruct Fine {};\n"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for header, text in samples.items():
            (folder / header).write_text(text)
        if not judge(compiler, folder, "needs.h") or not judge(compiler, folder, "twice.h"):
            yield "a header that can't stand alone was not refused"
        if judge(compiler, folder, "fine.h"):
            yield "a good header was refused"


def main():
    compiler = next(word for word in sys.argv[1:] if not word.startswith("-"))
    if "--self-test" in sys.argv:
        return report(list(self_test(compiler)))
    headers = [path for path, _ in sources() if path.endswith(".h")]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        found = workers.map(lambda header: judge(compiler, SRC, header), headers)
    return report([complaint for complaint in found if complaint])


if __name__ == "__main__":
    sys.exit(main())
