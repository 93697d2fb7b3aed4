# SPDX-License-Identifier: Apache-2.0
"""The index of the knowledge base: what each word is worth, and for which entry.

What belongs here: making it from the entries, and reading it as it was made before. What does not:
what a question means (``question``), the ranking (``search``).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import log
from typing import TYPE_CHECKING, Final

from msgspec import Struct, json

from cardcheck.catalog.compiled import content
from cardcheck.catalog.data import source
from cardcheck.catalog.knowledge import AREAS, entries
from cardcheck.catalog.question import (
    Vocabulary,
    canonical,
    hiragana,
    meanings,
    own_words,
    tokens,
    vocabulary_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cardcheck.catalog.knowledge import Entry

INDEX: Final = "index"
"""The name of the index among what was made before."""

_WEIGHTS: Final = (4.0, 4.0, 1.0)  # of title, words, body
_K1: Final = 1.2  # BM25: how soon more of the same word counts no more,
_B: Final = 0.5  # and how much a long text is discounted (Robertson and Zaragoza 2009, 3.3)


class Index(Struct, frozen=True, kw_only=True):
    """Points of each word.

    Attributes:
        count: the number of entries.
        points: token to entry id to points (BM25).
        vocabulary: the words that the base knows.
    """

    count: int
    points: dict[str, dict[str, float]]
    vocabulary: Vocabulary

    def worth(self, token: str) -> float:
        """The most points that an entry can get for a token; most for one that no entry has."""
        return (_K1 + 1) * _rarity(self.count, len(self.points.get(token, ())))

    def matches(self, wanted: Iterable[str]) -> Mapping[str, float]:
        """The entries that have any of the tokens, and their points."""
        found: dict[str, float] = {}
        for token in sorted(wanted):
            for key, points in self.points.get(token, {}).items():
                found[key] = found.get(key, 0.0) + points
        return found


@cache
def index() -> Index:
    """The index of the entries in use; as it was made before where its sources are the same."""
    made = content(INDEX, sources())
    return build(entries()) if made is None else json.decode(made, type=Index)


def sources() -> bytes:
    """The tables that the index is made of, as they are in use."""
    names = (*AREAS, "terms", "words")
    return b"".join(source(f"knowledge/{name}.toml") for name in names)


def build(table: Mapping[str, Entry]) -> Index:
    """The index of these entries."""
    columns = {key: tuple(map(tuple, _columns(row))) for key, row in table.items()}
    sizes = {key: sum(map(len, texts)) for key, texts in columns.items()}
    usual = sum(sizes.values()) / len(sizes)
    held: dict[str, dict[str, float]] = {}
    for key, texts in columns.items():
        for weight, text in zip(_WEIGHTS, texts, strict=True):
            for token, times in Counter(text).items():
                row = held.setdefault(token, {})
                row[key] = row.get(key, 0.0) + weight * times
    points = {
        token: {
            key: round(_bm25(len(table), len(row), times, sizes[key] / usual), 4)
            for key, times in row.items()
        }
        for token, row in held.items()
    }
    return Index(count=len(table), points=points, vocabulary=_vocabulary(table.values()))


def _bm25(count: int, holders: int, times: float, length: float) -> float:
    return _rarity(count, holders) * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * length))


def _rarity(count: int, holders: int) -> float:
    return max(log((count - holders + 0.5) / (holders + 0.5)), 1e-6)


def _vocabulary(rows: Iterable[Entry]) -> Vocabulary:
    texts = (
        canonical(" ".join((*(text.title for text in row.texts.values()), *row.words)))
        for row in rows
    )
    return vocabulary_of((*texts, *own_words()))


def _columns(entry: Entry) -> Iterator[Iterator[str]]:
    texts = entry.texts.values()
    body = (
        " ".join((text.means, text.next, text.cause, *text.steps, *text.never)) for text in texts
    )
    yield _with_meanings(" ".join(text.title for text in texts))
    yield _with_meanings(" ".join(entry.words))
    yield tokens(hiragana(canonical(" ".join(body))))


def _with_meanings(text: str) -> Iterator[str]:
    plain = canonical(text)
    yield from tokens(hiragana(plain))
    yield from meanings(plain)
