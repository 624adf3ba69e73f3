"""Reads one document, inside a process of its own. Run as a module, it answers `Child`."""

import tempfile
from pathlib import Path
from typing import Any

from agents.data.child.service import serve
from agents.documents.limits import DocumentLimits
from agents.documents.passages import Block
from agents.errors import BadInput


def read(path: Path, name: str, kind: str, limits: DocumentLimits) -> dict[str, Any]:
    """The document's blocks, pages and notes; BadInput when it cannot be used."""
    blocks, pages, notes = _blocks(path, name, kind, limits)
    characters = sum(len(block.text) for block in blocks)
    if not blocks:
        raise BadInput(f"“{name}” holds no text. Nothing was read: attach a document with text in it.")
    if characters > limits.characters:
        raise BadInput(
            f"“{name}” has {characters:,} characters; {limits.characters:,} are the most. "
            "Nothing was read: attach the part that matters."
        )
    return {"blocks": [block.model_dump() for block in blocks], "pages": pages, "notes": notes}


def _blocks(
    path: Path, name: str, kind: str, limits: DocumentLimits
) -> tuple[list[Block], int | None, list[str]]:
    if kind == "pdf":
        from agents.documents.pdf import read_pdf  # each format's library is only loaded for its files

        return read_pdf(path, name, limits)
    if kind == "word":
        from agents.documents.word import read_word

        return read_word(path, name, limits)
    from agents.documents.plain import read_markdown, read_text

    with tempfile.TemporaryDirectory() as folder:
        return (read_markdown if kind == "markdown" else read_text)(path, name, Path(folder))


def main() -> None:
    """Answer "read" until the parent is gone."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        limits = DocumentLimits(**request["limits"])
        return read(Path(request["path"]), request["name"], request["kind"], limits)

    serve({"read": answer})


if __name__ == "__main__":
    main()
