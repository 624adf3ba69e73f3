"""Periods, and what each is compared with."""

from datetime import date

import pytest

from storage.usage.filters import Span, preset_span

COMPARED = [
    (Span(date(2026, 10, 1), date(2026, 10, 31)), Span(date(2026, 9, 1), date(2026, 9, 30))),
    (Span(date(2026, 3, 1), date(2026, 3, 31)), Span(date(2026, 2, 1), date(2026, 2, 28))),
    (Span(date(2026, 1, 1), date(2026, 1, 31)), Span(date(2025, 12, 1), date(2025, 12, 31))),
    (Span(date(2026, 1, 1), date(2026, 3, 31)), Span(date(2025, 10, 1), date(2025, 12, 31))),
    (Span(date(2025, 1, 1), date(2026, 12, 31)), Span(date(2023, 1, 1), date(2024, 12, 31))),
    (Span(date(2026, 10, 1), date(2026, 10, 30)), Span(date(2026, 9, 1), date(2026, 9, 30))),
    (Span(date(2026, 11, 1), date(2026, 11, 26)), Span(date(2026, 10, 6), date(2026, 10, 31))),
    (Span(date(2026, 10, 2), date(2026, 10, 31)), Span(date(2026, 9, 2), date(2026, 10, 1))),
    (Span(date(2026, 10, 9), date(2026, 10, 9)), Span(date(2026, 10, 8), date(2026, 10, 8))),
]


@pytest.mark.parametrize(("period", "before"), COMPARED)
def test_whole_months_are_compared_with_whole_months_and_other_days_with_as_many_days(
    period: Span, before: Span
) -> None:
    assert period.previous == before
    assert before.end == period.start


def test_last_month_is_compared_with_the_calendar_month_before_it() -> None:
    found = preset_span("last_month", date(2026, 11, 26)).previous
    assert found == Span(date(2026, 9, 1), date(2026, 9, 30))
