"""Citations in a text: which sentence rests on which source, and which rest on none.

A model may cite what does not exist. Such a citation is taken out and counted; a sentence that is left with
none is named, and so is a number that stands in none of the sources its sentence cites.
"""

import re
from collections.abc import Sequence

from agents.data.tables import Fact
from agents.documents.sentences import split_sentences

MARK = re.compile(r"[\[【]\^?(\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)[\]】](?:\([^)\s]*\))?")
"""[1], [1, 2], [1-3], 【1】, [^1]; an address behind it, which nobody vouches for, goes with it."""
BEGUN = re.compile(r"[ \t]*[\[【](?:\^?[\d\s,;–-]{0,40})$")
"""The beginning of a mark at the end of a text that is still coming."""
NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)*")
FENCE = re.compile(r"\s*(```|~~~)")
NO_CLAIM = re.compile(r"#{1,6}\s|[-*_]{3,}\s*$|\|?[\s:|-]+\|?$")
"""Lines that say nothing by themselves: headings, rules, the line under a table's head."""
MOST_IN_RANGE = 20


class Source(Fact):
    """Something that can be cited: a passage of a document, or a page of the web."""

    number: int
    """Its citation, from 1."""
    title: str
    """The document's or the page's name."""
    place: str
    """Where in it: page and paragraph, or an address."""
    text: str
    """The words themselves."""


class CheckedSentence(Fact):
    """A sentence with what it rests on."""

    text: str
    """The sentence without its citations."""
    sources: tuple[int, ...]
    """Numbers of the sources it cites, all of which exist."""
    numbers_not_found: tuple[str, ...]
    """Numbers in it that stand in none of these sources."""


class CheckedText(Fact):
    """A text whose citations all exist."""

    text: str
    """The text, with citations in the form [1] only where the source exists."""
    sentences: tuple[CheckedSentence, ...]
    """Its sentences in order, code left out."""
    removed: tuple[int, ...]
    """The citations that were taken out, each as often as it stood there."""
    unsupported: tuple[str, ...]
    """Sentences that claim something and cite no source."""


def check_citations(text: str, sources: Sequence[Source]) -> CheckedText:
    """Tie each sentence of a text to its sources; `sources` are all there are."""
    known = {source.number: source for source in sources}
    lines: list[str] = []
    sentences: list[CheckedSentence] = []
    removed: list[int] = []
    fenced = False
    for line in text.splitlines():
        is_fence = FENCE.match(line) is not None
        if not (fenced or is_fence):
            removed += [
                number for mark in MARK.finditer(line) for number in _numbers(mark[1]) if number not in known
            ]
            sentences += _sentences(line, known)
            line = _kept(line, known)
        fenced ^= is_fence
        lines.append(line)
    return CheckedText(
        text="\n".join(lines),
        sentences=tuple(sentences),
        removed=tuple(removed),
        unsupported=tuple(one.text for one in sentences if not one.sources and _claims(one.text)),
    )


def without_citations(text: str) -> str:
    """A text that is still coming, without its citations: only a whole one's can be checked.

    What may become a citation with the next piece is left out too.
    """
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        is_fence = FENCE.match(line) is not None
        lines.append(line if fenced or is_fence else _kept(line, {}))
        fenced ^= is_fence
    if lines and not (fenced or text.endswith("\n")):
        lines[-1] = BEGUN.sub("", lines[-1])
    return "\n".join(lines)


def _numbers(listed: str) -> list[int]:
    """The numbers of one mark: "1, 3-5" is 1, 3, 4, 5."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", listed):
        first, *rest = (int(number) for number in re.split(r"\s*[–-]\s*", part))
        last = rest[-1] if rest else first
        found += range(first, last + 1) if first <= last < first + MOST_IN_RANGE else [first, *rest]
    return found


def _kept(line: str, known: dict[int, Source]) -> str:
    """The line with the marks of known sources only, each in the plain form."""

    def plain(match: re.Match[str]) -> str:
        marks = "".join(f"[{number}]" for number in _numbers(match[1]) if number in known)
        space = match[0][: len(match[0]) - len(match[0].lstrip())]
        return f"{space}{marks}" if marks else ""

    return re.sub(rf"[ \t]*{MARK.pattern}", plain, line)


def _sentences(line: str, known: dict[int, Source]) -> list[CheckedSentence]:
    """The sentences of a line; marks behind a full stop belong to the sentence before it."""
    inside = re.sub(rf"([.!?…]+[\"'”’)]*)((?:\s*{MARK.pattern})+)", _moved_before, line)
    return [_checked(sentence, known) for sentence in split_sentences(inside) if _words(sentence)]


def _moved_before(match: re.Match[str]) -> str:
    """ "fell. [1]" as "fell [1]." """
    return f" {match[2].strip()}{match[1]}"


def _checked(sentence: str, known: dict[int, Source]) -> CheckedSentence:
    cited = [number for mark in MARK.finditer(sentence) for number in _numbers(mark[1]) if number in known]
    numbers = tuple(dict.fromkeys(cited))
    plain = re.sub(rf"\s*{MARK.pattern}", "", sentence).strip()
    plain = re.sub(r"^\s*(?:[-*+•]|\d+[.)])\s+", "", plain)
    held = {_plain_number(found) for number in numbers for found in NUMBER.findall(known[number].text)}
    missing = [found for found in NUMBER.findall(plain) if numbers and _plain_number(found) not in held]
    return CheckedSentence(text=plain, sources=numbers, numbers_not_found=tuple(dict.fromkeys(missing)))


def _plain_number(text: str) -> str:
    """Digits with a point for what may be a decimal mark; groups of thousands closed up."""
    ungrouped = re.sub(r"[.,\u00a0\u202f](?=\d{3}(?!\d))", "", text)
    return ungrouped.replace(",", ".")


def _words(sentence: str) -> bool:
    return bool(re.search(r"[^\W\d_]", MARK.sub("", sentence)))


def _claims(sentence: str) -> bool:
    """True unless it is a heading, a question, or only leads to what follows."""
    return not (NO_CLAIM.match(sentence) or sentence.endswith(("?", ":")))
