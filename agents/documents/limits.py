"""How large attached documents may be."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class DocumentLimits:
    """Bounds of the documents of one question."""

    bytes: int = 20 * MIB
    """Largest file."""
    unzipped_bytes: int = 200 * MIB
    """Largest Word file once unzipped."""
    pages: int = 1_000
    """Most pages of a PDF."""
    characters: int = 5_000_000
    """Most text of one document."""
    documents: int = 20
    """Most documents at once."""
    seconds: float = 60.0
    """Longest reading of one document."""
    memory_bytes: int = 1536 * MIB
    """Address space of the process that reads them (held on Linux)."""
