"""Fixtures of the client's tests."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import genai_prices  # noqa: F401 - imported late by the client; here, so that no deadline pays for it
import openai  # noqa: F401
import pytest

import agents.llm.transport  # noqa: F401
from agents.llm.build import build_client
from agents.llm.providers import Provider
from storage.db import Store
from storage.journal import Journal
from storage.sessions import DiskConvenience
from tests.agents.llm.kit import FastClock, World
from tests.servers.chat_server import ChatServer

MakeWorld = Callable[..., World]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


@pytest.fixture
def other_server() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes a client for a chain of providers on a store of its own."""
    worlds: list[World] = []
    caches: list[DiskConvenience] = []

    def make(*providers: Provider) -> World:
        store = Store.open(tmp_path / "whytree.duckdb")
        journal = Journal.open(tmp_path / "journal.sqlite")
        cache = DiskConvenience(tmp_path / "replies")
        clock = FastClock()
        client = build_client(store, journal, cache, providers, clock, random.Random(7))
        worlds.append(World(client, store, journal, clock, tmp_path))
        caches.append(cache)
        return worlds[-1]

    yield make
    for world, cache in zip(worlds, caches, strict=True):
        world.client.close()
        world.store.close()
        world.journal.close()
        cache.close()
