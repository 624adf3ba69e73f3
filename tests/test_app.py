"""The real server: its health, its headers on whatever it serves, who may talk to it, a first deep link."""

import http.client
import socket
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from agents.settings import Settings
from agents.workbench import Workbench
from benchmarks.server import Server
from benchmarks.session import Session
from pages.ui.security import FOREIGN_NAME

COMPLAINT = "Our sales dropped 20 % this quarter, mostly in the north"
STREAM = "/_stcore/stream"
PROTOCOL = Subprotocol("streamlit")
DIRECTIVES = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class Fresh:
    """A server that nobody has visited yet, with one run waiting in its store."""

    def __init__(self, server: Server, run_id: str, question: str) -> None:
        self.server, self.run_id, self.question = server, run_id, question

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """The answer to a request, with its body read."""
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """A running server over a store that another process filled."""
    folder = tmp_path_factory.mktemp("data")
    bench = Workbench.open(Settings(data=folder, environment="test"))
    run_id = bench.start(COMPLAINT)
    bench.confirm(run_id, bench.view(run_id).seq, "sales_fall")
    question = bench.view(run_id).questions[0].text
    bench.close()
    with Server(folder, environment={"WHYTREE_ENVIRONMENT": "test"}) as server:
        yield Fresh(server, run_id, question)


def test_the_first_visitor_of_a_server_may_come_by_a_link_to_a_run(fresh: Fresh) -> None:
    with Session(fresh.server.port, f"run={fresh.run_id}") as session:
        session.open()
        assert fresh.question in session.texts().replace("\\", "")
        assert session.pages[0] == "Diagnose"
        assert not [title for title in session.pages if title.islower()]  # bare file names


def test_the_server_says_that_it_is_healthy(fresh: Fresh) -> None:
    answer = fresh.get("/_stcore/health")
    assert (answer.status, answer.body) == (200, b"ok")


def served(fresh: Fresh, but: str = "") -> list[str]:
    """Paths of every kind that the server answers."""
    script = fresh.get("/").body.decode().split('src="./')[1].split('"')[0]
    found = ["/", f"/?run={fresh.run_id}", f"/{script}", "/_stcore/health", "/media/none.png", "/no/page"]
    return [path for path in found if path != but]


def policy_of(answer: http.client.HTTPResponse) -> dict[str, str]:
    """The content security policy by directive."""
    (policy,) = answer.msg.get_all("content-security-policy", [])
    return dict(directive.split(" ", 1) for directive in policy.split("; "))


def test_everything_that_is_served_carries_the_headers_that_keep_text_from_loading_or_running(
    fresh: Fresh,
) -> None:
    for path in served(fresh):
        answer = fresh.get(path)
        policy = policy_of(answer)
        assert {name: policy.get(name) for name in DIRECTIVES} == DIRECTIVES, path
        assert "'unsafe-inline'" not in policy["script-src"]
        assert "http" not in policy["script-src"]
        assert answer.getheader("x-content-type-options") == "nosniff", path
        assert answer.getheader("x-frame-options") == "DENY", path
        assert answer.getheader("referrer-policy") == "no-referrer", path


def test_static_files_are_served_with_their_type(fresh: Fresh) -> None:
    script = next(path for path in served(fresh) if path.endswith(".js"))
    answer = fresh.get(script)
    assert answer.status == 200
    assert "javascript" in answer.getheader("content-type", "")


HOSTS = ["evil.example", "localhost.evil.example", "203.0.113.7"]


@pytest.mark.parametrize("host", HOSTS)
def test_no_session_opens_under_a_foreign_host_name(fresh: Fresh, host: str) -> None:
    with (
        socket.create_connection(("localhost", fresh.server.port), timeout=20) as line,
        pytest.raises(InvalidStatus),
        connect(f"ws://{host}:{fresh.server.port}{STREAM}", sock=line, subprotocols=[PROTOCOL]),
    ):
        pass


@pytest.mark.parametrize("host", [*HOSTS, "", "localhost@evil.example"])
def test_a_foreign_host_name_is_served_a_sentence_and_nothing_of_the_app(fresh: Fresh, host: str) -> None:
    for path in served(fresh, but="/_stcore/health"):
        answer = fresh.get(path, Host=host)
        assert (answer.status, answer.body) == (421, FOREIGN_NAME.encode()), path
        assert policy_of(answer)["default-src"] == "'self'"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST."])
def test_the_machine_s_own_names_are_served_the_page(fresh: Fresh, host: str) -> None:
    answer = fresh.get("/", Host=host)
    assert answer.status == 200
    assert b"<script" in answer.body


def test_health_is_told_to_a_probe_that_knows_only_the_address(fresh: Fresh) -> None:
    assert fresh.get("/_stcore/health", Host="203.0.113.7:8501").body == b"ok"


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example"])
def test_a_page_of_another_site_cannot_open_a_session(fresh: Fresh, origin: str) -> None:
    address = f"ws://localhost:{fresh.server.port}{STREAM}"
    with pytest.raises(InvalidStatus), connect(address, origin=Origin(origin), subprotocols=[PROTOCOL]):
        pass


def test_this_machine_may_open_a_session_under_its_own_names(fresh: Fresh) -> None:
    for name in ("localhost", "127.0.0.1"):
        port = fresh.server.port
        with connect(
            f"ws://{name}:{port}{STREAM}", origin=Origin(f"http://{name}:{port}"), subprotocols=[PROTOCOL]
        ):
            pass


def test_the_data_folder_is_closed_to_other_users_of_the_machine(fresh: Fresh) -> None:
    made = fresh.server.data / "convenience"
    assert made.stat().st_mode & 0o077 == 0
