"""Ways to reckon that can be meant in two ways, so that they are asked back."""

from collections.abc import Sequence

from agents.data.language.matching import Mention
from agents.data.language.reading import Reading
from agents.data.roles import times

EACH = {"per", "each", "every"}
"""Before a stretch of time, where "by" would only split: "average revenue per month"."""
PERCENT = {"percentage", "percentages", "percent"}


def is_of_stretches(reading: Reading) -> bool:
    """True for "average monthly revenue", "average revenue per month": which average stays open."""
    if any(time.distinct == reading.table.rows for time in times(reading.table)):
        return False
    words = reading.question.words
    grains = [tag for tag in reading.tags if tag.name.startswith("grain:")]
    if any(words[tag.start].form in EACH for tag in grains):
        return True
    pairs = zip(reading.tags, reading.tags[1:], strict=False)
    return any(
        first.end == second.start
        and {"mean"} < {first.name, second.name}
        and "grain:" in first.name + second.name
        for first, second in pairs
    )


def is_percent_of_another(reading: Reading, numbers: Sequence[Mention]) -> bool:
    """True for "tip percentage by day", where "percentage of tip" would be a share of the whole."""
    ends = {mention.end for mention in numbers}
    words = reading.question.words
    return any(
        tag.name == "share" and tag.start in ends and words[tag.start].form in PERCENT for tag in reading.tags
    )
