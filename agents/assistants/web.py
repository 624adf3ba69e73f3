"""Search of the web, off by default: Tavily with a key, or Wikipedia without one as best effort."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import structlog
from pydantic import SecretStr

from agents.settings import Settings

TAVILY = "https://api.tavily.com/search"
WIKIPEDIA = "https://en.wikipedia.org/w/api.php"
TIMEOUT_S = 10.0
RESULTS = 5
LONGEST = 1_500
"""Characters of one result."""
LONGEST_QUERY = 300
LARGEST = 2_000_000
"""Bytes of a reply that are read."""
FAILED = "The web could not be searched, so nothing from it is in the answer."

log = structlog.get_logger()


@dataclass(frozen=True)
class Page:
    """One result."""

    title: str
    address: str
    text: str


@dataclass(frozen=True)
class WebSearch:
    """Where to search; safe to share between threads."""

    key: SecretStr | None = None
    address: str | None = None
    """None: Tavily's with a key, Wikipedia's without."""

    @classmethod
    def of(cls, settings: Settings) -> "WebSearch | None":
        """The search that the settings switch on, or None."""
        if settings.tavily_key and settings.tavily_key.get_secret_value():
            return cls(settings.tavily_key)
        return cls() if settings.web_search else None

    def find(self, query: str) -> Sequence[Page] | None:
        """The best pages, or None when the search failed, which a person is told."""
        query = " ".join(query.split())[:LONGEST_QUERY]
        try:
            with httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
                pages = self._tavily(client, query) if self.key else self._wikipedia(client, query)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("web search failed", error=type(error).__name__)
            return None
        return [page for page in pages if page.text and page.address.startswith(("https://", "http://"))]

    def _tavily(self, client: httpx2.Client, query: str) -> list[Page]:
        key = self.key.get_secret_value() if self.key else ""
        body = {"query": query, "max_results": RESULTS}
        response = client.post(self.address or TAVILY, json=body, headers={"Authorization": f"Bearer {key}"})
        return [_page(item["title"], item["url"], item["content"]) for item in _read(response)["results"]]

    def _wikipedia(self, client: httpx2.Client, query: str) -> list[Page]:
        asked = {
            "action": "query",
            "format": "json",
            "generator": "search",
            "gsrsearch": query,
            "gsrlimit": str(RESULTS),
            "prop": "extracts|info",
            "inprop": "url",
            "exintro": "1",
            "explaintext": "1",
            "exlimit": "max",
        }
        headers = {"User-Agent": "Whytree (a workbench on somebody's own machine)"}
        response = client.get(self.address or WIKIPEDIA, params=asked, headers=headers)
        found = _read(response).get("query", {}).get("pages", {})
        ordered = sorted(found.values(), key=lambda item: item.get("index", 0))
        return [_page(item["title"], item["fullurl"], item.get("extract", "")) for item in ordered]


def _read(response: httpx2.Response) -> dict[str, Any]:
    response.raise_for_status()
    if len(response.content) > LARGEST:
        raise ValueError("the reply is too large")
    value = response.json()
    if not isinstance(value, dict):
        raise ValueError("the reply is no object")
    return value


def _page(title: str, address: str, text: str) -> Page:
    """A result as plain text, without markup and what cannot be stored."""
    plain = html.unescape(re.sub(r"<[^>]{0,200}>", " ", text))
    kept = plain.encode("utf-8", "ignore").decode().replace("\x00", "")
    return Page(str(title)[:200], str(address)[:500], " ".join(kept.split())[:LONGEST])
