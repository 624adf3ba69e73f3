"""DBOS without pickle: a row that claims to be pickled is refused, whoever wrote it.

DBOS unpickles such a row whatever serializer it was configured with, so a planted one would run code.
"""

from typing import Any, NoReturn

from dbos import _serialization
from dbos._serialization import DBOSPortableJSON

JSON = DBOSPortableJSON
"""What our own rows are written with."""


def refuse() -> None:
    """Hold for the rest of the process; the tests fail if this ever stops working."""
    _serialization.DefaultSerializer.deserialize = _refused  # type: ignore[assignment, method-assign]


def _refused(_: Any, serialized_data: str) -> NoReturn:
    raise ValueError(f"a pickled value of {len(serialized_data)} characters was refused")
