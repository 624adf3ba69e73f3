"""The errors a person may read: each text says what happened, what is safe and what to do."""

from storage.errors import StoreError


class WhytreeError(Exception):
    """Base of every error that is shown to a person as it stands."""


class BadInput(WhytreeError):
    """What was sent cannot be used; nothing was changed."""


class NotFound(WhytreeError):
    """What was asked for does not exist in this store."""


class Stale(WhytreeError):
    """The page that sent this had not seen the latest change; nothing was changed."""


class Refused(WhytreeError):
    """A rule, a limit or a budget forbids it; nothing was changed."""


class StepFailed(WhytreeError):
    """A step of a run could not finish; the run keeps the error and everything before it."""


class ModelFailed(StepFailed):
    """No provider gave a usable reply; every attempt is on record."""


READABLE = (WhytreeError, StoreError)
"""Everything whose text may be shown to a person."""
