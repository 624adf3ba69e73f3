"""Text files in whatever encoding, as a UTF-8 file."""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from agents.errors import BadInput

BLOCK = 2**20
SAMPLE = 256 * 1024
"""Bytes from which a foreign encoding is guessed."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = {"latin_1": "cp1252", "ascii": "utf-8", "iso8859_9": "cp1254"}
"""Guesses replaced by their superset."""
LIKELY = [
    "utf_8",
    "cp1252",
    "cp1254",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
    "utf_16",
    "utf_16_le",
]


def as_utf8(path: Path, name: str, folder: Path) -> tuple[Path, str | None]:
    """A UTF-8 file with the same text, and a sentence on the encoding when it had to be guessed.

    All its lines end in a line feed: DuckDB's reader stumbles over files that mix line ends. BadInput when
    the file is no text.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    marked = next((encoding for mark, encoding in MARKS if sample.startswith(mark)), None)
    if marked is not None:
        return _recoded(path, name, marked, folder), None
    if _is_utf8(path):
        _refuse_binary(sample, name)
        return (_recoded(path, name, "utf-8", folder) if _has_returns(path) else path), None
    encoding = _guessed(sample, name)
    return _recoded(path, name, encoding, folder), f"“{name}” is not in UTF-8; it was read as {encoding}."


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _has_returns(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b"\r" in block for block in iter(lambda: file.read(BLOCK), b""))


def _refuse_binary(sample: bytes, name: str) -> None:
    if b"\x00" in sample:
        raise BadInput(
            f"“{name}” is not a text file. Nothing was read: attach CSV, Parquet or Excel (.xlsx)."
        )


def _guessed(sample: bytes, name: str) -> str:
    best = from_bytes(sample, cp_isolation=LIKELY).best()
    if best is None:
        raise BadInput(
            f"“{name}” is not text in an encoding this knows. Nothing was read: save it as CSV in UTF-8."
        )
    encoding = WESTERN.get(best.encoding, best.encoding)
    return "cp1254" if encoding == "cp1252" and _is_turkish_misread(str(best)) else encoding


def _is_turkish_misread(text: str) -> bool:
    """True for ş, ğ, ı read as their Icelandic neighbours, in a text with nothing else Icelandic."""
    return bool(set("ýþðÝÞÐ") & set(text)) and not set("æáíóúÆÁÍÓÚ") & set(text)


def _recoded(path: Path, name: str, encoding: str, folder: Path) -> Path:
    target = folder / f"{path.name}.utf8"
    try:
        with path.open(encoding=encoding) as source, target.open("w", encoding="utf-8", newline="") as sink:
            while block := source.read(BLOCK):
                sink.write(block)
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise BadInput(
            f"“{name}” holds bytes that do not fit its encoding ({encoding}). "
            "Nothing was read: save it as CSV in UTF-8."
        ) from error
    return target
