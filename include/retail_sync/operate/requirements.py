"""Which requirement is proved by which tests, read from the marks that tests carry."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from retail_sync.errors import ConfigurationError

_ROW = re.compile(r"^\|\s*([A-Z]{2,}-\d+)\s*\|\s*(.+?)\s*\|\s*$", re.MULTILINE)


def proofs(tests: Path) -> dict[str, list[str]]:
    """The tests under a folder by the requirement ids of their marks, `@pytest.mark.req("ID-2")`.

    Returns:
        For each id the tests as `unit/test_people.py::test_name`.

    Raises:
        ConfigurationError: There is no such folder.
    """
    if not tests.is_dir():
        raise ConfigurationError("there are no tests here", record=str(tests), fix="Name their folder by --tests.")
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for requirement in _marks(node):
                    found[requirement].append(f"{path.relative_to(tests)}::{node.name}")
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


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.req":
            yield from (str(ast.literal_eval(argument)) for argument in decorator.args)
