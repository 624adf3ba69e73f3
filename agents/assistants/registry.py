"""Every agent the router can hand a task to. A new one is one file beside this and one entry here."""

from collections.abc import Mapping

from agents.assistants import code, compare, content, data, diagnose, email, general, summary, translate
from agents.assistants.persona import load_personas
from agents.assistants.task import Agent
from agents.errors import BadInput

_ALL = (
    diagnose.AGENT,
    data.AGENT,
    content.AGENT,
    code.AGENT,
    summary.AGENT,
    translate.AGENT,
    email.AGENT,
    compare.AGENT,
    *load_personas(),
    general.AGENT,
)
AGENTS: Mapping[str, Agent] = {agent.id: agent for agent in _ALL}
"""By the router's label, in the order in which they are listed."""


def known(agent_id: str) -> Agent:
    """The agent; BadInput when there is none."""
    if agent_id not in AGENTS:
        raise BadInput(f"There is no agent “{agent_id[:40]}”. Nothing was changed: choose one of the list.")
    return AGENTS[agent_id]
