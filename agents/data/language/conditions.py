"""Which rows count, beyond the values that were named: those left out, and those within limits."""

from agents.data.language.bounds import LEAST, LESS, MORE, MOST, Bounded
from agents.data.language.groups import Named
from agents.data.language.lexicon import lexicon
from agents.data.language.reading import Reading, Tag
from agents.data.language.words import same_word
from agents.data.request import Bound, Filter, Measure
from agents.data.roles import header_words
from agents.data.sentences import quoted
from agents.data.tables import Column

LISTING = {"and", "or", "nor"}
LEADING = {"the", "all", "any", "for", "in", "from", "on", "at", "of"}
MOST_BETWEEN = 2
"""Words between "without" and the value: "from the"."""
PLACING = {"in", "from", "of", "at", "during", "since"}
"""Behind what is left out, they may narrow it: "without Toys in West"."""
ONE_OF = {MORE: "more", LEAST: "least", LESS: "less", MOST: "most"}


def excluded(reading: Reading) -> tuple[list[Named], list[str]]:
    """The values that are left out ("without Toys and Books"), and why that is not sure."""
    found: list[Named] = []
    doubts: list[str] = []
    for tag in reading.tags:
        if tag.name == "exclude":
            chain = _chain(reading, tag)
            found += chain
            doubts += _doubts(reading, tag, chain)
    return found, doubts


def _chain(reading: Reading, tag: Tag) -> list[Named]:
    """The values that follow, as far as only "and" and "or" stand between them."""
    chain: list[Named] = []
    end, words = tag.end, reading.question.words
    for value in reading.values:
        if value.start < end:
            continue
        between = [word.form for word in words[end : value.start]]
        own = [mention for mention in reading.columns if end <= mention.start < value.start]
        allowed = LISTING if chain else LEADING
        if own or not set(between) <= allowed or len(between) > MOST_BETWEEN:
            break
        chain.append(value)
        end = value.end
    return chain


def _doubts(reading: Reading, tag: Tag, chain: list[Named]) -> list[str]:
    said = " ".join(word.text for word in reading.question.words[tag.start : tag.end])
    if not chain:
        return [f"I do not know what {quoted(said)} leaves out: no value stands behind it."]
    columns = {frozenset(column.name for column, _ in value.found) for value in chain}
    if len(columns) > 1:
        return [f"{quoted(said)} is followed by values of different columns; leave out those of one."]
    end = chain[-1].end
    words = [word.form for word in reading.question.words[end : end + 1]]
    behind = [value for value in reading.values if value.start > end]
    periods = [period for period in reading.periods if period.start > end]
    if words and words[0] in PLACING and (behind or periods):
        return [
            f"It is not clear whether all of {quoted(chain[-1].found[0][1])} is left out, or only some of it."
        ]
    return []


def left_out(values: list[Named], named: list[Column]) -> tuple[list[Filter], list[str]]:
    """One filter for each column of which values are left out, and what is not sure about them."""
    found: dict[str, list[str]] = {}
    doubts = []
    for value in values:
        said = [one for one in value.found if one[0] in named]
        candidates = said or list(value.found)
        if len({column.name for column, _ in candidates}) > 1:
            listed = " or ".join(quoted(column.name) for column, _ in candidates[:4])
            doubts.append(f"{quoted(candidates[0][1])} is a value of {listed}.")
        found.setdefault(candidates[0][0].name, []).append(candidates[0][1])
    return [Filter(column=name, values=tuple(said), excluded=True) for name, said in found.items()], doubts


def limited(
    reading: Reading, bounded: Bounded, measure: Measure | None, is_grouped: bool
) -> tuple[Bound, list[str]]:
    """The limit as a condition, and what is not sure about it: that it is meant for each row."""
    column = bounded.mention.columns[0]
    edges = {ONE_OF[name]: number for name, number in bounded.edges}
    doubts = []
    if len(bounded.mention.columns) > 1:
        listed = " or ".join(quoted(one.name) for one in bounded.mention.columns[:4])
        doubts.append(f"The limit may be for {listed}.")
    grouped = is_grouped or (measure is not None and measure.how == "distinct")
    if grouped and not _is_of_rows(reading, bounded):
        doubts.append(
            f"A limit of {quoted(column.name)} can be for each row, or for what a group has in all; "
            "for rows say “where” before it."
        )
    return Bound(column=column.name, **edges), doubts


def _is_of_rows(reading: Reading, bounded: Bounded) -> bool:
    """True for "where units over 5" and "rows with units over 5"."""
    words = [word.form for word in reading.question.words[: bounded.start]]
    while words and words[-1] in ("the", "a"):
        words.pop()
    if words[-1:] == ["where"]:
        return True
    return words[-1:] in (["with"], ["having"]) and len(words) > 1 and _is_row(reading, len(words) - 2)


def _is_row(reading: Reading, place: int) -> bool:
    """True for "rows" and for what the table is called after, where that names no column."""
    if any(mention.start <= place < mention.end for mention in reading.columns):
        return False
    word = reading.question.words[place].form
    rows = any(phrase.tag == "rows" and phrase.pattern.fullmatch(word) for phrase in lexicon().phrases)
    return rows or any(same_word(word, base, False) for base in header_words(reading.table.name))
