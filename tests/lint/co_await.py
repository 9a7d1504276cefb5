#!/usr/bin/env python3
"""A co_await stands alone: `co_await f(a, b);` or `auto x = co_await f(a, b);`.

Its operands are names, scalars or std::move(name). g++ 12 compiles other spellings (aggregates, lambdas with
captures, conditions) into double frees and lost bodies, silently. Stricter than needed, so that it can be this short.
"""

import re
import sys

from source import code_of, line_of, report, sources

NAME = r"(?:\(\*)?[A-Za-z_]\w*(?:\))?(?:(?:::|\.|->)[A-Za-z_]\w*)*"
SCALAR = r"-?\d[\w.']*|true|false|nullptr"
OPERAND = rf"(?:std::move\(\s*{NAME}\s*\)|[&*]?{NAME}(?:\[\w+\])?|{SCALAR})"
CALL = rf"{NAME}(?:<[\w:, ]+>)?(?:\(\s*(?:{OPERAND}(?:\s*,\s*{OPERAND})*)?\s*\))?"
TARGET = rf"(?:(?:const\s+)?[A-Za-z_][\w:<>, ]*[&*]?\s+)?{NAME}\s*=\s*"
LABEL = r"(?:(?:case\s+[\w:]+|default)\s*:\s*)?"
STATEMENT = re.compile(rf"\s*{LABEL}(?:{TARGET})?co_await\s+{CALL}\s*")


def judge(path, text):
    code = code_of(text)
    start = 0
    for end in re.finditer(r"[;{}]|\Z", code):
        statement = code[start : end.start()]
        if "co_await" in statement and (end.group(0) != ";" or not STATEMENT.fullmatch(statement)):
            where = start + statement.index("co_await")
            yield f"src/{path}:{line_of(code, where)}: a co_await stands alone: {' '.join(statement.split())}"
        start = end.end()


MUST_FAIL = [
    "co_await f(Spec{.path = p});",
    "co_await f({a, b});",
    "co_await f([t = std::move(t)] { return t; });",
    "if (co_await f(a)) return;",
    "while (co_await f(a)) g();",
    "switch (co_await f(a)) { default: break; }",
    "auto x = g(co_await f(a));",
    "co_return co_await f(a);",
    "co_await f(co_await g(a));",
    "auto x = co_await f(a) + 1;",
    "auto [a, b] = co_await f(c);",
    "co_await f(make());",
]
MUST_PASS = [
    "co_await f(a, b);",
    "auto x = co_await f(std::move(spec));",
    "const auto x = co_await loop_.readable(fd, deadline);",
    "Result<std::size_t> x = co_await f(5, true, a.b, *this);",
    "co_await task;",
    "x = co_await this->f(&a);",
    "// if (co_await f()) is wrong\n",
    "for (;;) { co_await f(); }",
]


def self_test():
    for text in MUST_FAIL:
        if not list(judge("sample", text)):
            yield f"was not refused: {text}"
    for text in MUST_PASS:
        yield from (f"was refused: {complaint}" for complaint in judge("sample", text))


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(report(list(self_test())))
    sys.exit(report([complaint for path, text in sources() for complaint in judge(path, text)]))
