"""One way to read the texts of a column, as SQL."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A type, and how a text becomes a value of it; `{x}` stands for a trimmed text that is not missing."""

    type: str
    """DuckDB's type."""
    value: str
    """Expression for the value; NULL where the text is none."""
    guard: str
    """Condition that a text of this form fulfils; a value counts only together with it."""
    note: str | None = None
    """What a person must know of it, said of the column: "carries ...". """
    doubt: str | None = None
    """What to say when another reading fits as well: "is read as ...". """

    def value_of(self, expression: str) -> str:
        """The value of a given text expression, where it is known to fit."""
        return self.value.replace("{x}", expression)

    def misfit(self, expression: str) -> str:
        """True for a text that is there and does not fit."""
        fits = f"{self.guard} and {self.value} is not null".replace("{x}", expression)
        return f"{expression} is not null and not coalesce({fits}, false)"
