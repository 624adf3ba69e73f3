"""Amounts as people write them: "1,200", "0,5", "900k", "1.2 million"."""

import re

MAGNITUDES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9}
"""What a word behind a number multiplies it by."""

WRITTEN_OUT = 1_000
"""From here on a number needs no such word."""


def number(digits: str) -> float:
    """One mark before groups of three parts thousands; the last of others is the decimal one."""
    if re.fullmatch(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*", digits):
        return float(re.sub(r"[.,]", "", digits))
    *whole, decimals = re.split("[.,]", digits)
    return float(f"{''.join(whole)}.{decimals}" if whole else decimals)


def amounts(*told: tuple[str, str]) -> tuple[float, ...] | None:
    """Numbers with the words behind them as amounts to compare; None when they are of different kinds.

    A word behind one of them holds for the others too ("from 1.2 to 0.9 million"), but not for those that
    are written out ("from 1.2 million to 900,000").
    """
    units = {unit.casefold().removesuffix("s") for _, unit in told if unit}
    if len(units) > 1 and not units <= MAGNITUDES.keys():
        return None
    shared = next(iter(units)) if len(units) == 1 else ""
    return tuple(_amount(number(digits), unit.casefold(), shared) for digits, unit in told)


def _amount(value: float, unit: str, shared: str) -> float:
    return value * MAGNITUDES.get(unit or (shared if value < WRITTEN_OUT else ""), 1.0)
