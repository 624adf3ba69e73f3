"""The direction of imports: app.py, pages -> agents -> storage."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "agents").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]
FILES = [ROOT / "app.py", *ROOMS]
FORBIDDEN = {
    "storage": {"agents", "pages", "app", "streamlit", "environ", "getenv", "dotenv", "pydantic_settings"},
    "agents": {"pages", "app", "streamlit"},
    "pages": {"app", "storage", "duckdb", "langgraph", "openai"},
    "app.py": {"storage", "duckdb", "langgraph", "openai"},
}


def named(file: Path) -> set[str]:
    """Top-level packages that a file imports, names it takes from them and attributes it reads."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {(node.module or "").split(".")[0], *(a.name for a in node.names if node.module == "os")}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            names.add(node.attr)
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_in_the_direction_of_the_house(file: Path) -> None:
    assert named(file) & FORBIDDEN[file.relative_to(ROOT).parts[0]] == set()
