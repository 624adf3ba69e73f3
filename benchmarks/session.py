"""A browser session without a browser: speaks the app's WebSocket protocol and keeps what it was sent."""

import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

TIMEOUT_S = 30.0
LARGEST_MESSAGE = 2**26
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Session:
    """One person's tab. Every action returns the seconds until the server had sent all of its drawing."""

    def __init__(self, port: int, query: str = "", page: str = "") -> None:
        """`page` is the page's name in the address; the default is the start page."""
        self._port = port
        self.query = query
        self._page_name = page
        self._elements: dict[tuple[int, ...], Any] = {}
        self._values: dict[str, str | bool] = {}
        self._page = ""
        self.pages: list[str] = []
        """Titles in the navigation."""
        self.polls: dict[str, float] = {}
        """Fragments that the page has drawn anew by itself, with their seconds between two drawings."""
        self._open = ExitStack()
        self._socket: ClientConnection | None = None

    def __enter__(self) -> Self:
        connection = connect(
            f"ws://localhost:{self._port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"http://localhost:{self._port}"),
            max_size=LARGEST_MESSAGE,
        )
        self._socket = self._open.enter_context(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def open(self) -> float:
        """Load the page."""
        return self._rerun({})

    def poll(self, fragment_id: str) -> float:
        """Have a fragment drawn anew, as the browser does when its time is up."""
        return self._exchange(self._request({}, fragment_id))

    def type(self, key: str, text: str) -> None:
        """Put text into a field; it travels with the next click."""
        self._values[self._field(key)] = text

    def click(self, label: str) -> float:
        """Click the button with this label."""
        for widget_id, said in self.labels().items():
            if said == label:
                return self.click_key(widget_id)
        raise LookupError(f"no button {label!r}; there are {sorted(self.labels().values())}")

    def click_key(self, widget_id: str) -> float:
        """Click the button with this id."""
        return self._rerun({widget_id: True})

    def buttons(self, key_prefix: str) -> list[str]:
        """Ids of the buttons whose key starts so, in the order of the page."""
        return [widget_id for widget_id in self.labels() if _key(widget_id).startswith(key_prefix)]

    def labels(self) -> dict[str, str]:
        """What the buttons say, by id, in the order of the page."""
        return {b.id: b.label for b in self._all("button")}

    def chosen(self, key_prefix: str) -> dict[str, str]:
        """What the selection fields show whose key starts so, by key, in the order of the page."""
        fields = [field for field in self._all("selectbox") if _key(field.id).startswith(key_prefix)]
        return {_key(field.id): _choice(field) for field in fields}

    def texts(self) -> str:
        """All Markdown, messages and plain text on the page."""
        return "\n".join(part.body for kind in ("markdown", "alert", "text") for part in self._all(kind))

    def _field(self, key: str) -> str:
        fields = [*self._all("text_area"), *self._all("text_input")]
        return str(next(f.id for f in fields if _key(f.id) == key))

    def _all(self, kind: str) -> list[Any]:
        found = [(path, e) for path, e in self._elements.items() if e.WhichOneof("type") == kind]
        return [getattr(element, kind) for _, element in sorted(found, key=lambda item: item[0])]

    def _defaults(self) -> dict[str, str | bool]:
        """Values of the fields on the page as a browser sends them back untouched."""
        values: dict[str, str | bool] = {}
        for field in (*self._all("text_input"), *self._all("text_area")):
            values[field.id] = field.value if field.set_value else field.default
        for box in self._all("checkbox"):
            values[box.id] = box.value if box.set_value else box.default
        for choice in (*self._all("selectbox"), *self._all("radio")):
            if choice.set_value or choice.HasField("default"):
                values[choice.id] = _choice(choice)
        return values

    def _rerun(self, triggers: dict[str, bool]) -> float:
        self.polls = {}
        return self._exchange(self._request(triggers))

    def _exchange(self, request: BackMsg) -> float:
        """Send, and take what is drawn until the script has finished; a fragment leaves the rest as it is."""
        if self._socket is None:
            raise RuntimeError("the session is not connected")
        start = time.perf_counter()
        self._socket.send(request.SerializeToString())
        drawn: dict[tuple[int, ...], Any] = {}
        while True:
            message = ForwardMsg()
            received = self._socket.recv(timeout=TIMEOUT_S)
            message.ParseFromString(received if isinstance(received, bytes) else received.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                drawn[tuple(message.metadata.delta_path)] = message.delta.new_element
            elif kind == "auto_rerun":
                self.polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif kind == "navigation":
                self.pages = [page.page_name for page in message.navigation.app_pages]
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "script_finished" and message.script_finished in FINISHED:
                whole = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                self._elements = drawn if whole else {**self._elements, **drawn}
                return time.perf_counter() - start

    def _request(self, triggers: dict[str, bool], fragment_id: str = "") -> BackMsg:
        request = BackMsg()
        state = request.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page
        if not self._page:
            state.page_name = self._page_name
        state.fragment_id, state.is_auto_rerun = fragment_id, bool(fragment_id)
        for widget_id, value in {**self._defaults(), **self._values}.items():
            widget = state.widget_states.widgets.add()
            widget.id = widget_id
            if isinstance(value, bool):
                widget.bool_value = value
            else:
                widget.string_value = value
        for widget_id in triggers:
            widget = state.widget_states.widgets.add()
            widget.id, widget.trigger_value = widget_id, True
        return request


def _choice(field: Any) -> str:
    """What a selection shows; empty when nothing is chosen."""
    if field.set_value:
        return str(field.raw_value)
    return str(field.options[field.default]) if field.HasField("default") else ""


def _key(widget_id: str) -> str:
    """The key that the page gave a widget: ids are `$$ID-<hash>-<key>`."""
    return widget_id.split("-", 2)[2] if widget_id.count("-") >= 2 else ""
