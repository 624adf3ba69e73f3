"""A plain question in English or Turkish becomes an analysis, without a model.

What is not understood is never reckoned: below a confidence of 0.6 the answer says how the question was read,
why that is not sure, and offers three analyses.
"""

from functools import cached_property

from agents.data.analyses.run import analyse
from agents.data.answer import DataAnswer, Offer
from agents.data.language.groups import Groups
from agents.data.language.offers import offers
from agents.data.language.planning import Plan, plan
from agents.data.language.reading import Reader
from agents.data.language.wording import described
from agents.data.language.words import read_words
from agents.data.request import AnalysisRequest, BreakdownRequest, ProfileRequest, TopRequest, TotalRequest
from agents.data.roles import header_words, times
from agents.data.sandbox import Sandbox
from agents.data.sentences import quoted
from agents.data.tables import Table
from agents.errors import BadInput

SURE = 0.6
"""From this confidence on a question is answered."""
LONGEST_QUESTION = 1_000
MOST_WORDS = 80
LEVELS = {"pop", "population", "inhabitants", "nufus", "stock", "inventory", "balance", "headcount", "stok"}
"""Headers of what is counted anew at each moment, so that a sum over moments counts the same again."""
MOST_NAMED = 12
"""Columns of a table that are named as what can be asked about."""
NEAR = 0.05
"""Two tables whose plans are nearer than this are one as likely as the other."""


class Asker:
    """Answers questions about the tables of a sandbox; keeps what it learnt of their values."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def ask(self, question: str) -> DataAnswer:
        """The answer, or what was understood and three offers; BadInput for an empty or overlong question."""
        best, rivals = self._best(question)
        sure = best.confidence >= SURE and best.request is not None and not rivals
        choices = offers(best, sure)
        if sure and best.request is not None:
            understood = f"I took this as {described(best.request)}{_scope(best, len(self._readers))}."
            return analyse(self._sandbox, best.request, understood, question, best.confidence, choices)
        if rivals:
            choices = (*_offers_of(rivals), *choices)[: len(choices) or 1]
        return DataAnswer(
            question=question,
            understood=" ".join(self._doubts(best, rivals)),
            confidence=min(best.confidence, SURE - 0.01),
            request=None,
            tables=(),
            findings=(),
            figures=(),
            offers=choices,
            limits=(),
        )

    @cached_property
    def _readers(self) -> list[Reader]:
        return [Reader(table, Groups(self._sandbox, table)) for table in self._sandbox.tables]

    def _best(self, question: str) -> tuple[Plan, list[Plan]]:
        """The surest plan over all tables, and those of other tables that are as sure."""
        words = read_words(_checked(question))
        if not words.words or len(words.words) > MOST_WORDS:
            raise BadInput(
                f"A question has 1 to {MOST_WORDS} words. Nothing was reckoned: put it differently."
            )
        plans = sorted(
            (plan(reader.read(words)) for reader in self._readers), key=lambda one: -one.confidence
        )
        best = plans[0]
        rivals = [one for one in plans if best.confidence - one.confidence < NEAR and one.request is not None]
        named = [one for one in rivals if _names_table(question, one)]
        if len(named) == 1:
            return named[0], []
        return best, rivals if len(rivals) > 1 and best.confidence >= SURE else []

    def _doubts(self, best: Plan, rivals: list[Plan]) -> list[str]:
        if rivals:
            listed = " or ".join(quoted(one.slots.reading.table.name) for one in rivals[:4])
            return [f"This can be answered from {listed}; say which one is meant."]
        taken = None
        if best.request is not None and not best.leaves_out:
            taken = f"I would take it as {described(best.request)}, but I am not sure."
        elif best.slots.reading.unknown:
            taken = _askable(best.slots.reading.table)
        return [part for part in (*best.doubts, taken) if part] or ["I am not sure what is meant."]


def _askable(table: Table) -> str:
    """What a question about a table can name."""
    names = [quoted(column.name) for column in table.columns]
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"You can ask about its columns {', '.join(names[:MOST_NAMED])}{more}, and about their values."


def _scope(best: Plan, tables: int) -> str:
    """Over which time and in which table, where the question did not say."""
    request, table = best.request, best.slots.reading.table
    whole = isinstance(request, TotalRequest | BreakdownRequest | TopRequest) and request.span is None
    moments = times(table)
    text = f", in the table {quoted(table.name)}" if tables > 1 else ""
    if whole and moments:
        text += f", over all of {quoted(moments[0].name)} ({moments[0].lowest} to {moments[0].highest})"
        if request is not None and _repeats(request, table):
            text += f", adding up what was counted at {moments[0].distinct:,} different times"
    return text


def _repeats(request: AnalysisRequest, table: Table) -> bool:
    """True for the sum of a level, like a population or a stock, over several moments."""
    if isinstance(request, ProfileRequest) or request.measure.how != "sum":
        return False
    words = header_words(request.measure.column or "")
    return times(table)[0].distinct > 1 and bool(LEVELS & set(words))


def _checked(question: str) -> str:
    if len(question) > LONGEST_QUESTION:
        raise BadInput(
            f"A question may have {LONGEST_QUESTION:,} characters. Nothing was reckoned: make it shorter."
        )
    return question


def _names_table(question: str, one: Plan) -> bool:
    table = one.slots.reading.table
    said = {word.form for word in read_words(question).words}
    own = {word.form for name in (table.name, table.sheet or "") for word in read_words(name).words}
    return bool(own) and own <= said


def _offers_of(rivals: list[Plan]) -> tuple[Offer, ...]:
    """The same question for each of several tables."""
    return tuple(
        Offer(label=f"In {quoted(one.request.table)}: {described(one.request)}", request=one.request)
        for one in rivals
        if one.request is not None
    )
