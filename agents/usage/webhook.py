"""Sends an alert to a webhook: one JSON document by POST, held to a deadline.

The address may hold a secret, as that of a chat room does: it stands in no sentence, log or record.
"""

import json
import threading
from urllib.parse import urlsplit

from pydantic import SecretStr

from agents.llm.clock import Clock
from agents.llm.faults import Fault, Kind
from storage.usage.alerts import Alert

DEADLINE_S = 5.0
"""Seconds from connecting to the status line; the answer itself is not read."""
ARRIVED = range(200, 300)
ICONS = {"warn": "Warning", "alert": "Alert"}


def is_address(text: str) -> bool:
    """Whether an alert could be sent there."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def document(alert: Alert) -> dict[str, object]:
    """What is sent; `text` is what chat rooms show."""
    return {
        "text": f"{ICONS[alert.level]}: {alert.sentence}",
        "alert_id": alert.alert_id,
        "rule_id": alert.rule_id,
        "level": alert.level,
        "run_id": alert.subject or None,
        "value": alert.value,
        "bound": alert.bound,
        "fired_at": f"{alert.fired_at.isoformat()}Z",
    }


def send(address: SecretStr, alert: Alert, stop: threading.Event) -> str | None:
    """Hand an alert over; None when it arrived, otherwise a sentence on what went wrong."""
    import httpcore2
    import httpx2

    from agents.llm.transport import Watch, WatchedTransport, watched

    url, clock = address.get_secret_value(), Clock()
    watch = Watch(clock, stop, clock.monotonic() + DEADLINE_S, DEADLINE_S)
    try:
        body = json.dumps(document(alert), ensure_ascii=False, allow_nan=False).encode()
        headers = {"content-type": "application/json", "user-agent": "whytree"}
        with watched(watch), WatchedTransport(url) as transport:
            # straight through the transport: a client would log the address and follow redirects
            request = httpx2.Request("POST", url, content=body, headers=headers)
            response = transport.handle_request(request)
            status = response.status_code
            response.close()
    except Fault as fault:
        if fault.kind is Kind.NOT_A_REPLY and fault.http_status in ARRIVED:
            return None
        return _sentence(fault.kind)
    except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError, OSError, ValueError):
        return "The webhook could not be reached. Check its address and the network."
    return None if status in ARRIVED else f"The webhook answered with status {status}."


def _sentence(kind: Kind) -> str:
    if kind is Kind.TIMEOUT:
        return f"The webhook did not answer within {DEADLINE_S:.0f} seconds."
    if kind is Kind.CANCELLED:
        return "Whytree was stopped before the webhook had answered."
    return "The webhook broke off the connection, or answered with what is no HTTP."
