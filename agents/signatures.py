"""The first bytes by which files of a kind are known."""

PARQUET = b"PAR1"
PDF = b"%PDF-"
ZIP = b"PK\x03\x04"
"""Of an archive, which the files of today's Excel and Word are."""
