"""What to analyse, as data: made from a question, by a page, or by a model; checked before it is run."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from agents.data.tables import Fact

How = Literal["sum", "mean", "median", "min", "max", "count", "distinct", "ratio", "difference"]
Edge = Literal["rise", "fall"]
Grain = Literal["year", "quarter", "month", "week", "day", "hour"]


class Measure(Fact):
    """What is reckoned for each group."""

    how: How
    """The aggregate; "count" without a column counts rows, with one its values."""
    column: str | None = None
    """The column; None only with "count"."""
    per: str | None = None
    """The second column: its sum divides that of the first ("ratio"), or is taken off ("difference")."""

    @model_validator(mode="after")
    def _has_column(self) -> "Measure":
        if self.column is None and self.how != "count":
            raise ValueError("Only a count can do without a column.")
        if (self.per is not None) != (self.how in ("ratio", "difference")):
            raise ValueError("A ratio and a difference have two columns, and nothing else has.")
        return self


class Filter(Fact):
    """Rows whose column has one of these values, or none of them."""

    column: str
    """The column."""
    values: tuple[bool | int | float | str, ...] = Field(min_length=1)
    """Its values, as they stand in the table."""
    excluded: bool = False
    """True where rows with these values are left out; rows without a value stay."""


class Bound(Fact):
    """Rows whose column of numbers lies within limits; rows without a number do not."""

    column: str
    """The column."""
    more: int | float | None = Field(default=None, allow_inf_nan=False)
    """It is more than this."""
    least: int | float | None = Field(default=None, allow_inf_nan=False)
    """It is at least this."""
    less: int | float | None = Field(default=None, allow_inf_nan=False)
    """It is less than this."""
    most: int | float | None = Field(default=None, allow_inf_nan=False)
    """It is at most this."""

    @model_validator(mode="after")
    def _has_edge(self) -> "Bound":
        if all(edge is None for edge in (self.more, self.least, self.less, self.most)):
            raise ValueError("A limit has at least one number.")
        return self


Condition = Filter | Bound
"""What a row must meet."""


class Period(Fact):
    """A stretch of time."""

    start: date
    """Its first day."""
    end: date
    """The day after its last."""
    label: str
    """What a person calls it."""

    @model_validator(mode="after")
    def _goes_forward(self) -> "Period":
        if self.end <= self.start:
            raise ValueError("A period ends after it starts.")
        return self


class Span(Fact):
    """Rows whose time lies in a period."""

    time: str
    """The time column."""
    period: Period
    """The period."""


class _Analysis(Fact):
    table: str
    """Name of the attached table."""
    filters: tuple[Condition, ...] = ()
    """All of them must hold."""
    span: Span | None = None
    """The rows' period, where only one is meant."""


class ProfileRequest(_Analysis):
    """What is in the table: each column with its type, gaps, range and usual values."""

    kind: Literal["profile"] = "profile"
    columns: tuple[str, ...] = ()
    """The columns that are meant; all when empty."""


class TotalRequest(_Analysis):
    """One number for all rows."""

    kind: Literal["total"] = "total"
    measure: Measure
    """What is reckoned."""


class BreakdownRequest(_Analysis):
    """A number for each value of one column, or of two."""

    kind: Literal["breakdown"] = "breakdown"
    measure: Measure
    """What is reckoned."""
    by: tuple[str, ...] = Field(min_length=1, max_length=2)
    """The columns."""
    share_of: str | None = None
    """The group of a single column whose share was asked for."""


class TopRequest(_Analysis):
    """The groups, or the single rows, with the highest or lowest number."""

    kind: Literal["top"] = "top"
    measure: Measure
    """What is reckoned; for single rows the column to sort by."""
    by: str | None
    """The column whose values are ranked; None ranks single rows."""
    count: int = Field(default=10, ge=1, le=100)
    """How many."""
    lowest: bool = False
    """True for the lowest."""


class TrendRequest(_Analysis):
    """A number for each stretch of time."""

    kind: Literal["trend"] = "trend"
    measure: Measure
    """What is reckoned."""
    time: str
    """The time column."""
    grain: Grain | None = None
    """Length of a stretch; None leaves the choice to the data."""
    by: str | None = None
    """A line for each value of this column."""


class CompareRequest(_Analysis):
    """A number in two periods, and what each segment contributes to the change."""

    kind: Literal["compare"] = "compare"
    measure: Measure
    """What is reckoned."""
    time: str
    """The time column."""
    before: Period
    """The period compared with."""
    after: Period
    """The period whose difference is asked for."""
    by: str | None = None
    """The segments; None leaves the choice to the data."""
    edge: Edge | None = None
    """Where the segment that rose, or fell, most is asked for."""


AnalysisRequest = Annotated[
    ProfileRequest | TotalRequest | BreakdownRequest | TopRequest | TrendRequest | CompareRequest,
    Field(discriminator="kind"),
]
