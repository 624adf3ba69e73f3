"""A change told by two ratios: "1 in 25 now, before it was 1 in 5" is a fall by 80 %."""

from fractions import Fraction

from agents.diagnosis.left_open import left_open
from agents.diagnosis.spotting import Fact
from agents.diagnosis.wording import wording

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
NEITHER = (None, None)
LONGEST = 40
"""Characters before and behind a ratio in which the words that tell its time are looked for."""


def change(text: str) -> tuple[Fact | None, Fact | None]:
    """Direction and size of the change from the earlier to the later of the two ratios of a text, in percent.

    Neither when there are not exactly two, the later is not sure, or their order is not told.
    """
    told = list(wording().ratio.finditer(text))
    if len(told) != 2:
        return NEITHER
    early = [
        wording().ratio_before.search(text[max(0, match.start() - LONGEST) : match.start()]) is not None
        or wording().ratio_after.search(text[match.end() : match.end() + LONGEST]) is not None
        for match in told
    ]
    if sum(early) != 1:
        return NEITHER
    first, last = (told[early.index(is_early)] for is_early in (True, False))
    earlier, later = first.group(), last.group()
    before, after = _share(earlier), _share(later)
    if left_open(text).at(last.start()) is not None or not before or not after or before == after:
        return NEITHER
    percent = round(100 * abs(after - before) / before)
    way = moved(before, after)
    return way, Fact("size", f"{percent:,} % {way.text} (from {earlier} to {later})")


def moved(before: float | Fraction, after: float | Fraction) -> Fact:
    """The direction from one amount to another that differs."""
    return Fact(
        "direction", *(("higher", "direction:rise") if after > before else ("lower", "direction:fall"))
    )


def _share(ratio: str) -> Fraction | None:
    part, whole = ratio.casefold().split(" in ")
    return Fraction(NUMBERS.get(part) or int(part), int(whole)) if int(whole) else None
