"""What the house imports is named in requirements.txt, each line with its reason."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.test_direction import FILES, ROOT

LINES = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
NAMED = {re.split(r"[<>=~! ]", line)[0].casefold().replace("_", "-") for line in LINES}
OURS = {"agents", "pages", "storage", "app"}


def imported(file: Path) -> set[str]:
    """Top-level packages that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_every_library_that_is_imported_is_required_by_name() -> None:
    libraries = set().union(*map(imported, FILES)) - OURS - sys.stdlib_module_names
    known = packages_distributions()
    missing = {name for name in libraries if NAMED.isdisjoint(_names(known.get(name, [])))}
    assert libraries and missing == set()


def _names(distributions: list[str]) -> set[str]:
    return {name.casefold().replace("_", "-") for name in distributions}


def test_every_requirement_has_its_reason() -> None:
    assert [line for line in LINES if not re.search(r"\S  # \S", line)] == []
