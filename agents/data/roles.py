"""What a column is for: to be reckoned, to group by, to tell the time, or only to identify."""

import re
import unicodedata

from agents.data.tables import Column, Table

YEAR_WORDS = {"year", "yil", "yr", "jahr", "fiscalyear", "yy", "yyyy"}
CODE_WORDS = {
    "id",
    "code",
    "kod",
    "kodu",
    "no",
    "nr",
    "num",
    "number",
    "numara",
    "numarasi",
    "zip",
    "postcode",
}
CODE_WORDS |= {"postal", "phone", "telefon", "iso", "sku", "barcode", "barkod", "isbn", "key", "index", "tc"}
AVERAGED_WORDS = {"price", "rate", "ratio", "per", "pct", "percent", "percentage", "share", "avg", "average"}
AVERAGED_WORDS |= {
    "mean",
    "median",
    "score",
    "rating",
    "age",
    "expectancy",
    "exp",
    "temperature",
    "temp",
    "index",
}
AVERAGED_WORDS |= {
    "margin",
    "speed",
    "density",
    "height",
    "weight",
    "fiyat",
    "fiyati",
    "oran",
    "orani",
    "yuzde",
}
AVERAGED_WORDS |= {"ortalama", "puan", "puani", "yas", "sicaklik", "percap", "capita", "life"}
EARLIEST, LATEST = 1500, 2200
"""Whole numbers in this range may be years."""
FEW = 50
"""A column with at most this many values makes readable groups."""


def header_words(header: str) -> tuple[str, ...]:
    """The words of a header, in lower case without accents: "gdpPercap" -> gdp, percap."""
    split = re.sub(r"(?<=[a-zığüşöç0-9])(?=[A-ZİĞÜŞÖÇ])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", header)
    return tuple(re.findall(r"[^\W_]+", folded(split)))


def folded(text: str) -> str:
    """Lower case without accents, Turkish letters as their plain ones; for headers and questions alike."""
    lower = text.replace("İ", "i").replace("I", "i").lower().replace("ı", "i")
    plain = unicodedata.normalize("NFKD", lower)
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ß", "ss")


def is_time(column: Column) -> bool:
    """True for dates, and for whole numbers that are years."""
    if column.family == "date":
        return True
    if not column.whole or column.lowest is None or column.highest is None:
        return False
    named = YEAR_WORDS & set(header_words(column.name))
    return bool(named) and float(column.lowest) >= EARLIEST and float(column.highest) <= LATEST


def is_year(column: Column) -> bool:
    """True for a time column that holds years as numbers."""
    return is_time(column) and column.family == "number"


def is_code(column: Column, rows: int) -> bool:
    """True for numbers that only identify: named like a code, or all different under a name like that."""
    words = header_words(column.name)
    return column.whole and bool(words) and bool(CODE_WORDS & {words[0], words[-1]})


def measures(table: Table) -> list[Column]:
    """Columns to be reckoned, in the table's order."""
    numbers = [column for column in table.columns if column.family == "number" and column.values]
    return [column for column in numbers if not is_time(column) and not is_code(column, table.rows)]


def dimensions(table: Table) -> list[Column]:
    """Columns that make readable groups, those with the fewest values first."""
    fit = [c for c in table.columns if c.family in ("text", "truth") and 2 <= c.distinct <= max(FEW, 2)]
    return sorted(fit, key=lambda column: column.distinct)


def times(table: Table) -> list[Column]:
    """Columns that tell the time, in the table's order."""
    return [column for column in table.columns if is_time(column) and column.values]


def is_averaged(column: Column) -> bool:
    """True when adding up its values makes no sense, as its name tells: prices, rates, ages."""
    words = header_words(column.name)
    return bool(AVERAGED_WORDS & set(words)) or column.name.strip().endswith("%")
