"""Commands and Python that documents tell people to type are taken by the program as they stand."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator

import pytest

import equipoise
from core.cli.parser import parser
from core.errors import InputError
from tests.test_documents import DOCUMENTS, text

READ = [name for name in DOCUMENTS if not name.startswith(("docs/decisions", "findings"))]
COMMAND = re.compile(r"^(?:\.venv/bin/)?(?:python -m core|equipoise) (?!…)(.*)")
STANDS_FOR = {"N": "1", "E": "1", "D": "0.1", "S": "0.5", "T": "0.5", "M": "2"}
"""Numbers that documents write as a letter."""


def lines(name: str) -> Iterator[str]:
    """What is indented or fenced, continued lines joined, and what stands in code within a line."""
    sentence = text(name)
    for line in re.sub(r"\\\n\s+", "", sentence).split("\n"):
        if line.startswith("    "):
            yield line.strip()
    for line in re.findall(r"`([^`\n]+)`", sentence):
        yield line.strip()


def words(text: str) -> list[str]:
    """Take brackets, comments, redirections and what stands beside a command away."""
    text = re.split(r"\s#|\s{3,}|\s>\s|--help", text)[0]
    text = re.sub(r"\[,[^]]*\]", "", text).translate(str.maketrans("", "", "[]"))
    return [STANDS_FOR.get(word, word) for word in shlex.split(text)]


COMMANDS = sorted(
    {(name, found[1]) for name in READ for line in lines(name) if (found := COMMAND.match(line))}
)


@pytest.mark.parametrize(("name", "text"), COMMANDS)
def test_a_documented_command_is_parsed(name: str, text: str) -> None:
    asked = words(text)
    commands = parser({"ui": "open the browser"})
    if len(asked) < 2 and asked != ["ledger"]:
        # A command that is only named; the browser is started in the test of the wheel.
        assert not asked or f"\n    {asked[0]} " in commands.format_help()
        return
    commands.parse_args(asked)


def test_commands_are_found_and_a_wrong_one_is_noticed() -> None:
    known = {words(told)[0] for _, told in COMMANDS if words(told)}
    assert known >= {"audit", "fairness", "sweep", "compare", "ledger", "learners", "checks"}
    assert sum(told.startswith("ledger ") for _, told in COMMANDS) >= 3
    with pytest.raises(InputError):
        parser().parse_args(words("audit --dta FILE --out DIR"))


def test_the_python_of_the_readme_calls_what_there_is() -> None:
    block = re.search(r"## From a notebook\n\n((?:    .*\n|\n)+)", text("README.md"))
    assert block is not None
    code = inspect.cleandoc(block[1])
    calls = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("equipoise.")
    ]
    called = {ast.unparse(node.func).removeprefix("equipoise.") for node in calls}
    assert called >= {"audit", "compare", "fairness", "load_sample", "private_release"}
    for node in calls:
        name = ast.unparse(node.func).removeprefix("equipoise.")
        given = {keyword.arg: None for keyword in node.keywords if keyword.arg is not None}
        signature = inspect.signature(getattr(equipoise, name))
        signature.bind_partial(*node.args, **given)
