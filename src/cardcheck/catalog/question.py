# SPDX-License-Identifier: Apache-2.0
"""What is asked: spellings made one, names of services, vague words, words that nobody knows here.

What belongs here: words of a question and of an entry, and what kind of words they are. What does
not: which entry answers (``search``), how much a word counts (``index``).

Japanese has no spaces and many words of two characters, so a text is taken apart into pairs of
characters. Words that mean the same share a token of ``knowledge/terms.toml``; which words name a
service, are vague, common or of another subject stands in ``knowledge/words.toml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, json

from cardcheck.catalog.compiled import content
from cardcheck.catalog.data import source, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

_Table: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""Words and what they stand for, by how they begin, the longest first."""

_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}  # katakana to hiragana
_LENGTH_MARKS: Final = re.compile("[\u30fc\u2010-\u2015\u2212-]")
_NO_WORD: Final = re.compile(r"[^\w]+")
_RUNS: Final = re.compile(r"[a-z_]+|[0-9]+|[^\sa-z0-9_]+")
_CONTENT: Final = re.compile("[a-z]{2,}|[\u30a1-\u30f6]{2,}|[\u3400-\u9fff\u3005]+")
_KATAKANA: Final = re.compile("[\u30a1-\u30f6]+")
_KANA_LEFT: Final = 6
"""More hiragana than these that no list knows say something, so a question is not vague."""
_SLIP: Final = 5  # a word of so many characters may have one wrong
ALL_HIRAGANA: Final = re.compile("[\u3041-\u309f]+")


class Vocabulary(Struct, frozen=True, kw_only=True):
    """The words that the knowledge base is made of.

    Attributes:
        words: words of Latin letters or of katakana, folded.
        pairs: pairs of kanji that stand beside each other somewhere, and single kanji.
    """

    words: frozenset[str]
    pairs: frozenset[str]


def fold(text: str) -> str:
    """Text without what people write this way or that.

    Width, case, hiragana or katakana, marks of length and hyphens, punctuation, white space.
    """
    return _cleaned(text).translate(_HIRAGANA)


def canonical(text: str) -> str:
    """Text cleaned of spellings: as ``fold``, katakana kept, readings and slips made one."""
    plain = _cleaned(text)
    pattern, table_ = _readings()
    parts: list[str] = []
    done = 0
    for match in pattern.finditer(plain.translate(_HIRAGANA)):
        if _cuts(plain, match.start()) or _cuts(plain, match.end()):
            continue
        parts += [plain[done : match.start()], table_[match[0]]]
        done = match.end()
    return "".join((*parts, plain[done:]))


def _cuts(text: str, at: int) -> bool:
    """Whether a word of katakana goes on across this place."""
    return bool(_KATAKANA.fullmatch(text[max(0, at - 1) : at + 1])) and 0 < at < len(text)


def hiragana(text: str) -> str:
    """A canonical text with hiragana for katakana."""
    return text.translate(_HIRAGANA)


def tokens(text: str) -> Iterator[str]:
    """Words of Latin letters, numbers, and pairs of other characters."""
    for run in _RUNS.findall(text):
        if run.isascii():
            yield run
        else:
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def meanings(text: str) -> Iterator[str]:
    """A token for each group of words of one meaning; the longest of overlapping words counts."""
    spaced = _spaced(text)
    for group, _, _ in _found_in(spaced, _listed("terms")):
        yield f"meaning{group}"


def services_in(text: str) -> frozenset[str]:
    """The services that a canonical text names."""
    spaced = _spaced(text)
    return frozenset(name for name, _, _ in _found_in(spaced, _listed("services")))


def without_services(text: str) -> str:
    """A canonical text without the names of services."""
    return _without(text, _listed("services"))


def is_of_another_subject(text: str) -> bool:
    """Whether a canonical text names another service or card and nothing that is ours."""
    spaced = _spaced(text)
    return bool(_others().search(text)) and not any(
        True for _ in _found_in(spaced, _listed("ours"))
    )


def has(text: str, name: str) -> bool:
    """Whether a canonical text has a word of a list of words.toml."""
    return any(True for _ in _found_in(_spaced(text), _listed(name)))


def vague_topics(text: str) -> tuple[str, ...] | None:
    """What a vague question is about (``pin``, ``card``, ``trouble``); None where it says more."""
    if has(text, "specific"):
        return None
    spaced = _spaced(text)
    found = tuple(_found_in(spaced, _listed("vague")))
    for _, at, end in _found_in(spaced, _listed("terms")):
        if not any(start <= at and end <= stop for _, start, stop in found):
            return None
    rest = _without(text, _listed("vague"), _listed("phrases"))
    if not found or any(True for _ in _content(rest)) or re.search(r"\d", rest):
        return None
    if sum(map(len, ALL_HIRAGANA.findall(rest))) > _KANA_LEFT:
        return None
    return tuple(dict.fromkeys(name for name, _, _ in found))


def known_share(text: str, vocabulary: Vocabulary) -> float:
    """How many of the words of content of a canonical text the base knows, 0 to 1.

    Common words of the language count for neither side; 1 where there are none but those.
    """
    rest = _without(text, _listed("terms"), _listed("phrases"))
    shares = [_share(run, vocabulary) for run in _content(rest)]
    shares += [1.0 for _ in meanings(text)]
    return sum(shares) / len(shares) if shares else 1.0


def narrow_misses(text: str) -> frozenset[str]:
    """The narrow entries none of whose words a canonical text has."""
    spaced = _spaced(text)
    return frozenset(
        key
        for key, words in _lists().narrow.items()
        if not any(True for _ in _found_in(spaced, words))
    )


def _content(text: str) -> Iterator[str]:
    """Words of Latin letters, of katakana and of kanji that are not common ones."""
    return (run for run in _CONTENT.findall(text) if not _is_common(hiragana(run)))


@cache
def _is_common(word: str) -> bool:
    """Whether a word is a common one or made of such."""
    if word in _lists().common:
        return True
    return not word.isascii() and any(
        word[:at] in _lists().common and _is_common(word[at:]) for at in range(1, len(word))
    )


def vocabulary_of(texts: Iterable[str]) -> Vocabulary:
    """The words of canonical texts."""
    words: set[str] = set()
    pairs: set[str] = set()
    for text in texts:
        for run in _CONTENT.findall(text):
            if _is_kanji(run):
                pairs |= {run[at : at + size] for size in (1, 2) for at in range(len(run))}
            else:
                words.add(hiragana(run))
    return Vocabulary(words=frozenset(words), pairs=frozenset(pairs))


def own_words() -> tuple[str, ...]:
    """The words of the lists, canonical; they are known words too."""
    rows = table("knowledge/words.toml")
    groups = (word for group in table("knowledge/terms.toml")["groups"] for word in group)
    listed = (word for name in ("ours", "others") for word in rows[name])
    vague = (word for row in rows["vague"].values() for word in row)
    services = (word for row in rows["services"].values() for word in row["names"])
    return tuple(canonical(word) for word in (*groups, *listed, *vague, *services))


def _cleaned(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub(" ", _LENGTH_MARKS.sub("", plain)).strip()


def _share(run: str, vocabulary: Vocabulary) -> float:
    """1 for a known word, 0 for an unknown one, between for a compound known in part."""
    if not _is_kanji(run):
        return float(_is_known(hiragana(run), vocabulary.words))
    if len(run) == 1:
        return float(run in vocabulary.pairs)
    known: set[int] = set()
    for at in range(len(run) - 1):
        if run[at : at + 2] in vocabulary.pairs or run[at : at + 2] in _lists().common:
            known |= {at, at + 1}
    return len(known) / len(run)


def _is_kanji(run: str) -> bool:
    return run[0] >= "\u3400" or run[0] == "\u3005"


def _is_known(word: str, words: AbstractSet[str]) -> bool:
    """Whether a word is one of these, one of them with an ending or a slip, or made of two."""
    if word in words or any(
        word[:at] in words and word[at:] in words for at in range(2, len(word))
    ):
        return True
    stems = (word[: -len(end)] for end in ("s", "es", "ed", "d", "ing") if word.endswith(end))
    if word.isascii() and any(stem in words or f"{stem}e" in words for stem in stems):
        return True
    return len(word) >= _SLIP and any(_one_slip(word, other) for other in words)


def _one_slip(left: str, right: str) -> bool:
    """Whether one character more, less or other makes the two words equal."""
    if abs(len(left) - len(right)) > 1 or left[0] != right[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if at is None:
        return True
    return (
        left[at + 1 :] == right[at + 1 :]
        or left[at:] == right[at + 1 :]
        or (left[at + 1 :] == right[at:])
    )


def _spaced(text: str) -> str:
    """A canonical text folded, its runs apart, as ``_found_in`` looks at it."""
    return " " + " ".join(_RUNS.findall(hiragana(text)))


def _found_in(text: str, words: _Table) -> Iterator[tuple[str, int, int]]:
    """What the words in a folded text stand for, and where: the longest of overlapping ones."""
    at = 0
    while at < len(text):
        end = at + 1
        for word, value in words.get(_beginning(text, at), ()):
            if text.startswith(word, at):
                end = at + len(word)
                yield value, at, end
                break
        at = end


def _without(text: str, *tables: _Table) -> str:
    rest = " " + " ".join(_RUNS.findall(text))
    for words in tables:
        for _, at, end in tuple(_found_in(hiragana(rest), words)):
            rest = rest[:at] + " " * (end - at) + rest[end:]
    return rest


def _beginning(text: str, at: int) -> str:
    """What words are listed under: a blank and two letters, or one other character."""
    return text[at : at + 3] if text[at] == " " else text[at]


def _table(pairs: Iterable[tuple[str, str]]) -> _Table:
    """Words with what they stand for. A Latin word counts from its beginning on."""
    found: dict[str, list[tuple[str, str]]] = {}
    for word, value in pairs:
        text = " ".join(_RUNS.findall(hiragana(canonical(word))))
        text = f" {text}" if text[0].isascii() else text
        found.setdefault(_beginning(text, 0), []).append((text, value))
    return {key: tuple(sorted(row, key=lambda pair: -len(pair[0]))) for key, row in found.items()}


@cache
def _readings() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """A pattern of all ways of writing, the longest first, and what each stands for."""
    found: dict[str, str] = {}
    for canon, words in table("knowledge/words.toml")["readings"].items():
        for word in (canon, *words):
            found[hiragana(_cleaned(word))] = _cleaned(canon)
    parts = (
        rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
        for word in sorted(found, key=lambda word: -len(word))
    )
    return re.compile("|".join(parts)), found


class Lists(Struct, frozen=True, kw_only=True):
    """The lists of words, made ready to be looked up.

    Attributes:
        tables: by name: ``terms``, ``services``, ``vague`` and the lists of words.toml.
        narrow: by entry.
        common: common words, folded.
        others: a pattern of the words of other subjects.
    """

    tables: Mapping[str, _Table]
    narrow: Mapping[str, _Table]
    common: frozenset[str]
    others: str


LISTS: Final = "lists"
"""The name of the lists among what was made before."""


def list_sources() -> bytes:
    """The tables that the lists are made of, as they are in use."""
    return b"".join(source(f"knowledge/{name}.toml") for name in ("terms", "words"))


def make_lists() -> Lists:
    """The lists, made of the tables in use."""
    rows = table("knowledge/words.toml")
    groups: list[list[str]] = table("knowledge/terms.toml")["groups"]
    pairs: dict[str, list[tuple[str, str]]] = {
        name: [(word, name) for word in rows[name]]
        for name in ("ours", "anchors", "usual", "specific", "phrases")
    }
    pairs["terms"] = [(word, str(at)) for at, group in enumerate(groups) for word in group]
    pairs["services"] = [
        (word, name) for name, row in rows["services"].items() for word in row["names"]
    ]
    pairs["vague"] = [(word, name) for name, row in rows["vague"].items() for word in row]
    return Lists(
        tables={name: _table(row) for name, row in pairs.items()},
        narrow={key: _table((word, key) for word in row) for key, row in rows["narrow"].items()},
        common=frozenset(hiragana(canonical(word)) for word in rows["common"]),
        others=_pattern_of(rows["others"]),
    )


def _pattern_of(words: Iterable[str]) -> str:
    """A pattern of words of other subjects; of Latin letters and of katakana only whole ones."""
    parts = []
    for word in map(canonical, words):
        kind = "[a-z]" if word.isascii() else "[\u30a1-\u30f6]" if _KATAKANA.fullmatch(word) else ""
        parts.append(f"(?<!{kind}){re.escape(word)}(?!{kind})" if kind else re.escape(word))
    return "|".join(sorted(parts, key=lambda part: (-len(part), part)))


@cache
def _lists() -> Lists:
    made = content(LISTS, list_sources())
    return make_lists() if made is None else json.decode(made, type=Lists)


@cache
def _others() -> re.Pattern[str]:
    return re.compile(_lists().others)


def _listed(name: str) -> _Table:
    return _lists().tables[name]
