"""How the values of a column of numbers are spread."""

from agents.data.analyses.pieces import finite
from agents.data.analyses.work import Work
from agents.data.figures import columns as column_chart
from agents.data.sentences import number, quoted
from agents.data.tables import Column

BINS = 20


def histogram(work: Work, source: str, column: Column) -> None:
    """Count the rows in twenty bins of the same width; the last one holds its upper edge as well."""
    value = f"({finite(work.table, column.name)})::double"
    query = f"""with valued as (select {value} as value from {source}),
edges as (select min(value) as lowest, (max(value) - min(value)) / {BINS} as width from valued),
binned as (
  select coalesce(least({BINS - 1}, floor((value - lowest) / nullif(width, 0))), 0) as bin
  from valued, edges where value is not null
)
select lowest + bin * width as "from", lowest + (bin + 1) * width as "to", count(*) as "rows"
from binned, edges group by all order by 1"""
    result = work.result(f"Spread of {column.name}", query)
    if not result.rows:
        return
    rows = result.values("rows")
    fullest = max(range(len(rows)), key=lambda row: int(str(rows[row])))
    edges = (number(result, fullest, "from"), " to ", number(result, fullest, "to"))
    count = number(result, fullest, "rows")
    work.say(f"The fullest of {quoted(column.name)}'s bins goes from ", *edges, " (", count, " rows).")
    work.figures.append(column_chart(result, "from", "rows", column.name))
