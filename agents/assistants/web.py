"""Search of the web, off by default: Tavily with a key, or Wikipedia without one as best effort."""

import contextlib
import html
import json
import re
import time
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
"""For the whole search; a server that sends a byte now and then does not prolong it."""
RESULTS = 5
LONGEST = 1_500
"""Characters of one result."""
LONGEST_QUERY = 300
LARGEST = 2_000_000
"""Bytes of a reply that are read."""
FAILED = "The web could not be searched, so nothing from it is in the answer."
NOTHING = "The web was searched and nothing was found."
BROKEN = (
    *(httpx2.HTTPError, httpx2.InvalidURL),
    *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
)
"""What a search that fails, or a reply in no known form, raises."""

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
    seconds: float = TIMEOUT_S

    @classmethod
    def of(cls, settings: Settings) -> "WebSearch | None":
        """The search that the settings switch on, or None."""
        if settings.tavily_key and settings.tavily_key.get_secret_value():
            return cls(settings.tavily_key, settings.web_address)
        return cls(None, settings.web_address) if settings.web_search else None

    def find(self, query: str) -> Sequence[Page] | None:
        """The best pages, or None when the search failed, which a person is told."""
        query = " ".join(query.split())[:LONGEST_QUERY]
        try:
            with httpx2.Client(timeout=self.seconds, follow_redirects=False) as client:
                pages = self._tavily(client, query) if self.key else self._wikipedia(client, query)
        except BROKEN as error:
            log.warning("web search failed", error=type(error).__name__)
            return None
        usable = [page for page in pages if page.text and page.address.startswith(("https://", "http://"))]
        return usable[:RESULTS]

    def _tavily(self, client: httpx2.Client, query: str) -> list[Page]:
        key = self.key.get_secret_value() if self.key else ""
        request = client.build_request(
            "POST",
            self.address or TAVILY,
            json={"query": query, "max_results": RESULTS},
            headers={"Authorization": f"Bearer {key}"},
        )
        results = self._reply(client, request)["results"]
        return [_page(item["title"], item["url"], item["content"]) for item in results]

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
        request = client.build_request("GET", self.address or WIKIPEDIA, params=asked, headers=headers)
        found = self._reply(client, request).get("query", {}).get("pages", {})
        ordered = sorted(found.values(), key=lambda item: item.get("index", 0))
        return [_page(item["title"], item["fullurl"], item.get("extract", "")) for item in ordered]

    def _reply(self, client: httpx2.Client, request: httpx2.Request) -> dict[str, Any]:
        """The reply's object, read within the time and up to the size that are allowed."""
        ends = time.monotonic() + self.seconds
        data = bytearray()
        response = client.send(request, stream=True)
        with contextlib.closing(response):
            response.raise_for_status()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > LARGEST or time.monotonic() > ends:
                    raise ValueError("the reply is too large or too slow")
        value = json.loads(data)
        if not isinstance(value, dict):
            raise ValueError("the reply is no object")
        return value


def _page(title: str, address: str, text: str) -> Page:
    """A result as plain text, without markup and what cannot be stored."""
    plain = html.unescape(re.sub(r"<[^>]{0,200}>", " ", text))
    return Page(_kept(str(title), 200), _kept(str(address), 500), _kept(plain, LONGEST))


def _kept(text: str, longest: int) -> str:
    """On one line, without what no store can keep."""
    whole = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(whole.split())[:longest]
