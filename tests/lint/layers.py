#!/usr/bin/env python3
"""Holds the arrows between the rooms (ARCHITECTURE.md): who may include whom, and what pure rooms may not see.

Without arguments it judges src/; with --self-test, samples that must be refused.
"""

import re
import sys

from source import code_of, line_of, report, sources

# Room -> the rooms whose headers it may include. The doors (src/*.cc) may include all.
MAY_USE = {
    "base": set(),
    "config": {"base"},
    "plot": {"base"},
    "policy": {"base", "config"},
    "simulate": {"base", "config", "policy"},
    "record": {"base", "config", "policy"},
    "control": {"base"},
    # sys implements ports that base states (FileReader, Names); what to start is told in base's words too.
    "sys": {"base"},
    "defence": {"base", "config", "policy", "record", "sys"},
    "monitor": {"base", "config", "record", "sys"},
    "engine": {"base", "config", "control", "policy", "record", "sys"},
    "cli": {"base", "config", "control", "plot", "policy", "record", "simulate", "sys"},
}
PURE = {"config", "control", "plot", "policy", "simulate"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SYSTEM_HEADER = re.compile(
    r"(sys|linux|net|netinet|arpa)/|(unistd|fcntl|signal|poll|sched|syslog|grp|pwd|netdb|dirent|errno|time|dlfcn)\.h$"
    r"|(cerrno|ctime|csignal|fstream|filesystem|iostream|thread|mutex|random)$"
)
IMPURE = {
    r"::now\s*\(": "reads a clock",
    r"(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0|&)": "reads a clock",
    r"\bclock_gettime\b|\bgettimeofday\b|\blocaltime(?:_r)?\b": "reads a clock",
    r"\berrno\b": "sees errno",
    r"\b(?:secure_)?getenv\b": "reads the environment",
    r"\bUniqueFd\b": "holds a descriptor",
    r"\bco_await\b|\bco_return\b": "is a coroutine",
}
# Hash maps and JSON values are only containers.
ASIO = re.compile(r"boost/(?!unordered/|container_hash/|json(\.hpp$|/))|asio")


def room_of(path):
    return path.split("/")[0] if "/" in path else None


def judge(path, text):
    room = room_of(path)
    if room is None:
        return
    if room not in MAY_USE:
        yield f"src/{path}:1: {room} is not a room of ARCHITECTURE.md"
        return
    code = code_of(text)
    # Names of headers are texts: look for includes in the original.
    for match in INCLUDE.finditer(text):
        where = f"src/{path}:{line_of(text, match.start(1))}"
        quote, header = match.groups()
        other = room_of(header)
        if quote == '"':
            if other is None:
                yield f"{where}: write the room: \"{room}/{header}\""
            elif other != room and other not in MAY_USE[room]:
                yield f"{where}: {room} may not use {other} ({header})"
        if quote == "<" and ASIO.match(header) and room != "sys":
            yield f"{where}: only sys/ sees Asio and its relatives ({header})"
        if quote == "<" and room in PURE and SYSTEM_HEADER.match(header):
            yield f"{where}: {room} is pure, without <{header}>"
    if room in PURE:
        for pattern, what in IMPURE.items():
            for match in re.finditer(pattern, code):
                yield f"src/{path}:{line_of(code, match.start())}: {room} is pure, this {what}: {match.group(0)}"


MUST_FAIL = [
    ("policy/x.cc", '#include "engine/engine.h"\n'),
    ("base/x.h", '#include "config/service.h"\n'),
    ("sys/x.cc", '#include "config/service.h"\n'),
    ("monitor/x.cc", '#include "engine/visit.h"\n'),
    ("cli/x.cc", '#include "monitor/monitor.h"\n'),
    ("config/x.cc", "#include <sys/stat.h>\n"),
    ("config/x.cc", "#include <fstream>\n"),
    ("policy/x.cc", "auto a = std::chrono::steady_clock::now();\n"),
    ("policy/x.cc", "if (errno == EINTR) return;\n"),
    ("config/x.cc", 'auto home = std::getenv("HOME");\n'),
    ("policy/x.cc", "long t = time(nullptr);\n"),
    ("plot/x.cc", '#include "policy/decide.h"\n'),
    ("engine/x.cc", "#include <boost/asio/io_context.hpp>\n"),
    ("engine/x.cc", '#include "relay.h"\n'),
    ("util/x.cc", "\n"),
]
MUST_PASS = [
    ("policy/x.cc", '#include "config/service.h"\n// never ::now() nor errno\nconst char* t = "time(nullptr) errno";\n'),
    ("config/x.cc", "auto v = access_time(0); auto n = 1'000'000; char c = '\"';\n"),
    ("sys/x.cc", "#include <boost/asio/io_context.hpp>\n#include <sys/wait.h>\nint e = errno;\n"),
    ("reeved.cc", '#include "monitor/monitor.h"\n'),
]


def self_test():
    for path, text in MUST_FAIL:
        if not list(judge(path, text)):
            yield f"was not refused: {path}: {text.strip()}"
    for path, text in MUST_PASS:
        yield from (f"was refused: {complaint}" for complaint in judge(path, text))


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    sys.exit(report([complaint for path, text in sources() for complaint in judge(path, text)]))
