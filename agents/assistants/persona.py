"""Personas as data: instructions, tools and a notebook per person, from the files in `personas/`.

Two steps a turn: the model says which tools it wants, from the person's words alone, of this turn and of
earlier ones; they are really called, and it answers with what they gave. Attached documents, web pages and
answers that may quote them reach no step that can call a tool.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import PersonaAnswer, ToolCall
from agents.assistants.notebook import Notebook
from agents.assistants.task import Agent, Task

FOLDER = Path(__file__).with_name("personas")
MOST_CALLS = 6
"""Tools called in one turn."""
ToolName = Literal["save_note", "list_notes", "save_goal", "list_goals"]


class Persona(BaseModel):
    """One file of `personas/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label: str
    does: str
    examples: tuple[str, ...]
    tools: tuple[ToolName, ...]
    instructions: str


class Wanted(BaseModel):
    """One tool that the model wants called."""

    model_config = ConfigDict(extra="ignore")

    tool: str
    text: str
    """What to keep; empty for lists."""


class Plan(BaseModel):
    """What the model wants done before it answers."""

    model_config = ConfigDict(extra="ignore")

    calls: list[Wanted]


def load_personas() -> tuple[Agent, ...]:
    """Every persona that ships, as an agent."""
    files = sorted(FOLDER.glob("*.yaml"))
    personas = (Persona.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)
    return tuple(_agent(persona) for persona in personas)


def _agent(persona: Persona) -> Agent:
    return Agent(
        id=persona.id,
        label=persona.label,
        does=persona.does,
        without_model="Needs a model to talk; its notes and goals can be read and taken away.",
        examples=persona.examples,
        handle=partial(_handle, persona),
        keeps_notes=bool(persona.tools),
    )


def _handle(persona: Persona, task: Task) -> PersonaAnswer:
    name = persona.label.split(",")[0]
    speaker = task.speaker(
        f"{name} needs a model to talk: connect one in Settings, then try again. "
        f"What was noted with {name} before is kept."
    )
    plan = speaker.decide(Plan, "persona_tools", {"tools": ", ".join(persona.tools), "request": task.text})
    calls = tuple(
        _call(persona, task.notebook, place, wanted) for place, wanted in enumerate(plan.calls[:MOST_CALLS])
    )
    for call in calls:
        task.note("called", call.model_dump())
    values = {
        "goals": _lines(task.notebook, "goal"),
        "notes": _lines(task.notebook, "note"),
        "results": "\n".join(f"{call.tool}: {call.result}" for call in calls) or "No tool was called.",
        "request": task.text,
    }
    return PersonaAnswer(text=speaker.write("persona", values, persona.instructions), calls=calls)


def _call(persona: Persona, notebook: Notebook, place: int, wanted: Wanted) -> ToolCall:
    tools: dict[str, Callable[[], str]] = {
        "save_note": lambda: f"Noted: {notebook.save(place, 'note', wanted.text).text}",
        "save_goal": lambda: f"Goal kept: {notebook.save(place, 'goal', wanted.text).text}",
        "list_notes": lambda: _lines(notebook, "note"),
        "list_goals": lambda: _lines(notebook, "goal"),
    }
    if wanted.tool not in persona.tools:
        return _result(wanted, "There is no such tool, so nothing was done.", exists=False)
    if wanted.tool.startswith("save") and not wanted.text.strip():
        return _result(wanted, "There was nothing to keep, so nothing was done.")
    return _result(wanted, tools[wanted.tool]())


def _result(wanted: Wanted, result: str, exists: bool = True) -> ToolCall:
    return ToolCall(tool=wanted.tool[:60], given=wanted.text, result=result, exists=exists)


def _lines(notebook: Notebook, kind: Literal["note", "goal"]) -> str:
    lines = [f"- {note.created_at:%Y-%m-%d}: {note.text}" for note in notebook.listed(kind)]
    return "\n".join(lines) or f"No {kind}s are kept yet."
