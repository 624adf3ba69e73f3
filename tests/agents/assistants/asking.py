"""What the agents' tests share."""

from typing import Any

import plotly.data

from agents.assistants.board import TurnView
from agents.data.attachment import Attachment
from agents.workbench import Workbench
from tests.servers.chat_server import ChatServer


def ask(bench: Workbench, text: str, agent: str, *files: Attachment, **how: Any) -> TurnView:
    """One turn, waited for."""
    run_id = bench.conversations.send(text, agent=agent, attachments=files, **how)
    return bench.conversations.settle(run_id, 60)


def tips() -> Attachment:
    """A real table."""
    return Attachment("tips.csv", plotly.data.tips().to_csv(index=False).encode())


def prompts(model: ChatServer) -> list[str]:
    """The last message of every request."""
    return [request.body["messages"][-1]["content"] for request in model.requests]
