"""F1-F4: whether the question is one question, and the problem is stated in full."""

from __future__ import annotations

import re

from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import View
from agents.tree.mece.words import content, is_blank, stem, tokens

_SECOND_QUESTION = re.compile(
    r"(?:\b(?:and|or|but)|[,;])\s+(?:why|how|what)\b|\b(?:and|or)\s+who\b", re.IGNORECASE
)
_NEEDS = re.compile(
    r"\b(?:need|needs|needed|require|requires|lack|lacks|want)\b\s+"
    r"(?:a|an|to|more|another|new|better|bigger|larger|faster|additional|extra|further)\b"
    r"|\b(?:is|are)\s+(?:a|an|another|new|better|bigger|more|additional)\b[^?]*\b(?:needed|required|necessary)\b"
    r"|\bwould\s+(?:a|an)\b|\bwe\s+(?:just|simply)\b"
)
_OUGHT = re.compile(
    r"\b(?:should|ought|shall)\b|\bmust\s+we\b|\bwe\s+(?:must|have\s+to)\b|\bdo\s+we\s+have\s+to\b"
)
_MISSING = re.compile(
    r"\b(?:is|are)\s+there\s+(?:no|still\s+no|not\s+a)\b|\bdo\s+we\s+(?:not\s+have|have\s+no|lack)\b"
    r"|\bdon't\s+we\s+(?:still\s+)?have\b"
)
_NOT_YET = re.compile(
    r"(?:\b(?:we|company|firm|board|management|team|nobody)\b[^?]{0,25}?\b(?:not|never|yet)\b"
    r"|n't\s+(?:we|the\s+(?:company|firm|board|management|team))\b"
    r"|\bnot\s+(?:we|yet)\b)(?P<rest>[^?]*)"
)
_NUMBER_WORD = re.compile(r"one|two|three|four|five|six|seven|eight|nine|ten|half|third|quarter")


def f1_one_question(view: View) -> RuleResult:
    """The root is one short question."""
    tally = Tally("F1", "")
    root, text = view.root, view.root.text.strip()
    if not text.endswith("?"):
        tally.fails(
            "error", root.id, f"{root.name} is not a question. Word it as one that ends with a question mark."
        )
    elif ";" in text or text.count("?") > 1 or _SECOND_QUESTION.search(text):
        tally.fails(
            "error",
            root.id,
            f"{root.name} asks more than one thing. Keep one question and open another tree.",
        )
    elif len(text) > 160:
        tally.fails("warning", root.id, f"The question has {len(text)} characters. Say it in at most 160.")
    else:
        tally.passes()
    return tally.result()


_FACTS = ("metric", "direction", "size", "period", "scope")


def f2_problem_stated(view: View) -> RuleResult:
    """The stated problem names metric, direction, size, period and scope."""
    tally = Tally("F2", "")
    frame = view.tree.frame
    missing = [name for name in _FACTS if is_blank(getattr(frame, name))]
    if not missing:
        tally.passes()
    elif set(missing) <= set(frame.unsaid):
        listed = _listed(missing)
        text = f"Nobody has said the problem's {listed} yet. Ask for it, and fill it in under the question."
        tally.fails("warning", None, text)
    else:
        text = f"The stated problem does not say its {_listed(missing)}. Fill that in under the question."
        tally.fails("error", None, text)
    return tally.result()


def f3_tosca(view: View) -> RuleResult:
    """Trouble as a gap, owner, success criterion, constraints and actors are stated."""
    tally = Tally("F3", "")
    frame = view.tree.frame
    missing = [
        n.replace("_", " ") for n in ("trouble", "owner", "success_criterion") if is_blank(getattr(frame, n))
    ]
    missing += [n for n in ("constraints", "actors") if all(is_blank(item) for item in getattr(frame, n))]
    if missing:
        tally.fails("warning", None, f"The frame of the question lacks {_listed(missing)}.")
    if not is_blank(frame.trouble):
        if _is_gap(frame.trouble or ""):
            tally.passes()
        else:
            tally.fails(
                "warning", None, "The trouble is not stated as a gap. Say what is and what should be."
            )
    return tally.result()


def _is_gap(trouble: str) -> bool:
    words = tokens(trouble)
    figures = sum(any(c.isdigit() for c in word) or bool(_NUMBER_WORD.fullmatch(word)) for word in words)
    if figures and "too" in words:
        return True
    return figures >= 2 or (bool(lexicon().gap_words & set(words)) and len(content(trouble)) > 1)


def f4_no_solution(view: View) -> RuleResult:
    """The question of a why-tree holds no solution."""
    tally = Tally("F4", "Only the question of a why-tree must be free of solutions.")
    if view.tree.kind != "why":
        return tally.result()
    if _holds_solution(view.root.text.casefold().replace("\u2019", "'")):
        tally.fails(
            "warning",
            view.root.id,
            f"{view.root.name} holds a solution. Ask what is wrong before what to do about it.",
        )
    else:
        tally.passes()
    return tally.result()


def _holds_solution(text: str) -> bool:
    if _NEEDS.search(text) or _OUGHT.search(text):
        return True
    if _MISSING.search(text) and any(stem(word) in lexicon().solution_things for word in tokens(text)):
        return True
    missing = _NOT_YET.search(text)
    return bool(missing) and any(
        stem(word) in lexicon().solutions for word in tokens(missing["rest"] if missing else "")
    )


def _listed(names: list[str]) -> str:
    """Names as a sentence lists them: "size", "direction and size", "metric, direction and size"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
