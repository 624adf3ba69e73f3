"""What can go wrong in one attempt, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from agents.llm.words import cleaned_words


class Kind(StrEnum):
    """Kinds of fault; the value stands in `calls.error_type`."""

    UNREACHABLE = "unreachable"
    CONNECTION_LOST = "connection_lost"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    AUTH = "auth"
    NO_CREDIT = "no_credit"
    MODEL_NOT_FOUND = "model_not_found"
    BAD_REQUEST = "bad_request"
    NOT_A_REPLY = "not_a_reply"
    TOO_LARGE = "too_large"
    CUT = "cut"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    BAD_JSON = "bad_json"
    WRONG_SHAPE = "wrong_shape"
    UNUSABLE_TEXT = "unusable_text"
    KEY_IN_REPLY = "key_in_reply"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Policy:
    """What follows from a kind of fault."""

    clause: str
    """Completes the sentence that starts with the provider's name."""
    health: Literal["failed", "locked_out", "healthy", "unknown"]
    """What it tells the breaker: `locked_out` opens it at once, `unknown` tells nothing."""
    then: Literal["retry", "repair", "next", "stop"] = "next"
    """Ask again, ask the model to correct itself, ask the next provider, or end the call."""
    billed: bool = False
    """Whether the provider is likely to charge for it."""


POLICIES: Mapping[Kind, Policy] = {
    Kind.UNREACHABLE: Policy("could not be reached", "failed", "retry"),
    Kind.CONNECTION_LOST: Policy(
        "broke off the connection in the middle of its reply", "failed", "retry", True
    ),
    Kind.TIMEOUT: Policy("did not finish its reply in time", "failed", "retry", True),
    Kind.RATE_LIMITED: Policy("asked for fewer requests", "failed", "retry"),
    Kind.SERVER_ERROR: Policy("reported a fault of its own", "failed", "retry"),
    Kind.AUTH: Policy("refused the key", "locked_out"),
    Kind.NO_CREDIT: Policy("has no credit left for this key", "locked_out"),
    Kind.MODEL_NOT_FOUND: Policy("has no such model, or no such address", "healthy"),
    Kind.BAD_REQUEST: Policy("refused the request", "healthy"),
    Kind.NOT_A_REPLY: Policy(
        "sent something that is no reply of a model, such as a web page or damaged bytes", "failed", "retry"
    ),
    Kind.TOO_LARGE: Policy("sent more than a reply may hold, which was thrown away", "failed", billed=True),
    Kind.CUT: Policy("stopped before the end of its reply", "failed", "retry", True),
    Kind.EMPTY: Policy("sent an empty reply", "healthy", "retry", True),
    Kind.TRUNCATED: Policy("was cut off by the limit on the length of a reply", "healthy", billed=True),
    Kind.REFUSAL: Policy("declined to answer", "healthy", "stop", True),
    Kind.CONTENT_FILTER: Policy("withheld its reply because of a content filter", "healthy", "stop", True),
    Kind.BAD_JSON: Policy("sent a reply that is no valid JSON", "healthy", "repair", True),
    Kind.WRONG_SHAPE: Policy("sent a reply of another form than was asked for", "healthy", "repair", True),
    Kind.UNUSABLE_TEXT: Policy(
        "sent characters or numbers that cannot be kept as they are", "healthy", "repair", True
    ),
    Kind.KEY_IN_REPLY: Policy(
        "sent a reply with an access key in it, which was thrown away", "healthy", billed=True
    ),
    Kind.CANCELLED: Policy("was interrupted because the call was cancelled", "unknown", "stop", True),
}


class Fault(Exception):
    """An attempt failed; stays inside this package."""

    def __init__(
        self,
        kind: Kind,
        *,
        http_status: int | None = None,
        retry_after_s: float | None = None,
        words: str = "",
        parameter: str = "",
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.http_status = http_status
        self.retry_after_s = retry_after_s
        """What the provider asks for; None when it does not say."""
        self.words = words
        """What the provider or the validator said, cleaned and cut; may be empty."""
        self.parameter = parameter
        """The parameter a provider complained about; may be empty."""
        self.said = ""
        """What the model had said, for a turn in which it corrects itself."""

    @property
    def policy(self) -> Policy:
        """What follows from this fault."""
        return POLICIES[self.kind]

    def clause(self) -> str:
        """Completes the sentence that starts with the provider's name."""
        status = f" (HTTP {self.http_status})" if self.http_status and self.http_status != 200 else ""
        wait = f", and to wait {self.retry_after_s:.0f} s" if self.retry_after_s else ""
        quoted = f": “{cleaned_words(self.words, 200)}”" if self.words and self.kind in QUOTED else ""
        return f"{self.policy.clause}{status}{wait}{quoted}"


QUOTED = {Kind.BAD_REQUEST, Kind.MODEL_NOT_FOUND, Kind.WRONG_SHAPE, Kind.BAD_JSON}
"""Kinds whose words help the reader; an answer to a wrong key may hold the key, so it is not quoted."""


def clause_of(error_type: str | None) -> str:
    """What a provider did, from a row's `error_type`; completes the sentence that starts with its name."""
    known = {kind.value: policy.clause for kind, policy in POLICIES.items()}
    return known.get(error_type or "", str(error_type))
