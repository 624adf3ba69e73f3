"""The words of a question in their roles: what is reckoned, for which groups, when, and for which rows."""

from datetime import date

from agents.data.language import conditions
from agents.data.language.matching import SURE, Mention
from agents.data.language.open_ways import is_of_stretches, is_percent_of_another
from agents.data.language.parts import Slots
from agents.data.language.periods import resolve
from agents.data.language.ratios import divided, makes_groups, subtracted
from agents.data.language.reading import Reading, Tag
from agents.data.request import Filter, How, Measure
from agents.data.roles import is_averaged, is_code, is_time, is_year, measures, times
from agents.data.sentences import quoted
from agents.data.tables import Column

HOWS: dict[str, How] = {
    "distinct": "distinct",
    "count": "count",
    "frequent": "count",
    "median": "median",
    "mean": "mean",
    "sum": "sum",
    "max": "max",
    "min": "min",
}
JOINING = {"and", "ve", "ile", "by"}
DIFFERENCES = ("compare", "change", "rise", "fall", "rise_most", "fall_most")
"""Tags of words for differences."""
FEW_VALUES = 2


def fill(reading: Reading) -> Slots:
    """Put every part of a reading in its role."""
    slots = Slots(reading)
    _doubt_words(slots)
    named = [(mention, _column(slots, mention)) for mention in reading.columns]
    _filters(slots, [column for _, column in named])
    named = [(mention, column) for mention, column in named if not _beside_own_value(slots, mention, column)]
    groups = [column for _, column in named if not _is_number(slots, column) and not is_time(column)]
    slots.groups = [column for place, column in enumerate(groups) if column not in groups[:place]]
    numbers = [(mention, column) for mention, column in named if _is_number(slots, column)]
    less = subtracted(reading, numbers)
    two = less or divided(reading, numbers)
    if len([tag for tag in reading.tags if tag.name == "minus"]) != (1 if less else 0):
        slots.doubt("I take one sum off another, where both columns stand beside one “minus”.")
    if two is not None:
        _reckoned(slots, [one for one in numbers if one not in two], two[0][1])
        slots.measure = _of_two(slots, "difference" if less else "ratio", two[0][1], two[1][1])
    else:
        slots.measure = _measure(slots, named, _reckoned(slots, numbers))
    _times(slots, named)
    _limits(slots)
    return slots


def _limits(slots: Slots) -> None:
    """The limits of numbers, each for every row."""
    ranked = slots.reading.has("top", "bottom") and bool(slots.groups)
    for bounded in slots.reading.bounds:
        bound, doubts = conditions.limited(
            slots.reading, bounded, slots.measure, bool(slots.groups) or ranked
        )
        slots.others.append(bound)
        slots.confidence = min(slots.confidence, bounded.mention.score)
        for sentence in doubts:
            slots.doubt(sentence)


def _doubt_words(slots: Slots) -> None:
    reading = slots.reading
    for tag in reading.tags:
        if tag.name == "unsupported":
            said = " ".join(word.text for word in reading.question.words[tag.start : tag.end])
            slots.doubt(f"Without a model I cannot answer a question with {quoted(said)}.")
    if reading.unknown:
        listed = ", ".join(quoted(word) for word in reading.unknown[:5])
        slots.doubt(f"I do not know what {listed} means in this table.")


def _column(slots: Slots, mention: Mention) -> Column:
    if len(mention.columns) > 1:
        listed = " or ".join(quoted(column.name) for column in mention.columns[:4])
        words = slots.reading.question.words[mention.start : mention.end]
        slots.doubt(f"{quoted(' '.join(word.text for word in words))} may mean {listed}.")
    if mention.score < SURE:
        slots.confidence = min(slots.confidence, mention.score)
    return mention.columns[0]


def _filters(slots: Slots, named: list[Column]) -> None:
    """One filter for each column whose values were named."""
    found: dict[str, list[str]] = {}
    out, doubts = conditions.excluded(slots.reading)
    others, more = conditions.left_out(out, named)
    slots.others += others
    for sentence in (*doubts, *more):
        slots.doubt(sentence)
    for value in slots.reading.values:
        if value in out:
            continue
        said = [one for one in value.found if one[0] in named]
        candidates = said or list(value.found)
        if len({column.name for column, _ in candidates}) > 1:
            listed = " or ".join(quoted(column.name) for column, _ in candidates[:4])
            slots.doubt(f"{quoted(candidates[0][1])} is a value of {listed}.")
        if any(tag.name == "by" and tag.end == value.start for tag in slots.reading.tags):
            slots.doubt(f"{quoted(candidates[0][1])} is a single value of {quoted(candidates[0][0].name)}.")
        found.setdefault(candidates[0][0].name, []).append(candidates[0][1])
    slots.filters = [Filter(column=column, values=tuple(values)) for column, values in found.items()]


def _beside_own_value(slots: Slots, mention: Mention, column: Column) -> bool:
    """True for "continent Europe": the column only says what the value is."""
    values = [value for value in slots.reading.values if column in [one for one, _ in value.found]]
    near = any(0 <= value.start - mention.end <= 1 or 0 <= mention.start - value.end <= 1 for value in values)
    return near and not _is_marked(slots.reading, mention)


def _is_number(slots: Slots, column: Column) -> bool:
    is_plain = column.family == "number" and not is_time(column)
    return is_plain and not is_code(column, slots.reading.table.rows)


def _is_marked(reading: Reading, mention: Mention) -> bool:
    """True for what follows "by", "per" ..., or stands before "göre", "bazında" ..., also after an "and"."""
    if any(tag.name == "by" and tag.end == mention.start for tag in reading.tags):
        return True
    if any(tag.name == "by_after" and tag.start == mention.end for tag in reading.tags):
        return True
    earlier = [one for one in reading.columns if one.end <= mention.start]
    if not earlier:
        return False
    between = reading.question.words[earlier[-1].end : mention.start]
    joined = bool(between) and all(word.form in JOINING for word in between)
    return joined and _is_marked(reading, earlier[-1])


def _reckoned(
    slots: Slots, numbers: list[tuple[Mention, Column]], divided: Column | None = None
) -> list[Column]:
    """The columns of numbers that are reckoned; the others join the groups, if they make some.

    "tip by size" groups by size; "top sizes by tip" ranks by tip. Beside a ratio all others are groups.
    """
    marked = [column for mention, column in numbers if _is_marked(slots.reading, mention)]
    plain = [column for mention, column in numbers if not _is_marked(slots.reading, mention)]
    counts = slots.reading.has("count", "frequent") and not plain
    if slots.reading.has("top", "bottom") and marked:
        plain, marked = marked, plain
    elif not plain and not counts:
        plain, marked = marked, []
    if divided is not None:
        plain, marked = [], [column for column in (*plain, *marked) if column != divided]
    for column in marked:
        if not makes_groups(column, slots.reading.table.rows):
            slots.doubt(f"{quoted(column.name)} holds amounts, which make no groups.")
        elif column not in slots.groups:
            slots.groups.append(column)
    return [column for place, column in enumerate(plain) if column not in plain[:place]]


def _of_two(slots: Slots, how: How, upper: Column, lower: Column) -> Measure | None:
    """One sum and another, where both can be added up and nothing else was asked of them."""
    hows = {HOWS[tag.name] for tag in slots.reading.tags if tag.name in HOWS}
    known = {"sum", "mean", "count"} if how == "ratio" else {"sum"}
    if hows - known or slots.reading.has("share") or is_of_stretches(slots.reading):
        slots.doubt("I divide or take off one sum; it is not clear what else is to be done with them.")
    for column in (upper, lower):
        if _with_default(slots, column, None).how != "sum":
            slots.doubt(f"{quoted(column.name)} cannot be added up, so it makes no {how} of sums.")
            return None
    return Measure(how=how, column=upper.name, per=lower.name)


def _measure(slots: Slots, named: list[tuple[Mention, Column]], reckoned: list[Column]) -> Measure | None:
    tags = [tag for tag in slots.reading.tags if tag.name in HOWS]
    hows = list(dict.fromkeys(HOWS[tag.name] for tag in tags))
    if len(reckoned) > 1:
        listed = " and ".join(quoted(column.name) for column in reckoned[:3])
        slots.doubt(f"I reckon with one column at a time, and {listed} were named.")
    if len(hows) > 1:
        slots.doubt(f"I reckon in one way at a time, and {' and '.join(hows)} were asked for.")
    how = hows[0] if hows else None
    if how == "mean" and reckoned and is_of_stretches(slots.reading) and not is_averaged(reckoned[0]):
        slots.doubt("An average per stretch of time can be that of its rows, or that of the stretches' sums.")
    if reckoned and is_percent_of_another(slots.reading, [m for m, c in named if _is_number(slots, c)]):
        slots.doubt("A percentage of that can be its share of the whole, or of another column.")
    if how == "sum" and reckoned and is_averaged(reckoned[0]):
        slots.doubt(f"{quoted(reckoned[0].name)} is of a kind that cannot be added up.")
    if how in ("count", "distinct"):
        return _counted(slots, named, reckoned, how, tags[0])
    if reckoned:
        return _with_default(slots, reckoned[0], how)
    return None


def _counted(
    slots: Slots, named: list[tuple[Mention, Column]], reckoned: list[Column], how: How, tag: Tag
) -> Measure:
    """What "how many ..." counts: rows, different values of a column, or units that are numbers already."""
    if slots.reading.has("rows", "frequent"):
        return Measure(how="count")
    things = _near(slots, named, tag)
    if how == "count" and reckoned and reckoned[0].whole:
        return Measure(how="sum", column=reckoned[0].name)
    countable = [column for column in things if how == "distinct" or column.distinct > FEW_VALUES]
    if how == "distinct" and not countable:
        slots.doubt("I do not know of what to count the different values.")
    if not countable or (how == "count" and reckoned):
        return Measure(how="count")
    if countable[0] in slots.groups:
        slots.groups.remove(countable[0])
    return Measure(how="distinct", column=countable[0].name)


def _near(slots: Slots, named: list[tuple[Mention, Column]], tag: Tag) -> list[Column]:
    """The columns that "how many" can be about, the nearest first: behind it, in Turkish also before it."""
    turkish = slots.reading.question.turkish
    found = [
        (abs(mention.start - tag.end) if mention.start >= tag.end else tag.start - mention.end, column)
        for mention, column in named
        if (turkish or mention.start >= tag.end)
        and not _is_marked(slots.reading, mention)
        and not is_time(column)
    ]
    return [column for _, column in sorted(found, key=lambda pair: pair[0])]


def _with_default(slots: Slots, column: Column, how: How | None) -> Measure:
    """The column with the way that was said; else the mean of what cannot be added up, or the sum.

    In a plain series, one row for each moment and nothing to group by, a number is a level, like a price.
    """
    if how is None:
        slots.assume()
        table = slots.reading.table
        is_plain = not any(one.family in ("text", "truth") for one in table.columns)
        levels = is_plain and any(time.distinct == table.rows for time in times(table))
        how = "mean" if levels or is_averaged(column) else "sum"
    return Measure(how=how, column=column.name)


def _times(slots: Slots, named: list[tuple[Mention, Column]]) -> None:
    reading = slots.reading
    said = [(mention, column) for mention, column in named if is_time(column)]
    known = times(reading.table)
    if said:
        slots.time = said[0][1]
        slots.time_is_group = any(_is_marked(reading, mention) for mention, _ in said)
    elif known:
        slots.time = known[0]
        if len(known) > 1 and (reading.periods or reading.grain() or reading.has("trend", *DIFFERENCES)):
            slots.assume()
    if slots.time is None:
        if reading.periods:
            slots.doubt("The table has no column of dates or years.")
        return
    first, last = edges(slots.time)
    for named_period in reading.periods:
        period = resolve(named_period, first, last)
        if period is not None:
            slots.periods.append(period)


def edges(time: Column) -> tuple[date, date]:
    """The first and the last day of a time column that has values."""
    if is_year(time):
        return date(int(str(time.lowest)), 1, 1), date(int(str(time.highest)), 12, 31)
    return date.fromisoformat(str(time.lowest)[:10]), date.fromisoformat(str(time.highest)[:10])


def only_measure(slots: Slots) -> Measure | None:
    """The measure when none was said and the table has a single column to reckon with."""
    found = measures(slots.reading.table)
    return _with_default(slots, found[0], None) if len(found) == 1 else None
