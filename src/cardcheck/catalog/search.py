# SPDX-License-Identifier: Apache-2.0
"""Finding the entry of the knowledge base that somebody asks for in their own words.

What belongs here: the ranking. What does not: what a question means (``question``), what a word is
worth (``index``), codes (``codes``), entries (``knowledge``).

Codes and names lead straight to their entries. Words lead to the entries that explain most of
them; the name of a service only chooses between those. A question of nothing but vague words gets
an entry that asks back, and words that the base does not know count against every answer.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.aliases import state_now
from cardcheck.catalog.codes import Code, UnknownCode, codes_in, unknown_codes_in
from cardcheck.catalog.data import table
from cardcheck.catalog.devices import devices_in
from cardcheck.catalog.index import index
from cardcheck.catalog.knowledge import (
    COMMON,
    entries,
    entries_for,
    entries_for_advice,
    entries_for_check,
)
from cardcheck.catalog.messages import advice_table, check_table
from cardcheck.catalog.question import (
    ALL_HIRAGANA,
    canonical,
    fold,
    has,
    hiragana,
    is_of_another_subject,
    known_share,
    meanings,
    narrow_misses,
    services_in,
    tokens,
    vague_topics,
    without_services,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cardcheck.catalog.knowledge import Entry

MAX_QUERY: Final = 2000
"""Characters of a query that are looked at; a pasted log is cut."""

_CHECK_ID: Final = re.compile(r"[a-z]+(?:\.[a-z0-9-]+){2}")

_ID_WORD: Final = re.compile(r"[a-z0-9.-]+(?::[a-z0-9-]+)?")
_WEAK: Final = 0.5  # of pairs of hiragana, mostly endings and particles
_SAME: Final = 2.0  # of a shared meaning
_FOUND: Final = 0.2  # from this score on the best entry counts as found,
_FOUND_SAME: Final = 0.15  # from this one where the query has a word of terms.toml,
_NEAR: Final = 0.05  # from this one it is near the topic
_ALSO: Final = 0.35  # and another one from this share of the best one's score
_NAMED: Final = (1.0, 0.95, 0.9, 0.85)  # scores of the entries that an exact name or code leads to
_WORDS: Final = 0.8  # the most that words give where a code was named
_SERVICE: Final = 1.2  # of an entry about the service that is named,
_ELSEWHERE: Final = 0.5  # of one about another service, or that the named one excludes
_NARROW: Final = 0.4  # of a narrow entry whose word is not there
_OURS: Final = 0.6  # the least that unknown words leave where the subject is surely ours
_ASKING: Final = "triage-"  # how the ids of entries begin that ask back; words do not find them
_BESIDE: Final = 0.95  # the most of another entry beside the one that asks back
_ASKS_BACK: Final = 0.99  # of the entry that asks back
_TOPICS: Final = ("triage-login", "contact", "triage-read")  # where nothing is near
_UNSURE: Final = 0.6  # how much less where a number only may be a code


class Hit(Struct, frozen=True, kw_only=True):
    """An entry that was found.

    Attributes:
        entry: the entry.
        score: 0 to 1: how much of what was asked it explains; 1 for a name or code.
    """

    entry: Entry
    score: float


class Answer(Struct, frozen=True, kw_only=True):
    """What was found for a query.

    Attributes:
        hits: the entries, best first.
        codes: the codes that were recognised, the surest first.
        unknown: what looks like a code and is not listed.
        nearest: where nothing was found, ids of the nearest entries.
        states: pairs of check and state that were named or that a code comes with.
    """

    hits: tuple[Hit, ...]
    codes: tuple[Code, ...]
    unknown: tuple[UnknownCode, ...]
    nearest: tuple[str, ...]
    states: tuple[tuple[str, str], ...] = ()


def search(query: str, limit: int = 5) -> Answer:
    """The entries for a query, best first; nothing where none explains enough of it.

    Args:
        query: free text in either language, a pasted message, a code, or an id of an entry,
            a check (with or without ``:state``) or a piece of advice.
        limit: how many entries at most.
    """
    query = query[:MAX_QUERY]
    codes, unknown = codes_in(query), unknown_codes_in(query)
    devices = () if any(code.sure for code in codes) else devices_in(query)
    named_ids = tuple(_id_scores(query))
    sure = bool(named_ids) or any(code.sure for code in codes)
    scores = _word_scores(query, _WORDS if sure else 1.0)
    weight = 1.0 if query.isascii() else _UNSURE
    named_devices = ((key, score * weight) for key, score in _code_scores(devices))
    for key, score in (*_code_scores(codes), *named_devices, *named_ids):
        scores[key] = max(scores.get(key, 0.0), score)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    least = _least(query, ranked[0][1] if ranked else 0.0)
    hits = tuple(
        Hit(entry=entries()[key], score=round(score, 3)) for key, score in ranked if score >= least
    )
    found = (key for key, score in ranked if score >= _NEAR)
    near = (*(key for code in unknown for key in code.entries), *found)
    nearest = () if hits else tuple(dict.fromkeys((*near, *_TOPICS)))[:3]
    states = (*(state for code in codes if code.sure for state in code.states), *_states_in(query))
    return Answer(
        hits=hits[:limit],
        codes=(*codes, *devices),
        unknown=unknown,
        nearest=nearest,
        states=tuple(dict.fromkeys(states)),
    )


def named(keys: Iterable[str], limit: int = 5) -> tuple[Hit, ...]:
    """The entries with these ids, as hits in this order, at most ``limit``."""
    known = [entries()[key] for key in keys if key in entries()][:limit]
    scores = (_NAMED[min(place, len(_NAMED) - 1)] for place in range(len(known)))
    return tuple(Hit(entry=entry, score=score) for entry, score in zip(known, scores, strict=True))


def _least(query: str, best: float) -> float:
    """The score from which on entries are shown, where the best one has ``best``."""
    meant = any(True for _ in meanings(without_services(canonical(query))))
    return best * _ALSO if best >= (_FOUND_SAME if meant else _FOUND) else 2.0


def _code_scores(codes: Iterable[Code]) -> Iterator[tuple[str, float]]:
    for code in codes:
        for key, score in zip(code.entries, _NAMED, strict=False):
            yield key, score if code.sure else score * _UNSURE


def _id_scores(query: str) -> Iterator[tuple[str, float]]:
    """Entries that the query names by an id: their own, that of a check or of advice."""
    words = set(_ID_WORD.findall(query.lower()))
    whole = query.strip().lower()
    yield from ((key, 1.0) for key in (whole, _titles().get(fold(query), "")) if key in entries())
    for word in sorted(words):
        check, _, state = word.partition(":")
        check, state = state_now(check, state)
        if _CHECK_ID.fullmatch(check):
            states = (state,) if state else sorted(words - {word})
            found = (
                entries_for(check, other) for other in states if (check, other) in _open_states()
            )
            yield from zip(next(found, entries_for_check(check)), _NAMED, strict=False)
    if whole in advice_table():
        yield from zip(entries_for_advice(whole), _NAMED, strict=False)


def _states_in(query: str) -> Iterator[tuple[str, str]]:
    """The open states that the query names: one of a check, else all of it."""
    for word in _ID_WORD.findall(query.lower()):
        check, state = state_now(*word.partition(":")[::2])
        for row in check_table():
            if row.id == check:
                yield from ((check, each) for each in row.open if state in {"", each})


@cache
def _titles() -> Mapping[str, str]:
    """Ids of the entries by their folded titles, in both languages."""
    return {fold(text.title): key for key, row in entries().items() for text in row.texts.values()}


@cache
def _open_states() -> frozenset[tuple[str, str]]:
    rows = check_table()
    common = {state for row in rows if row.id == COMMON for state in row.open}
    return frozenset((row.id, state) for row in rows for state in {*row.open, *row.fine, *common})


def _word_scores(query: str, most: float) -> dict[str, float]:
    """Entries by the share of the query that they explain, unordered; none of another subject."""
    text = canonical(query)
    if is_of_another_subject(text):
        return {}
    services, misses = services_in(text), narrow_misses(text)
    rest = without_services(text)
    known = known_share(rest, index().vocabulary)
    if services or has(rest, "anchors"):
        known = max(known, _OURS)
    elif not has(rest, "usual"):
        known **= 2
    scores = {
        key: min(most, score * known * _fitness(key, services) * (_NARROW if key in misses else 1))
        for key, score in _text_scores(rest if rest.strip() else text)
        if not key.startswith(_ASKING)
    }
    topics = vague_topics(rest) if rest.strip() else ()
    if topics is not None and (topics or services):
        scores = {key: min(score, _BESIDE * most) for key, score in scores.items()}
        scores[_asking_back(topics, services)] = _ASKS_BACK * most
    return scores


def _asking_back(topics: tuple[str, ...], services: frozenset[str]) -> str:
    """The entry that asks back about a vague question."""
    rows: list[Mapping[str, str]] = table("knowledge/words.toml")["triage"]
    named = {*topics, *services}
    return next(row["entry"] for row in rows if set(row["about"].split()) <= named)


def _fitness(key: str, services: frozenset[str]) -> float:
    """How the services that are named choose between entries."""
    if not services:
        return 1.0
    own, excluded = _services()
    if services & excluded.get(key, frozenset()):
        return _ELSEWHERE
    if key not in own:
        return 1.0
    return _SERVICE if services & own[key] else _ELSEWHERE


@cache
def _services() -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    """The services that an entry is about, and those that it is not about."""
    own: dict[str, frozenset[str]] = {}
    excluded: dict[str, frozenset[str]] = {}
    for name, row in table("knowledge/words.toml")["services"].items():
        for found, keys in ((own, row["entries"]), (excluded, row["not"])):
            found.update((key, found.get(key, frozenset()) | {name}) for key in keys)
    return own, excluded


def _text_scores(text: str) -> Iterator[tuple[str, float]]:
    """Entries by the share of a canonical text that they explain, unordered."""
    points: dict[str, float] = {}
    most = 0.0
    for asked, weight in _question(text):
        most += weight * sum(index().worth(token) for token in asked)
        for key, score in index().matches(asked).items():
            points[key] = points.get(key, 0.0) + weight * score
    return ((key, min(1.0, score / most)) for key, score in points.items())


def _question(text: str) -> tuple[tuple[frozenset[str], float], ...]:
    """The tokens of a canonical text by weight."""
    strong: set[str] = set()
    weak: set[str] = set()
    for token in tokens(text):
        kind = weak if ALL_HIRAGANA.fullmatch(token) else strong
        kind.add(hiragana(token))
    meant = frozenset(meanings(text))
    return (frozenset(strong), 1.0), (frozenset(weak - strong), _WEAK), (meant, _SAME)
