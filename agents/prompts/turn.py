"""A further turn of a conversation: only a variable part, behind messages that were already sent.

The earlier messages stay word for word in front, so that a provider's prompt cache hits.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from agents.prompts.prompt import FilledPrompt, Prompt, PromptError

LAYOUT = re.compile(r"\A---\n(.*?)\n---\n\s*# User\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Turn:
    """One turn file, checked."""

    prompt: Prompt

    def after(self, earlier: FilledPrompt, values: Mapping[str, str]) -> FilledPrompt:
        """This turn behind the messages of an earlier prompt; raises PromptError as `Prompt.fill` does."""
        own = self.prompt.fill(values)
        messages = (*earlier.messages, own.messages[-1])
        return FilledPrompt(own.name, own.version, messages, own.temperature, own.max_output_tokens)


def load_turn(file: Path) -> Turn:
    """Read and check a turn's file; raises PromptError naming what is wrong."""
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    found = LAYOUT.match(text)
    if not found:
        raise PromptError(f"The turn file {file} needs front matter between --- lines, then `# User`.")
    settings = yaml.safe_load(found[1])
    user = found[2].strip()
    variables = frozenset(settings.get("variables") or ())
    placed = frozenset(re.findall(r"\{\{\s*(\w+)\s*\}\}", user))
    if variables != placed:
        names = ", ".join(sorted(variables ^ placed))
        raise PromptError(f"The turn file {file} declares and uses different variables: {names}.")
    tokens = int(settings.get("max_output_tokens", 2000))
    return Turn(
        Prompt(file.stem, hashlib.sha256(text.encode()).hexdigest()[:12], "", user, variables, 0.0, tokens)
    )
