"""What a sentence claims: whether it has a verb at all, hedges, asks, or names what can be observed.

English words are often noun and verb at once. A word is taken for a verb where number agreement or what
follows it shows that it is one ("pilots strike", "loses every tenth lead"); where neither does, nobody knows.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.words import DIGIT, stem, tokens

_COMPARATIVE = re.compile(
    r"\b(more|fewer|less|longer|shorter|later|earlier|faster|slower|higher|lower|larger|smaller|dearer|cheaper|"
    r"older|younger|often|twice|double[ds]?|halved?|tripled?|most|half|third|quarter|than|one|two|three|four|five|"
    r"six|seven|eight|nine|ten|dozen|every|none|nobody|never|only|once|daily|weekly|monthly)\b"
)
_HEDGED = re.compile(
    r"\b(?:may|might)\s+(?:well\s+|also\s+)?(?:be|have|mean|lie|explain)\b|\bcould\s+(?:be|mean|lie|explain)\b"
)
_ASKED = re.compile(
    r"^\W*(?:(?:is|are|was|were|does|did|has|can|could|will|would|should)\b|do\s+(?!not\b)"
    r"|(?:why|how|what|which|where|who)\s+(?:is|are|was|were|do|does|did|has|have|can|could|will|would|should)\b)"
)
_COPULA = re.compile(
    r"\b(?:(?:it|that|there|he|she)'s|is|are|was|were|isn't|aren't|wasn't|weren't|seems?|seemed|looks?|feels?|remains?"
    r"|(?:has|have|had)\s+(?:become|been))\s+(?P<rest>.+)"
)
_SHORTFALL = re.compile(
    r"\btoo\s+(?:few|many|much|little|long|short|high|low|late|early|slow|fast)\b|\bnot\s+enough\b"
)
_ADJECTIVE_ENDS = ("al", "ory", "ary", "ive", "ic", "ous", "able", "ible", "less", "ful", "ern", "ing")
_INFORMATICS = re.compile(r"\bIT\b")
_SOME = frozenset({"half", "most", "many", "few", "some", "both", "all", "none", "two", "three", "others"})
_THING_SAID = frozenset({"something", "everything", "thing", "stuff"})


@lru_cache(maxsize=20_000)
def has_verb(text: str) -> bool | None:
    """Whether it makes a statement; None when its only verb may be a noun, or its words are unknown."""
    words = tokens(_INFORMATICS.sub("informatics", text))
    if any(word in lexicon().auxiliary or _is_verb(word, place) for place, word in enumerate(words)):
        return True
    readings = [_reading(words, place) for place in range(len(words))]
    if True in readings:
        return True
    if None in readings or _SHORTFALL.search(text.casefold()):
        return None
    return False if len(words) <= 5 else None


def _is_verb(word: str, place: int) -> bool:
    known = lexicon()
    if word in known.irregular and stem(word) in known.verbs | known.ambiguous | known.stop:
        return True
    if word.endswith("ing"):
        return False
    if _is_past(word):
        return place > 0
    return stem(word) in known.verbs and not _may_be_noun(word)


def _reading(words: tuple[str, ...], place: int) -> bool | None:
    """Whether the word is a verb where it stands: True, False, or None when it may be one."""
    word, after = words[place], (*words, "")[place + 1]
    before = _subject_end(words, place)
    if not before:
        return None if _is_past(word) else False
    if _is_link(word) or word.endswith(("ing", "ly")) or DIGIT.match(word):
        return False
    if before in _SOME and place == 1 and _may_be_noun(word) and after in lexicon().stop:
        return None
    if before in lexicon().pronouns or (after in lexicon().determiners and not _is_link(before)):
        return True
    if before.endswith(_ADJECTIVE_ENDS) and words[0] in lexicon().determiners and _may_be_noun(word):
        return None
    if _is_noun_here(before):
        return False
    if word.endswith("s") and _is_plural(word):
        return _singular_reading(words, place, after)
    return _plural_reading(before, word, after)


def _subject_end(words: tuple[str, ...], place: int) -> str:
    """The word before, across adverbs such as "often"; empty at the start."""
    while place > 0 and (words[place - 1].endswith("ly") or words[place - 1] in lexicon().adverbs):
        place -= 1
    return words[place - 1] if place > 0 else ""


def _singular_reading(words: tuple[str, ...], place: int, after: str) -> bool | None:
    """A form in -s after what is no plural: "the boiler leaks", "staff orders", "loses every tenth lead"."""
    if _is_plural(words[place - 1]) or _ends_a_list(words, place):
        return False
    if _may_be_noun(words[place]):
        return True if _begins_object(after) else None
    return None if words[0] in lexicon().determiners | {"one"} and place > 1 else False


def _ends_a_list(words: tuple[str, ...], place: int) -> bool:
    """Whether what would be its subject is two things, with which a form in -s does not agree."""
    if place + 1 < len(words) or "and" not in words[:place]:
        return False
    first = words[: words.index("and")]
    known = lexicon()
    moves = any(stem(word) in known.stop & (known.verbs | known.ambiguous) for word in first[1:])
    return not moves and all(_reading(first, at) is False for at in range(len(first)))


def _plural_reading(before: str, word: str, after: str) -> bool | None:
    """A bare form: a verb after a plural ("pilots strike"), part of a noun otherwise ("price list")."""
    known = lexicon()
    if not _is_plural(before):
        return _may_be_noun(word) and after in known.follows_verb
    if _may_be_noun(word) or after in known.follows_verb:
        return True
    if before in known.people or word.endswith(_ADJECTIVE_ENDS) or word in known.adjectives:
        return False
    return None


def _begins_object(word: str) -> bool:
    known = lexicon()
    return word in known.follows_verb or word in known.determiners or bool(DIGIT.match(word))


def _is_noun_here(before: str) -> bool:
    """Whether what follows this word is a noun: after an article, an adjective or a preposition."""
    known = lexicon()
    return (
        before in known.determiners
        or before in known.adjectives
        or (before.endswith(_ADJECTIVE_ENDS) and stem(before) not in known.metrics)
        or _is_link(before)
    )


def _is_link(word: str) -> bool:
    """Whether the word only joins others, and is no verb itself."""
    return word in lexicon().stop or word in lexicon().prepositions


def _is_plural(word: str) -> bool:
    if word in lexicon().people:
        return True
    return (
        word.endswith("s")
        and len(word) > 3
        and not word.endswith(("ss", "us", "is", "'s"))
        and word not in lexicon().noun_adjuncts
    )


def _is_past(word: str) -> bool:
    return (
        word.endswith("ed") and not word.endswith("eed") and len(word) > 4 and word not in lexicon().not_past
    )


def _may_be_noun(word: str) -> bool:
    """Whether a known verb is a noun as well."""
    return stem(word) in lexicon().ambiguous and not word.endswith("ing")


def is_verb_form(word: str) -> bool:
    """Whether a word is a past form or can only be a verb, as in "delayed by" or "fell by"."""
    return _is_past(word) or word in lexicon().irregular or (_is_verb(word, 1) and not _may_be_noun(word))


def is_instruction(text: str) -> bool | None:
    """Whether it says what to do, as an option does; None when its first word is not known as a verb."""
    words = tokens(text)
    if len(words) < 2 or _is_link(words[0]):
        return None
    known = lexicon()
    return True if stem(words[0]) in known.verbs | known.ambiguous | known.solutions else None


def is_question(text: str) -> bool:
    """Whether a text asks, with or without its mark."""
    return "?" in text or bool(_ASKED.match(text.casefold()))


def is_vague(text: str) -> bool:
    """Whether a claim hedges, or says nothing but that something is good or bad."""
    words = tokens(text)
    if lexicon().hedges & set(words) or _HEDGED.search(text.casefold()):
        return True
    if DIGIT.search(text):
        return False
    telling = [w for w in words if w not in lexicon().stop and stem(w) not in lexicon().stop]
    return set(telling) <= lexicon().vague or _only_judges(text, telling)


def _only_judges(text: str, telling: list[str]) -> bool:
    """Whether all it says of its subject is a judgement, such as "the culture is toxic"."""
    predicate = _COPULA.search(text.casefold())
    if predicate is None or "than" in tokens(text) or _tells_event(text[: predicate.start()]):
        return False
    words = [w for w in tokens(predicate["rest"]) if not w.endswith("ly")]
    said = [w for w in words if w not in lexicon().stop or w in lexicon().judgements]
    if telling and stem(telling[0]) in {stem(word) for word in _THING_SAID}:
        return True
    return bool(said) and said[0] in lexicon().judgements


def _tells_event(text: str) -> bool:
    """Whether something happens in it, as in "leaving jumped among customers whose price was made worse"."""
    return any(word in lexicon().irregular or _is_past(word) for word in tokens(text)[1:])


def is_observable(text: str) -> bool:
    """Whether a claim names a number, a comparison, a known metric or a past event."""
    if DIGIT.search(text) or _COMPARATIVE.search(text.casefold()):
        return True
    words = tokens(text)
    known = lexicon()
    if any(stem(word) in known.metrics for word in words):
        return True
    return _tells_event(text)
