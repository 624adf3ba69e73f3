"""One number for all rows."""

from agents.data import sql
from agents.data.analyses.pieces import aggregate, check_measure, label, said, unused, where
from agents.data.analyses.work import ALL_ROWS, NO_NUMBER, NO_VALUE, Work, left_out_sql
from agents.data.request import TotalRequest
from agents.data.sentences import number, quoted


def total(work: Work, request: TotalRequest) -> None:
    """The measure over all rows of the filters and the span."""
    table, measure = work.table, request.measure
    check_measure(table, measure)
    name = unused(label(measure), [ALL_ROWS, NO_VALUE, NO_NUMBER])
    if measure.column is None:
        name = ALL_ROWS
        chosen = f"count(*) as {sql.name(name)}"
    else:
        reckoned = aggregate(work.sandbox, table, measure)
        chosen = f"{reckoned} as {sql.name(name)}, {left_out_sql(table, measure)}"
    query = f"select {chosen}\nfrom {sql.name(table.name)}{where(table, request.filters, request.span)}"
    result = work.result(f"The {label(measure)}", query)
    if measure.column is None:
        work.say("There are ", number(result, 0, name), " rows.")
    elif result.value(0, name) is None:
        work.say(f"No row has a value of {quoted(measure.column)} to reckon with.")
    else:
        value = number(result, 0, name)
        work.say(f"The {said(measure)} is ", value, " over ", number(result, 0, ALL_ROWS), " rows.")
    work.say_left_out(result, measure)
