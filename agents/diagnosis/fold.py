"""The fold from a run's events to the case as it stands after them."""

from collections.abc import Sequence
from dataclasses import replace

from agents.diagnosis.case import Case, Confirmed, Drafting, Given, ModelNote, Task, WrittenBy
from agents.diagnosis.framing import Framing
from storage.runs import Event

READ = "read an answer in your own words as one of the options, which you confirmed"


def fold(run_id: str, events: Sequence[Event]) -> Case:
    """The case after these events; kinds that belong to other parts are passed over."""
    case = Case(run_id)
    for event in events:
        step = STEPS.get(event.kind)
        case = replace(case, held=None) if event.status is not None else case
        case = replace(step(case, event) if step else case, seq=event.seq)
    return case


def _complained(case: Case, event: Event) -> Case:
    data = event.data
    return replace(
        case,
        text=data["text"],
        chosen_kind=data.get("playbook_id"),
        with_model=data.get("with_model", False),
        staged=data.get("staged"),
    )


def _framed(case: Case, event: Event) -> Case:
    return replace(case, framing=Framing.model_validate(event.data))


def _confirmed(case: Case, event: Event) -> Case:
    confirmed = Confirmed.model_validate(event.data)
    given = {q: Given(q, a, "", "text", event.seq) for q, a in confirmed.answered.items()}
    return replace(case, confirmed=confirmed, given=given, changed_seq=event.seq)


def _asked(case: Case, event: Event) -> Case:
    return replace(case, open_question=event.data["question_id"], offers=tuple(event.data["offers"]))


def _answered(case: Case, event: Event) -> Case:
    question_id = event.data["question_id"]
    new = Given(question_id, event.data["answer_id"], event.data["note"], "person", event.seq)
    asked = case.asked if question_id in case.given else (*case.asked, question_id)
    given = {**case.given, question_id: new}
    change = (question_id, new.answer_id)
    case = replace(_reopened(case), given=given, asked=asked, changed_seq=event.seq, last_change=change)
    if not event.data.get("read_by"):
        return case
    note = ModelNote(task="read", model=event.data["read_by"], text=READ)
    return replace(case, model_notes=(*case.model_notes, note))


def _withdrawn(case: Case, event: Event) -> Case:
    question_id = event.data["question_id"]
    given = {q: answer for q, answer in case.given.items() if q != question_id}
    asked = tuple(q for q in case.asked if q != question_id)
    change = (question_id, None)
    return replace(_reopened(case), given=given, asked=asked, changed_seq=event.seq, last_change=change)


def _reopened(case: Case) -> Case:
    """The case with neither a question put nor a conclusion standing."""
    return replace(
        case,
        open_question=None,
        offers=(),
        wants_conclusion=False,
        concluded=None,
        concluded_at=None,
        summary=None,
    )


def _believed(case: Case, event: Event) -> Case:
    beliefs = (*case.beliefs, event.data["belief"])
    return replace(case, believed_seq=event.data["after"], beliefs=beliefs)


def _conclusion_wanted(case: Case, event: Event) -> Case:
    return replace(case, wants_conclusion=True)


def _extended(case: Case, event: Event) -> Case:
    return replace(_reopened(case), ask_until=len(case.asked) + event.data["questions"])


def _concluded(case: Case, event: Event) -> Case:
    return replace(
        case,
        concluded=event.data,
        concluded_at=event.occurred_at,
        concluded_seq=event.seq,
        open_question=None,
        offers=(),
        wants_conclusion=False,
    )


def _drawn(case: Case, event: Event) -> Case:
    drawn_for = event.data.get("concluded", case.drawn_for)
    return replace(case, tree_version=event.data["version"], drawn_for=drawn_for)


def _draft_wanted(case: Case, event: Event) -> Case:
    return replace(case, draft=Drafting(status="wanted"), with_model=True)


def _drafted(case: Case, event: Event) -> Case:
    draft = Drafting(
        status="made",
        playbook_id=event.data["playbook_id"],
        playbook_hash=event.data["playbook_hash"],
        widened=event.data["widened"],
        cells=event.data["cells"],
    )
    text = (
        f"drafted causes, questions and levels; the levels were asked for twice, and {draft.widened} of "
        f"{draft.cells} changed, which the engine set to neutral"
    )
    return _noted(replace(case, draft=draft), "draft", event, text)


def _worded(case: Case, event: Event) -> Case:
    wording = event.data["questions"]
    text = f"worded {len(wording)} questions for this problem"
    return _noted(replace(case, wording=wording), "word", event, text)


def _summarised(case: Case, event: Event) -> Case:
    summary = WrittenBy(sentences=event.data["sentences"], dropped=event.data["dropped"])
    text = (
        f"wrote the summary; the engine dropped {summary.dropped} of its sentences, for want of evidence "
        f"that exists or for a figure of their own"
    )
    return _noted(replace(case, summary=summary), "summary", event, text)


def _model_failed(case: Case, event: Event) -> Case:
    task: Task = event.data["task"]
    note = ModelNote(task=task, model=None, text=event.data["sentence"])
    case = replace(case, model_notes=(*case.model_notes, note))
    if task == "draft":
        return replace(case, draft=Drafting(status="failed"))
    if task == "word":
        return replace(case, wording={})
    return replace(case, summary=WrittenBy(sentences=(), dropped=0))


def _held(case: Case, event: Event) -> Case:
    return replace(case, held=event.data["sentence"])


def _dispensed(case: Case, event: Event) -> Case:
    """The person goes on without a model; a draft that was wanted will not come."""
    text = "You went on without a model, since its key was gone."
    note = ModelNote(task=case.model_task or "summary", model=None, text=text)
    draft = (
        Drafting(status="failed") if case.draft is not None and case.draft.status == "wanted" else case.draft
    )
    return replace(case, with_model=False, draft=draft, model_notes=(*case.model_notes, note))


def _noted(case: Case, task: Task, event: Event, text: str) -> Case:
    note = ModelNote(task=task, model=event.data["model"], text=text)
    return replace(case, model_notes=(*case.model_notes, note))


def _guessed(case: Case, event: Event) -> Case:
    return replace(case, guesses=(*case.guesses, event.data))


STEPS = {
    "guessed": _guessed,
    "complained": _complained,
    "framed": _framed,
    "confirmed": _confirmed,
    "asked": _asked,
    "answered": _answered,
    "withdrawn": _withdrawn,
    "believed": _believed,
    "conclusion_wanted": _conclusion_wanted,
    "extended": _extended,
    "concluded": _concluded,
    "drawn": _drawn,
    "draft_wanted": _draft_wanted,
    "drafted": _drafted,
    "worded": _worded,
    "summarised": _summarised,
    "model_failed": _model_failed,
    "held": _held,
    "model_dispensed": _dispensed,
}
"""What each kind of event does to a case."""
