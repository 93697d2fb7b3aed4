# SPDX-License-Identifier: Apache-2.0
"""Codes in what people type or paste: of PC/SC and PKCS #11, status words, of systems and software.

What belongs here: recognising a code in any spelling, and the entries that explain it. What does
not: free text (``search``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from cardcheck.catalog.data import table as packaged
from cardcheck.catalog.messages import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TABLES: Final = (
    *("pcsc", "status", "messages"),
    *("pkcs11", "winapi", "linux", "python", "clinic"),
)
"""The files of codes."""

_NAMED: Final = TABLES[2:]  # those whose keys are names or have patterns
_PCSC: Final = re.compile(r"(?<![0-9A-F])(?:0X)?(8010[0-9A-F]{4})(?![0-9A-F])")
_DECIMAL: Final = re.compile(r"(?<![\dA-F])-?\d{10}(?!\d)")
_ZERO: Final = re.compile(r"(?<![0-9A-F])0X0{1,8}(?![0-9A-F])")
_HIGHEST: Final = 0xFFFFFFFF
_LABELLED_WORD: Final = re.compile(
    r"(?:SW1?(?:\s*SW2)?|STATUS(?:\s*WORD)?)\s*[:=(]?\s*(?:0X)?([69][0-9A-F])[\s:,]*(?:SW2\s*[:=]?\s*)?(?:0X)?"
    r"([0-9A-F]{2})(?![0-9A-F])"
)
_BARE_WORD: Final = re.compile(
    r"(?<![0-9A-Z.,-])(?:0X)?([69][0-9A-F])[\s:]?([0-9A-F]{2})H?"
    r"(?![0-9A-Z.,-]|\s*[\u5186\u5e74\u6708\u65e5\u56de\u4ef6\u679a\u6841])"  # no yen, years, times
)
_LETTERS: Final = re.compile(r"[^0-9A-Z]")
_DASHES: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc", "-")
)


class Code(Struct, frozen=True, kw_only=True):
    """One code.

    Attributes:
        key: as it is written officially: ``0x8010001D``, ``6984``, ``EW044-C300``.
        name: its symbolic name, or None.
        entries: ids of the entries about its causes, the likeliest first.
        states: pairs of check and state that it comes with, the likeliest first.
        texts: what the code itself says, by language.
        source: where that comes from.
        confidence: ``high``, ``medium`` or ``low``.
        as_of: year and month of the source's review, ``YYYY-MM``.
        values: for the placeholders of the texts.
        sure: False where it may be some other number.
    """

    key: str
    name: str | None
    entries: tuple[str, ...]
    texts: Mapping[Language, str]
    source: str
    confidence: str
    as_of: str
    values: Mapping[str, int] = field(default_factory=dict)
    sure: bool = True
    states: tuple[tuple[str, str], ...] = ()

    def text(self, lang: Language) -> str:
        """What the code says, values put in."""
        return self.texts[lang].format_map(dict(self.values))


class UnknownCode(Struct, frozen=True, kw_only=True):
    """What looks like a code of a known family but is not listed.

    Attributes:
        key: as it was typed, in capitals.
        entries: ids of entries about the family.
    """

    key: str
    entries: tuple[str, ...]


def codes_in(text: str) -> tuple[Code, ...]:
    """The codes in a text, in the order of sureness, each once."""
    plain = plain_text(text)
    found: dict[str, Code] = {}
    for code in (
        *_pcsc_codes(plain),
        *_named_codes(plain),
        *_phrases_in(text),
        *_status_words(plain),
    ):
        found.setdefault(code.key, code)
    return tuple(sorted(found.values(), key=lambda code: not code.sure))


def unknown_codes_in(text: str) -> tuple[UnknownCode, ...]:
    """The codes of known families that are not listed."""
    plain = plain_text(text)
    known = {_LETTERS.sub("", name) for name in _names()} | {
        key.upper() for key in _tables()["pcsc"]
    }
    found = {}
    for family in _families():
        for match in re.finditer(rf"(?<![0-9A-Z]){family['pattern']}(?![0-9A-Z])", plain):
            if match[0] not in known and _LETTERS.sub("", match[0]) not in known:
                found[match[0]] = UnknownCode(key=match[0], entries=tuple(family["entries"]))
    return tuple(found.values())


@cache
def all_codes() -> tuple[Code, ...]:
    """Every listed code; one that stands for several (``63Cx``) without a value."""
    return tuple(_code(key, key, row) for rows in _tables().values() for key, row in rows.items())


def plain_text(text: str) -> str:
    """The text in capitals, of one width, with one kind of hyphen."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).upper()


def _pcsc_codes(plain: str) -> Iterator[Code]:
    values = [int(match[1], 16) for match in _PCSC.finditer(plain)]
    values += [int(match[0]) & _HIGHEST for match in _DECIMAL.finditer(plain)]
    values += [0 for _ in _ZERO.finditer(plain)]
    table = _tables()["pcsc"]
    for value in values:
        key = f"0x{value:08X}"
        if key in table:
            yield _code(key, key, table[key])


def _named_codes(plain: str) -> Iterator[Code]:
    """Codes by name: whole, with other separators, or a PC/SC name without its prefix."""
    spaced = f" {_LETTERS.sub(' ', plain)} "
    found = [name for name in _names() if _is_in(name, spaced)]
    for name in found:
        if not any(_bare(name) in other for other in found if len(other) > len(name)):
            table, key = _names()[name]
            yield _code(key, key, _tables()[table][key])


def _phrases_in(text: str) -> Iterator[Code]:
    """Messages that are recognised by a pattern, as logs and screens word them."""
    plain = unicodedata.normalize("NFKC", text)
    for table, key, pattern in _phrases():
        if pattern.search(plain):
            yield _code(key, key, _tables()[table][key])


def _is_in(name: str, spaced: str) -> bool:
    words, short = _LETTERS.sub(" ", name), _LETTERS.sub(" ", _bare(name))
    solid = words.replace(" ", "")
    whole = f" {words} " in spaced or (len(solid) > 6 and solid in spaced.replace(" ", ""))
    return whole or (" " in short and f" {short} " in spaced)


def _bare(name: str) -> str:
    """The name without the ``SCARD_E_`` that PC/SC puts before its own."""
    return name[8:] if name.startswith("SCARD_") else name


def _status_words(plain: str) -> Iterator[Code]:
    labelled = [match[1] + match[2] for match in _LABELLED_WORD.finditer(plain)]
    for word in labelled:
        yield from _status_word(word, sure=True)
    rest = _PCSC.sub(" ", plain)
    for match in _BARE_WORD.finditer(rest):
        alone = match[0].strip() == rest.strip()
        yield from _status_word(match[1] + match[2], sure=alone or "0X" in match[0])


def _status_word(word: str, *, sure: bool) -> Iterator[Code]:
    for key, row in _tables()["status"].items():
        pattern = key.upper().replace("X", "[0-9A-F]")
        if re.fullmatch(pattern, word):
            yield _code(word, key, row, sure=sure)
            return


def _code(key: str, row_key: str, row: Mapping[str, Any], *, sure: bool = True) -> Code:
    low = key[-1] if row_key.endswith("Cx") else ""
    return Code(
        key=key,
        name=row.get("name"),
        entries=tuple(row["entries"]),
        texts={lang: row[lang] for lang in LANGUAGES},
        source=row["source"],
        confidence=row["confidence"],
        as_of=row["as_of"],
        values={"tries": int(low, 16)} if low and low != "x" else {},
        sure=sure,
        states=tuple((name, state) for name, _, state in map(_parted, row.get("states", ()))),
    )


def _parted(pair: str) -> tuple[str, str, str]:
    return pair.partition(":")


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    """Symbolic names and codes of messages, in capitals, with their table and key."""
    tables = _tables()
    found = {row["name"]: ("pcsc", key) for key, row in tables["pcsc"].items()}
    for table in _NAMED:
        for key, row in tables[table].items():
            names = () if "pattern" in row else (key, *row.get("names", ()))
            found.update({name.upper(): (table, key) for name in names})
    return found


@cache
def _phrases() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Table, key and pattern of the messages that are recognised by one, in the order tried."""
    return tuple(
        (table, key, re.compile(row["pattern"], re.IGNORECASE))
        for table in _NAMED
        for key, row in _tables()[table].items()
        if "pattern" in row
    )


@cache
def _families() -> tuple[Mapping[str, Any], ...]:
    return tuple(packaged("knowledge/messages.toml")["families"].values())


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Rows by table and key, each with its source, confidence and month."""
    result = {}
    for name in TABLES:
        table = dict(packaged(f"knowledge/{name}.toml"))
        rows = table.pop("code", None)
        shared = {key: table.pop(key) for key in ("as_of", "source", "confidence") if key in table}
        result[name] = {key: {**shared, **row} for key, row in (rows or table).items()}
    return result
