"""Translation of a text, typed or attached."""

from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import TranslationAnswer
from agents.assistants.sources import attached_text
from agents.assistants.task import Agent, Task

NEEDS = (
    "Translating needs a model: connect one in Settings, then try again. Your text is kept as you wrote it."
)


class Translated(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    from_language: str
    to_language: str
    translation: str
    remarks: list[str]
    """What does not carry over; empty when everything does."""


def handle(task: Task) -> TranslationAnswer:
    """Translate."""
    speaker = task.speaker(NEEDS)
    attached, notes = attached_text(task)
    said = speaker.ask(Translated, "translate", {"request": task.text, "attached": attached})
    return TranslationAnswer(
        from_language=said.from_language,
        to_language=said.to_language,
        translation=said.translation,
        remarks=tuple(said.remarks),
        notes=notes,
    )


AGENT = Agent(
    id="translate",
    label="Translation",
    does="Translates a text into another language and says what does not carry over.",
    without_model="Needs a model.",
    examples=("Translate into German: The delivery is late.", "What does “veuillez patienter” mean?"),
    handle=handle,
)
