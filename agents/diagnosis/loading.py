"""Reads playbooks from YAML; a broken one is refused with file, line, field and reason."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.diagnosis.playbook import Place, Playbook
from agents.errors import BadInput

SHIPPED = Path(__file__).parent / "playbooks"
LARGEST_FILE = 1_000_000
"""Bytes; a playbook is some 30 kB."""
DEEPEST = 40
"""Levels of nesting."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there: ten times as fast."""

_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null"})


@dataclass(frozen=True)
class Refusal:
    """Why one file was not loaded."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        """One sentence with the place."""
        where = f", field {self.field}" if self.field else ""
        return f"{self.file}, line {self.line}{where}: {self.reason}"


class BrokenPlaybook(BadInput):
    """A playbook file that cannot be used; `refusals` names every place."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(map(str, refusals)))
        self.refusals = refusals


@dataclass(frozen=True)
class Library:
    """All playbooks that could be loaded, and what was refused."""

    playbooks: dict[str, Playbook]
    refused: tuple[Refusal, ...]


def load(file: Path) -> Playbook:
    """One playbook; raises BrokenPlaybook naming file, line, field and reason of every fault."""
    text = _read(file)
    root = _compose(file, text)
    lines: dict[Place, int] = {}
    data = _plain(file, root, (), lines)
    try:
        return Playbook.model_validate(data)
    except ValidationError as error:
        found = tuple(_refusal(file, fault, lines) for fault in error.errors() if not _follows(fault))
        raise BrokenPlaybook(found) from error


def load_library(own: Path | None) -> Library:
    """The shipped playbooks and those of the folder `own`; an own one replaces a shipped one of its id."""
    shipped = _shipped()
    if own is None:
        return shipped
    playbooks, refused = dict(shipped.playbooks), list(shipped.refused)
    if not own.is_dir():
        refused.append(Refusal(str(own), 0, "", "this folder for own playbooks does not exist"))
        return Library(playbooks, tuple(refused))
    found = _load_all(own)
    return Library(playbooks | found.playbooks, tuple(refused) + found.refused)


@lru_cache(maxsize=1)
def _shipped() -> Library:
    return _load_all(SHIPPED)


def _load_all(folder: Path) -> Library:
    playbooks: dict[str, Playbook] = {}
    refused: list[Refusal] = []
    for file in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            playbook = load(file)
        except BrokenPlaybook as error:
            refused.extend(error.refusals)
            continue
        if playbook.id in playbooks:
            refused.append(Refusal(file.name, 1, "id", f"the id {playbook.id} is used by another file here"))
            continue
        playbooks[playbook.id] = playbook
    return Library(playbooks, tuple(refused))


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise _broken(file, 0, "", f"the file is larger than {LARGEST_FILE:,} bytes")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(file, 0, "", f"the file cannot be read as text ({error})") from error


def _compose(file: Path, text: str) -> yaml.Node:
    try:
        _check_events(file, text)
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _broken(file, line, "", f"not valid YAML: {error.problem or error}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _broken(file, line, "", f"not valid YAML: {error.reason}") from error
    except yaml.YAMLError as error:
        raise _broken(file, 1, "", f"not valid YAML: {error}") from error
    if root is None:
        raise _broken(file, 1, "", "the file is empty")
    return root


def _check_events(file: Path, text: str) -> None:
    """Refuse aliases and deep nesting before anything is built of them."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _broken(file, line, "", "aliases are not allowed here")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _broken(file, line, "", f"more than {DEEPEST} levels of nesting")


def _plain(file: Path, node: yaml.Node, place: Place, lines: dict[Place, int]) -> object:
    """The node as plain data; fills `lines` with the line of every place and refuses repeated keys."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        data: dict[object, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in data:
                raise _broken(file, key_node.start_mark.line + 1, key, "this key appears twice")
            data[key] = _plain(file, value_node, (*place, key), lines)
        return data
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, item, (*place, index), lines) for index, item in enumerate(node.value)]
    return _scalar(file, node)


def _scalar(file: Path, node: yaml.Node) -> object:
    if node.tag not in _NUMBERS:  # `yes`, `on` and dates stay the text they are: no field wants another type
        return node.value
    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise _broken(file, node.start_mark.line + 1, "", f"a value cannot be read: {error}") from error


def _follows(fault: ErrorDetails) -> bool:
    """Whether a list only counts as too short because parts of it are refused, each by a fault of its own."""
    given = fault["input"]
    return (
        fault["type"] == "too_short"
        and isinstance(given, list)
        and len(given) >= fault.get("ctx", {}).get("min_length", 0)
    )


def _refusal(file: Path, fault: ErrorDetails, lines: dict[Place, int]) -> Refusal:
    place: Place = (*fault["loc"], *fault.get("ctx", {}).get("place", ()))
    nearest = place
    while nearest and nearest not in lines:
        nearest = nearest[:-1]
    reason = fault["msg"].removeprefix("Value error, ")
    return Refusal(file.name, lines.get(nearest, 1), ".".join(map(str, place)), reason)


def _broken(file: Path, line: int, field: str, reason: str) -> BrokenPlaybook:
    return BrokenPlaybook((Refusal(file.name, line, field, reason),))
