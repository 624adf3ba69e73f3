"""SQL that a person or a model wrote: allowed only as one SELECT on the attached tables.

DuckDB's own parser says what a statement is, so that nothing is read here in another way than it is run.
Every part of the parsed tree must be of a kind that is known; what is not is refused. This is the first wall:
the sandbox behind it has no files, no network, and a limit on memory and time.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import duckdb

from agents.data.functions import FUNCTIONS, TABLE_FUNCTIONS
from agents.errors import Refused

NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"}
SOURCES = {"EMPTY", "SUBQUERY", "EXPRESSION_LIST", "JOIN", "PIVOT", "TABLE_FUNCTION", "BASE_TABLE"}
PARTS = {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"}
ORDERS = {"ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
EXPRESSIONS = {
    *(
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
    ),
    *("OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "WINDOW"),
}
OWN_SCHEMAS = ("", "main")

Names = frozenset[str]


def check_sql(connection: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str], longest: int) -> None:
    """Raise Refused, with the reason, unless `sql` is a single SELECT on `tables` and known functions.

    `connection` is only used for its parser: nothing of the statement is run.
    """
    try:
        statement = _parsed(connection, sql, longest)
        _check(statement["node"], frozenset(name.lower() for name in tables))
    except RecursionError as error:
        raise _refused("it is nested too deeply") from error


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str, longest: int) -> dict[str, Any]:
    if len(sql) > longest:
        raise _refused(f"it has {len(sql):,} characters; {longest:,} are the most")
    if "\x00" in sql or any("\ud800" <= c <= "\udfff" for c in sql):
        raise _refused("it holds characters that are no text")
    asked = "select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true)"
    row = connection.execute(asked, [sql]).fetchone()
    reply: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if reply["error"]:
        raise _refused(_fault(reply))
    if len(reply.get("statements", ())) != 1:
        raise _refused("it must be exactly one statement")
    if reply["statements"][0].get("named_param_map"):
        raise _refused("it has parameters, which have no values here")
    statement: dict[str, Any] = reply["statements"][0]
    return statement


def _fault(reply: Mapping[str, Any]) -> str:
    if reply.get("error_type") == "not implemented":
        return "only SELECT is allowed"
    lines = str(reply.get("error_message", "")).splitlines()
    return f"it is not valid SQL ({lines[0][:300] if lines else 'no statement'})"


def _refused(reason: str) -> Refused:
    return Refused(
        f"This SQL was not run: {reason}. Nothing was changed: write one SELECT on the attached tables."
    )


def _check(part: Any, known: Names) -> None:
    """Raise Refused for the first part of the tree that is not allowed; `known` are the tables in scope."""
    if isinstance(part, list):
        for item in part:
            _check(item, known)
    elif isinstance(part, dict):
        known = _with_ctes(part, known)
        if "class" in part:
            _check_expression(part)
        elif isinstance(part.get("type"), str):
            _check_source(part, known)
        if part.get("type") == "TABLE_FUNCTION":
            part = part["function"].get("children", [])
        for key, value in part.items() if isinstance(part, dict) else [("", part)]:
            if key not in ("cte_map", "value"):  # the first is checked above, the second is a constant
                _check(value, known)


def _with_ctes(part: Mapping[str, Any], known: Names) -> Names:
    """The tables in scope inside a node: those outside and its own common table expressions, in their order.

    Each expression is checked with those before it alone, so that none hides a system table from itself.
    """
    for entry in part.get("cte_map", {}).get("map", ()):
        _check(entry["value"], known)
        known = known | {entry["key"].lower()}
    if part.get("type") == "RECURSIVE_CTE_NODE":
        known = known | {part["cte_name"].lower()}
    return known


def _check_expression(part: Mapping[str, Any]) -> None:
    if part["class"] not in EXPRESSIONS:
        raise _refused(f"{part['class'].lower()} expressions are not allowed")
    if "function_name" in part:
        _check_function(part, FUNCTIONS)
    if part["class"] == "CAST" and "TIME ZONE" in str(part["cast_type"].get("id")):
        raise _refused("times with a zone are not allowed; times here are plain timestamps")


def _check_function(part: Mapping[str, Any], allowed: Collection[str]) -> None:
    name = part["function_name"]
    if name.lower() not in allowed or part.get("schema", "") not in OWN_SCHEMAS or part.get("catalog"):
        raise _refused(f"the function “{name[:60]}” is not allowed")


def _check_source(part: Mapping[str, Any], known: Names) -> None:
    kind = part["type"]
    if kind not in NODES | SOURCES | PARTS | ORDERS and not kind.endswith("_TYPE_INFO"):
        raise _refused(f"{kind.removesuffix('_REF').lower()} is not allowed")
    if kind == "TABLE_FUNCTION":
        _check_function(part["function"], TABLE_FUNCTIONS)
    if kind == "BASE_TABLE":
        _check_table(part, known)


def _check_table(part: Mapping[str, Any], known: Names) -> None:
    name = part["table_name"]
    foreign = (
        part.get("schema_name", "") not in OWN_SCHEMAS or part.get("catalog_name") or part.get("at_clause")
    )
    if foreign or name.lower() not in known:
        raise _refused(f"there is no attached table “{name[:60]}”")
