"""What an analysis gathers while it runs."""

from agents.data import sql
from agents.data.request import Measure
from agents.data.results import Figure, Finding, ResultTable
from agents.data.sandbox import Sandbox
from agents.data.sentences import Cited, number, sentence
from agents.data.tables import Table


class Work:
    """Results, sentences and figures on one table, in the order they are found."""

    def __init__(self, sandbox: Sandbox, table: Table) -> None:
        self.sandbox = sandbox
        self.table = table
        self.tables: list[ResultTable] = []
        self.findings: list[Finding] = []
        self.figures: list[Figure] = []
        self.limits: list[str] = []

    def result(self, title: str, sql: str, rows: int | None = None) -> ResultTable:
        """Run a query and keep its result; what was cut off is said among the limits."""
        found = self.sandbox.query(sql, rows)
        table = ResultTable(
            columns=found.columns,
            rows=found.rows,
            complete=found.complete,
            id=f"r{len(self.tables) + 1}",
            title=title,
            sql=sql,
        )
        self.tables.append(table)
        if not table.complete:
            self.limits.append(f"Of “{title}” only the first {len(table.rows):,} rows are kept.")
        return table

    def say(self, *parts: str | Cited) -> None:
        """Add a sentence."""
        self.findings.append(sentence(*parts))

    def say_left_out(self, summary: ResultTable, measure: Measure) -> None:
        """Tell of rows without a usable value, from a summary made with `left_out_sql`."""
        for column, words in ((NO_VALUE, "have no value"), (NO_NUMBER, "have no finite number")):
            if column in {one.name for one in summary.columns} and summary.value(0, column):
                cited = number(summary, 0, column)
                places = " or ".join(f"“{one}”" for one in (measure.column, measure.per) if one is not None)
                self.say(cited, " of ", number(summary, 0, ALL_ROWS), f" rows {words} in {places}.")

    def say_how(self, measure: Measure) -> None:
        """Tell how two columns are reckoned with, and what is unknown of it."""
        if measure.per is not None:
            upper, lower = f"sum of “{measure.column}”", f"sum of “{measure.per}”"
            if measure.how == "difference":
                self.say(
                    f"“{measure.column}” minus “{measure.per}” = {upper} - {lower}, over rows with both."
                )
                return
            self.say(f"“{measure.column}” per “{measure.per}” = {upper} / {lower}.")
            self.limits.append(f"Where the {lower} is zero, or no row has both values, the ratio is unknown.")


ALL_ROWS = "rows"
NO_VALUE = "rows without a value"
NO_NUMBER = "rows without a finite number"


def left_out(table: Table, measure: Measure) -> list[tuple[str, str]]:
    """Expressions, each with its name, that count the rows and those the measure leaves out."""
    items = [("count(*)", ALL_ROWS)]
    columns = [table.column(one) for one in (measure.column, measure.per) if one is not None]
    known = [column for column in columns if column is not None]
    if known:
        empty = " or ".join(f"{sql.name(column.name)} is null" for column in known)
        items.append((f"count(*) filter ({empty})", NO_VALUE))
    endless = [f"not isfinite({sql.name(column.name)})" for column in known if column.not_a_number]
    if endless:
        items.append((f"count(*) filter ({' or '.join(endless)})", NO_NUMBER))
    return items


def left_out_sql(table: Table, measure: Measure) -> str:
    """The same as items of a select list."""
    return ", ".join(f"{expression} as {sql.name(name)}" for expression, name in left_out(table, measure))
