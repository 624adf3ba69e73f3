"""Attached tables to test with: the real ones that ship inside plotly, and files made on the spot."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import plotly.data
import pytest

from agents.data.attachment import Attachment
from agents.data.limits import Limits
from agents.data.sandbox import Sandbox

Open = Callable[..., Sandbox]
SUFFIXES = {"csv": ".csv", "parquet": ".parquet", "excel": ".xlsx"}


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens a sandbox on files given as name=content, and closes it after the test."""
    sandboxes: list[Sandbox] = []

    def open_files(files: dict[str, bytes | str | Path], limits: Limits | None = None) -> Sandbox:
        attachments = [
            Attachment(name, content.encode() if isinstance(content, str) else content)
            for name, content in files.items()
        ]
        sandboxes.append(Sandbox(attachments, limits))
        return sandboxes[-1]

    yield open_files
    for sandbox in sandboxes:
        sandbox.close()


def real_table(name: str) -> pd.DataFrame:
    """One of plotly's tables, by name."""
    frame: pd.DataFrame = getattr(plotly.data, name)()
    return frame


def saved(frame: pd.DataFrame, path: Path) -> Path:
    """The frame in the format of the path's ending."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_excel(path, index=False)
    return path


@pytest.fixture(scope="module", params=["csv", "parquet", "excel"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """gapminder, tips and stocks, attached in each of the formats in turn."""
    folder = tmp_path_factory.mktemp("real")
    names = ("gapminder", "tips", "stocks")
    paths = [saved(real_table(name), folder / f"{name}{SUFFIXES[request.param]}") for name in names]
    with Sandbox([Attachment(path.name, path) for path in paths]) as sandbox:
        yield sandbox
