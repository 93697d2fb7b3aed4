# SPDX-License-Identifier: Apache-2.0
"""Finding the entry of the knowledge base that somebody asks for in their own words.

What belongs here: the full-text index (SQLite FTS5, in memory, made when it is asked) and the
ranking. What does not: codes (``codes``), entries (``knowledge``).

Japanese has no spaces and many words of two characters, so the index holds pairs of characters;
FTS5's own trigrams found one question in nine less on words that nobody had tuned for. Words that
mean the same share a token of ``knowledge/terms.toml``.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from functools import cache
from math import log
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.aliases import state_now
from cardcheck.catalog.codes import Code, UnknownCode, codes_in, unknown_codes_in
from cardcheck.catalog.data import table as packaged
from cardcheck.catalog.knowledge import (
    COMMON,
    entries,
    entries_for,
    entries_for_advice,
    entries_for_check,
)
from cardcheck.catalog.messages import advice_table, check_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cardcheck.catalog.knowledge import Entry

MAX_QUERY: Final = 2000
"""Characters of a query that are looked at; a pasted log is cut."""

_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}  # katakana to hiragana
_LENGTH_MARKS: Final = re.compile("[\u30fc\u2010-\u2015\u2212-]")
_NO_WORD: Final = re.compile(r"[^\w]+")
_RUNS: Final = re.compile(r"[a-z0-9_]+|[^\sa-z0-9_]+")
_ALL_HIRAGANA: Final = re.compile("[\u3041-\u309f]+")
_CHECK_ID: Final = re.compile(r"[a-z]+(?:\.[a-z0-9-]+){2}")

_ID_WORD: Final = re.compile(r"[a-z0-9.-]+(?::[a-z0-9-]+)?")
_COLUMNS: Final = "4.0, 4.0, 1.0"  # weights of title, words, body
_WEAK: Final = 0.5  # of pairs of hiragana, mostly endings and particles
_SAME: Final = 2.0  # of a shared meaning
_SATURATION: Final = 2.2  # the most that bm25 gives for a term, in units of its idf (k1 = 1.2)
_FOUND: Final = 0.2  # from this score on the best entry counts as found,
_FOUND_SAME: Final = 0.15  # from this one where the query has a word of terms.toml,
_ALSO: Final = 0.35  # and another one from this share of the best one's score
_NAMED: Final = (1.0, 0.95, 0.9, 0.85)  # scores of the entries that an exact name or code leads to
_TOPICS: Final = ("reader-none", "pin-wrong-few-left", "cert-expired")  # where nothing is near
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
    scores = dict(_text_scores(query))
    for key, score in (*_code_scores(codes), *_id_scores(query)):
        scores[key] = max(scores.get(key, 0.0), score)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    least = _least(query, ranked[0][1] if ranked else 0.0)
    hits = tuple(
        Hit(entry=entries()[key], score=round(score, 3)) for key, score in ranked if score >= least
    )
    near = (*(key for code in unknown for key in code.entries), *(key for key, _ in ranked))
    nearest = () if hits else tuple(dict.fromkeys((*near, *_TOPICS)))[:3]
    states = (*(state for code in codes if code.sure for state in code.states), *_states_in(query))
    return Answer(
        hits=hits[:limit],
        codes=codes,
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
    meant = any(True for _ in _meanings(fold(query)))
    return best * _ALSO if best >= (_FOUND_SAME if meant else _FOUND) else 2.0


def fold(text: str) -> str:
    """Text without what people write this way or that.

    Width, case, hiragana or katakana, marks of length and hyphens, punctuation, white space.
    """
    return _cleaned(text).translate(_HIRAGANA)


def _cleaned(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub(" ", _LENGTH_MARKS.sub("", plain)).strip()


def _code_scores(codes: Iterable[Code]) -> Iterator[tuple[str, float]]:
    for code in codes:
        for key, score in zip(code.entries, _NAMED, strict=False):
            yield key, score if code.sure else score * _UNSURE


def _id_scores(query: str) -> Iterator[tuple[str, float]]:
    """Entries that the query names by an id: their own, that of a check or of advice."""
    words = set(_ID_WORD.findall(query.lower()))
    whole = query.strip().lower()
    yield from ((key, 1.0) for key in (whole,) if key in entries())
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
def _open_states() -> frozenset[tuple[str, str]]:
    rows = check_table()
    common = {state for row in rows if row.id == COMMON for state in row.open}
    return frozenset((row.id, state) for row in rows for state in {*row.open, *row.fine, *common})


def _text_scores(query: str) -> Iterator[tuple[str, float]]:
    """Entries by the share of the query that they explain, unordered."""
    index = _index()
    points: dict[str, float] = {}
    most = 0.0
    for tokens, weight in _question(query):
        most += weight * sum(index.worth(token) for token in tokens)
        for key, score in index.matches(tokens):
            points[key] = points.get(key, 0.0) + weight * score
    return ((key, min(1.0, score / most)) for key, score in points.items())


def _question(query: str) -> tuple[tuple[frozenset[str], float], ...]:
    """The tokens of a query by weight."""
    strong: set[str] = set()
    weak: set[str] = set()
    for token in _tokens(_cleaned(query)):
        kind = weak if _ALL_HIRAGANA.fullmatch(token) else strong
        kind.add(token.translate(_HIRAGANA))
    meanings = frozenset(_meanings(fold(query)))
    return (frozenset(strong), 1.0), (frozenset(weak - strong), _WEAK), (meanings, _SAME)


def _tokens(text: str) -> Iterator[str]:
    """Words of Latin letters and digits, and pairs of other characters."""
    for run in _RUNS.findall(text):
        if run.isascii():
            yield run
        else:
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def _meanings(folded: str) -> Iterator[str]:
    """A token for each group of words of one meaning; the longest of overlapping words counts."""
    text = " " + " ".join(_RUNS.findall(folded))
    table = _terms()
    at = 0
    while at < len(text):
        step = 1
        for word, number in table.get(_beginning(text, at), ()):
            if text.startswith(word, at):
                yield f"meaning{number}"
                step = len(word)
                break
        at += step


@cache
def _terms() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Words and the number of their group by how they begin, the longest first.

    A Latin word counts from its beginning on, so it stands with the blank before it.
    """
    table: dict[str, list[tuple[str, int]]] = {}
    groups: list[list[str]] = packaged("knowledge/terms.toml")["groups"]
    for number, group in enumerate(groups):
        for word in map(fold, group):
            text = f" {word}" if word.isascii() else word
            table.setdefault(_beginning(text, 0), []).append((text, number))
    return {
        key: tuple(sorted(pairs, key=lambda pair: -len(pair[0]))) for key, pairs in table.items()
    }


def _beginning(text: str, at: int) -> str:
    """What words are listed under: a blank and two letters, or one other character."""
    return text[at : at + 3] if text[at] == " " else text[at]


class _Index:
    """All entries in an FTS5 table."""

    def __init__(self, table: Mapping[str, Entry]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE entry USING fts5(id UNINDEXED, title, words, body)"
        )
        self._database.execute("CREATE VIRTUAL TABLE term USING fts5vocab(entry, row)")
        rows = ((key, *_columns(row)) for key, row in table.items())
        self._database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
        self._count = len(table)
        self._holders = dict(self._database.execute("SELECT term, doc FROM term"))

    def worth(self, token: str) -> float:
        """The most points that an entry can get for a token; most for one that no entry has."""
        holders = self._holders.get(token, 0)
        rarity = log((self._count - holders + 0.5) / (holders + 0.5))
        return _SATURATION * max(rarity, 1e-6)

    def matches(self, tokens: Iterable[str]) -> Iterator[tuple[str, float]]:
        """The entries that have any of the tokens, and their points."""
        wanted = " OR ".join(f'"{token}"' for token in sorted(tokens))
        if wanted:
            yield from self._database.execute(
                f"SELECT id, -bm25(entry, 0, {_COLUMNS}) FROM entry WHERE entry MATCH ?",  # noqa: S608 - constants
                (wanted,),
            )


@cache
def _index() -> _Index:
    return _Index(entries())


def _columns(entry: Entry) -> tuple[str, str, str]:
    texts = entry.texts.values()
    title = fold(" ".join(text.title for text in texts))
    words = fold(" ".join(entry.words))
    body = (
        " ".join((text.means, text.next, text.cause, *text.steps, *text.never)) for text in texts
    )
    return (
        " ".join((*_tokens(title), *_meanings(title))),
        " ".join((*_tokens(words), *_meanings(words))),
        " ".join(_tokens(fold(" ".join(body)))),
    )
