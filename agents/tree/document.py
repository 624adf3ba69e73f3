"""Trees as JSON text: the exchange format, read strictly and written so that it reads back the same.

The format is the JSON of `ProblemTree`, whose schema `python -m agents.tree.document` prints: nested nodes,
each with its own id. A node is written where it belongs and nowhere else; references (`$ref`, ids in place
of nodes) are refused, so a document cannot hold a cycle. Fields left out take their defaults; fields the
format does not know are refused. An export wraps the document in an envelope, which is read as well. Every
refusal is a `BadInput` that names the place, such as `root.children[2].leaf.belief`.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.errors import BadInput
from agents.tree.model import MAX_DEPTH, MAX_NODES, ProblemTree, short_place

ENVELOPE = "whytree tree"
"""The `format` of an export, whose `tree` is the document."""
MAX_CHARACTERS = 8_000_000
_MAX_NESTING = 2 * MAX_DEPTH + 10
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_KEPT = "The tree at hand stays as it was."


def load_tree(json_text: str) -> ProblemTree:
    """Read a tree from JSON text; `BadInput` says where it cannot be read."""
    return tree_from(_parse(json_text))


def tree_from(data: object) -> ProblemTree:
    """Check an already parsed document and turn it into a tree; `BadInput` says where it cannot be."""
    data = _unwrapped(data)
    if not isinstance(data, dict):
        _refuse("the document", "must be a JSON object that describes one tree")
    _refuse_references(data)
    try:
        return ProblemTree.model_validate_json(json.dumps(data, ensure_ascii=False).encode(), strict=True)
    except UnicodeEncodeError:
        _refuse(
            "the document", "holds half of a character pair (a lone surrogate), which is not Unicode text"
        )
    except RecursionError:
        _refuse("the document", "nests too deep to be read")
    except ValidationError as error:
        _refuse(*_place_and_fault(error.errors()[0]))


def _unwrapped(data: object) -> object:
    """The tree inside an export's envelope, which also says when it was made and from which version."""
    if not isinstance(data, dict) or data.get("format") != ENVELOPE:
        return data
    for name in data:
        if name not in ("format", "version", "made_at", "tree"):
            _refuse(name, "is a field this format does not know")
    return data.get("tree")


def dump_tree(tree: ProblemTree) -> str:
    """The tree as JSON text, indented; `load_tree` gives the same tree back."""
    return tree.model_dump_json(indent=2, exclude_none=True)


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, with a description of every field's limits."""
    return ProblemTree.model_json_schema()


def main() -> None:
    """Print the JSON Schema of the document."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))


def _refuse(place: str, fault: str) -> NoReturn:
    raise BadInput(f"This tree cannot be read: {short_place(place)} {fault}. {_KEPT}") from None


def _parse(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        _refuse("the document", f"is longer than {MAX_CHARACTERS:,} characters")
    _refuse_deep(text)
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(f"line {error.lineno}, column {error.colno}", f"is not JSON ({error.msg})")
    except ValueError:
        _refuse("the document", "holds a number with more digits than a number can have")


def _refuse_deep(text: str) -> None:
    """Count brackets outside strings, since the parser itself fails on deep nesting."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match.group() in "[{":
            depth += 1
            if depth > _MAX_NESTING:
                line = text.count("\n", 0, match.start()) + 1
                _refuse(f"line {line}", f"nests deeper than the {MAX_DEPTH} levels a tree may have")
        elif match.group() in "]}":
            depth -= 1


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            _refuse(f"the object with the field {name!r}", "has that field twice")
        fields[name] = value
    return fields


def _no_constant(name: str) -> NoReturn:
    _refuse("the document", f"holds {name}, which is not a number JSON knows")


def _refuse_references(data: dict[str, Any]) -> None:
    """Refuse nodes given by reference, and more nodes than a tree may have, before anything is built."""
    count = 0
    waiting: list[tuple[object, str]] = [(data.get("root"), "root")]
    while waiting:
        node, place = waiting.pop()
        count += 1
        if count > MAX_NODES:
            _refuse("the document", f"has more than the {MAX_NODES:,} nodes a tree may have")
        if isinstance(node, str) or (isinstance(node, dict) and "$ref" in node):
            _refuse(
                place, "refers to a node that is written elsewhere; write each node once, where it belongs"
            )
        children = node.get("children") if isinstance(node, dict) else None
        if isinstance(children, list):
            waiting += [(child, f"{place}.children[{i}]") for i, child in enumerate(children)]


def _place_and_fault(error: ErrorDetails) -> tuple[str, str]:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    fault = _FAULTS.get(error["type"], "").format_map(_Context(error.get("ctx", {}))) or error["msg"]
    if error["type"] == "value_error":
        fault = str(error.get("ctx", {}).get("error", error["msg"]))
        return (place, fault) if place else ("the document", f"is not sound: {fault}")
    return place or "the document", f"is wrong: {fault}" if error["type"] not in _FAULTS else fault


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


_FAULTS = {
    "extra_forbidden": "is a field this format does not know",
    "missing": "is missing",
    "string_type": "must be text",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "literal_error": "must be {expected}",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is not an id (letters, digits and _ . : - only, first a letter or digit)",
    "string_unicode": "holds characters that are not Unicode text",
}


if __name__ == "__main__":
    main()
