"""Which requirement is proved by which tests, read from the marks that tests carry."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from retail_sync.errors import ConfigurationError

_Marked: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

#: Tests of the sandboxes and of the world in them. They show that a double is like its vendor, and nothing of ours.
_DOUBLES = {"sandbox", "world"}
_ROW = re.compile(r"^\|\s*([A-Z]{2,}-\d+)\s*\|\s*(.+?)\s*\|\s*$", re.MULTILINE)


def proofs(tests: Path) -> dict[str, list[str]]:
    """The tests under a folder by the requirement ids of their marks, `@pytest.mark.req("ID-2")`.

    A mark in `pytestmark` counts for each test of its module or class. Suites that vendors subclass are read like any
    module; tests of the sandboxes prove nothing of the product and are left out.

    Returns:
        For each id the tests as `unit/test_people.py::test_name`.

    Raises:
        ConfigurationError: There is no such folder.
    """
    if not tests.is_dir():
        raise ConfigurationError("there are no tests here", record=str(tests), fix="Name their folder by --tests.")
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("*.py")):
        if _DOUBLES & set(path.stem.split("_")):
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        for requirement, name in _proved(module.body, ()):
            found[requirement].append(f"{path.relative_to(tests)}::{name}")
    return dict(sorted(found.items()))


def declared(table: Path) -> dict[str, str]:
    """The requirements of a Markdown file, by id: every table row whose first cell is one.

    Raises:
        ConfigurationError: The file can't be read, or has no such row.
    """
    try:
        found = dict(_ROW.findall(table.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"can't be read: {error.strerror}", record=str(table)) from None
    if not found:
        raise ConfigurationError("has no row like | ID-1 | text |", record=str(table), fix="Name a requirements table.")
    return found


def _proved(body: Sequence[ast.stmt], shared: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The requirements of a module's or class's tests, each with the name of what is marked.

    Args:
        body: What stands in it.
        shared: The requirements of the class or module around it, which hold for every test.
    """
    shared = (*shared, *(name for statement in body for name in _shared(statement)))
    for node in body:
        if not isinstance(node, _Marked):
            continue
        own = [name for decorator in node.decorator_list for name in _requirements(decorator)]
        yield from ((name, node.name) for name in own)
        if isinstance(node, ast.ClassDef):
            yield from _proved(node.body, shared)
        elif node.name.startswith("test_"):
            yield from ((name, node.name) for name in shared if name not in own)


def _shared(statement: ast.stmt) -> Iterator[str]:
    """The requirements of `pytestmark = ...`, of one mark or a list of them."""
    if isinstance(statement, ast.Assign) and "pytestmark" in map(ast.unparse, statement.targets):
        marks = statement.value.elts if isinstance(statement.value, ast.List | ast.Tuple) else [statement.value]
        for mark in marks:
            yield from _requirements(mark)


def _requirements(mark: ast.expr) -> Iterator[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.req":
        yield from (str(ast.literal_eval(argument)) for argument in mark.args)
