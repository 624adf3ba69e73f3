"""Text and Markdown files as paragraphs, in Markdown under their headings."""

import re
from pathlib import Path

from agents.data.loading.encoding import as_utf8
from agents.documents.passages import Block

HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
FENCE = re.compile(r"\s*(```|~~~)")


def read_text(path: Path, name: str, folder: Path) -> tuple[list[Block], None, list[str]]:
    """Paragraphs between empty lines, no pages, and a note on an encoding that had to be guessed."""
    text, notes = _decoded(path, name, folder)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    kept = [paragraph for paragraph in paragraphs if paragraph]
    blocks = [
        Block(text=paragraph, page=None, paragraph=number, heading=None)
        for number, paragraph in enumerate(kept, start=1)
    ]
    return blocks, None, notes


def read_markdown(path: Path, name: str, folder: Path) -> tuple[list[Block], None, list[str]]:
    """The same under headings; a block of code is one paragraph."""
    text, notes = _decoded(path, name, folder)
    blocks: list[Block] = []
    heading: str | None = None
    waiting: list[str] = []
    fenced = False

    def end_paragraph() -> None:
        joined = " ".join(" ".join(waiting).split())
        waiting.clear()
        if joined:
            blocks.append(Block(text=joined, page=None, paragraph=len(blocks) + 1, heading=heading))

    for line in text.splitlines():
        found = None if fenced else HEADING.fullmatch(line.strip())
        if found or not (line.strip() or fenced):
            end_paragraph()
        heading = found[1] or heading if found else heading
        fenced ^= FENCE.match(line) is not None
        if not found:
            waiting.append(line)
    end_paragraph()
    return blocks, None, notes


def _decoded(path: Path, name: str, folder: Path) -> tuple[str, list[str]]:
    readable, note = as_utf8(path, name, folder)
    text = readable.read_text(encoding="utf-8")
    return "".join(c for c in text if c in "\n\t" or c.isprintable() or c.isspace()), [note] if note else []
