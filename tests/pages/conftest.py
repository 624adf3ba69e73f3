"""Pages on a workbench of their own: its settings are put in the place of the server's."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.components.v2 import manifest_scanner

from agents.settings import Settings
from agents.workbench import Workbench
from pages.ui import services
from tests.pages.screen import Screen

See = Callable[..., Screen]


@pytest.fixture(autouse=True, scope="session")
def no_component_packages() -> Iterator[None]:
    """Streamlit looks through every installed package at each first drawing; the app has no such parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
        yield


@pytest.fixture
def served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The settings that the pages open their workbench with; it is closed at the end."""
    services.shut_down()
    monkeypatch.setattr(services, "settings", lambda: settings)
    yield settings
    services.shut_down()


@pytest.fixture
def bench(served: Settings) -> Workbench:
    """The workbench that the pages use."""
    return services.workbench()


@pytest.fixture
def see(served: Settings) -> See:
    """Opens the page in a browser session of its own."""
    return lambda run_id=None: Screen().open(run_id)
