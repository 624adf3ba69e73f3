"""Where one sentence ends and the next begins, in English and Turkish."""

import re

ABBREVIATIONS = {
    *(
        "e.g",
        "i.e",
        "etc",
        "cf",
        "vs",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "no",
        "nr",
        "fig",
        "vol",
        "pp",
        "p",
    ),
    *(
        "approx",
        "inc",
        "ltd",
        "co",
        "vb",
        "vs",
        "bkz",
        "örn",
        "yy",
        "sn",
        "doç",
        "av",
        "sok",
        "cad",
        "mah",
        "tl",
    ),
}
END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")
LAST_WORD = re.compile(r"[\w.]+$")


def split_sentences(text: str) -> list[str]:
    """The sentences of a paragraph, without outer space; together they are all of its words."""
    found = []
    start = 0
    for match in END.finditer(text):
        if match[0].startswith(".") and _abbreviates(text[start : match.start()], text[match.end() :]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    return [sentence for sentence in [*found, rest] if sentence]


def _abbreviates(before: str, after: str) -> bool:
    """True when a full stop ends an abbreviation, an initial or a number in a row ("3. sıra")."""
    word = LAST_WORD.search(before)
    if word is None:
        return False
    plain = word[0].lower()
    initial = len(plain) == 1 and plain.isalpha() and word[0].isupper()
    ordinal = plain.isdecimal() and after.lstrip()[:1].islower()
    return plain in ABBREVIATIONS or initial or ordinal
