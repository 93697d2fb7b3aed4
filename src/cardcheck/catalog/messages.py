# SPDX-License-Identifier: Apache-2.0
"""The sentences, in Japanese and English, and which advice belongs to which state.

What belongs here: loading ``messages/*.toml``, ``advice.toml``, ``remedies.toml`` and
``checks.toml``, and putting values into sentences and commands. What does not: which language is
spoken (``cli``), which state a check ends in (``checks``), and layout (``render``).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from cardcheck.catalog.data import table
from cardcheck.escaping import harmless_value
from cardcheck.facts.calendar import BEFORE_REIWA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")

MISSING = "?"
"""Shown for a value that is not at hand."""

CLEAR = "clear"
"""The state of a check that found nothing wrong."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_UNDESCRIBED = "undescribed"
_HEXADECIMAL = {"code": "0x{:08X}", "sw": "{:04X}"}


class AdviceText(Struct, frozen=True):
    """What to do, in words.

    Attributes:
        next: the next step, one sentence.
        more: further steps, in order.
    """

    next: str
    more: tuple[str, ...]


class Advice(Struct, frozen=True, kw_only=True):
    """One piece of advice without its words.

    Attributes:
        id: stable id.
        actor: who acts, a value of the contract's ``actor``.
        systems: where it applies (``Linux``, ``Darwin``, ``Windows``); everywhere where empty.
        source: where it comes from.
        confidence: ``high``, ``medium`` or ``low``.
        as_of: year and month of the source's review, ``YYYY-MM``.
        commands: shell commands, in order; empty where no command helps.
        undo: shell commands that undo them; empty where there is nothing to undo.
        visit: it is done in person at the office: two of these are one visit.
    """

    id: str
    actor: str
    systems: tuple[str, ...]
    source: str
    confidence: str
    as_of: str
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    visit: bool = False

    def applies_to(self, system: str | None) -> bool:
        """Whether it makes sense on ``system``; None asks for no system in particular."""
        return system is None or not self.systems or system in self.systems


class CheckRow(Struct, frozen=True, kw_only=True):
    """One check as the table of checks declares it.

    Attributes:
        id: stable id, ``area.subject.condition``, or ``common``: states that any check may have.
        layer: its link of the chain; empty for ``common``.
        subject: ``host``, ``reader`` or ``card``: what it is about; empty for ``common``.
        systems: where it can find something; everywhere where empty.
        fine: states that ask nothing of anybody, each with the values that its sentences may name.
        open: states that somebody should know of or act on, likewise.
    """

    id: str
    layer: str
    subject: str
    systems: tuple[str, ...]
    fine: Mapping[str, tuple[str, ...]]
    open: Mapping[str, tuple[str, ...]]


class Messages(Struct, frozen=True, eq=False):
    """The sentences of one language.

    Values are untrusted: only plain ``{name}`` is replaced, once, and what a value contains is
    never looked at. A missing value is shown as ``?``, an id that this version does not know
    as it is. What would act on a terminal is escaped (``escaping``).
    """

    lang: Language
    table: Mapping[str, Any]

    def __repr__(self) -> str:
        """The language, without the sentences."""
        return f"Messages({self.lang!r})"

    def check_title(self, check: str) -> str:
        """What the check is about, a short noun phrase."""
        return str(self._check(check).get("title", check))

    def first(self, check: str, state: str, values: Mapping[str, object]) -> str:
        """One sentence for the person at the computer; with the year where ``values`` has it."""
        texts = self._texts(check, state)
        dated = texts.get("dated")
        if dated is None or any(values.get(name) is None for name in _needed(dated)):
            return self._filled(texts["first"], values)
        return self._filled(dated, values)

    def technical(self, check: str, state: str, values: Mapping[str, object]) -> str:
        """One line for an engineer; never a date."""
        return self._filled(self._texts(check, state)["technical"], values)

    def advice(self, advice: str) -> AdviceText:
        """What to do, in words."""
        texts = self.table["advice"].get(advice)
        if texts is None:
            check, _, state = advice.rpartition(".")
            return AdviceText(self._check(check).get(state, {}).get("next", advice), ())
        return AdviceText(texts["next"], tuple(texts["more"]))

    def word(self, section: str, key: str) -> str:
        """The word for a value of an enumeration, such as ``word("pin.state", "locked")``."""
        words: Any = self.table
        for part in section.split("."):
            words = words[part]
        text = words.get(key)
        return text if isinstance(text, str) else harmless_value(key)

    def label(self, key: str, **values: object) -> str:
        """A word or sentence of the user interface.

        Raises:
            KeyError: there is no such label, which is a bug of ours.
        """
        return self._filled(self.table["label"][key], values)

    def _check(self, check: str) -> Mapping[str, Any]:
        """The sentences of one check; those of a thorough look are read when first asked for."""
        texts: Mapping[str, Any] | None = self.table["check"].get(check)
        if texts is None:
            texts = table(f"messages/computer-{self.lang}.toml")["check"].get(check, {})
        return texts

    def _texts(self, check: str, state: str) -> Mapping[str, str]:
        texts = self._check(check).get(state)
        if isinstance(texts, dict):
            return texts
        common: Mapping[str, Mapping[str, str]] = self.table["common"]
        return common.get(state, common[_UNDESCRIBED])

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        return _PLACEHOLDER.sub(lambda match: harmless_value(self._shown(match[1], values)), text)

    def _shown(self, name: str, values: Mapping[str, object]) -> str:
        value = values.get(name)
        if name == "era":
            return self._era(values)
        if name == "holder" and not value:
            return self.label("another-program")
        if value is None:
            return MISSING
        if name == "left":
            return self.word("left", str(value))
        if name in _HEXADECIMAL and isinstance(value, int):
            return _HEXADECIMAL[name].format(value & 0xFFFFFFFF)
        return str(value)

    def _era(self, values: Mapping[str, object]) -> str:
        year = str(values.get("year"))
        if year.isdecimal() and int(year) > BEFORE_REIWA:
            return self.label("reiwa", number=int(year) - BEFORE_REIWA)
        return str(values.get("era") or MISSING)


@cache
def load(lang: Language) -> Messages:
    """The sentences of one language; read at the first call (about 5 ms), then kept."""
    return Messages(lang, table(f"messages/{lang}.toml"))


@cache
def advice_table() -> Mapping[str, Advice]:
    """All advice by id: that of every run, then what mends the states of a thorough look."""
    return {**_everyday(), **_remedies()}


def advice_of(advice: str) -> Advice | None:
    """One piece of advice, or None where there is none of this id."""
    return _everyday().get(advice) or _remedies().get(advice)


@lru_cache(maxsize=1024)
def advice_for(check: str, state: str, system: str | None = None) -> tuple[str, ...]:
    """Ids of the advice for a state, the next step first; empty where nothing needs doing.

    A state that ``advice.toml`` does not name has the remedy of its own name, if any.

    Args:
        check: id of the check.
        state: its state.
        system: only what applies to this system (``Linux``, ``Darwin``, ``Windows``); None for all.
    """
    rows: Mapping[str, Mapping[str, list[str]]] = table("advice.toml")["for"]
    ids = rows.get(check, {}).get(state) or rows["common"].get(state)
    if ids is None:
        named = check not in rows and state != CLEAR and f"{check}.{state}" in _remedies()
        ids = [f"{check}.{state}"] if named else []
    found = {key: advice_of(key) for key in ids}
    return tuple(key for key, row in found.items() if row and row.applies_to(system))


def filled(commands: Iterable[str], evidence: Mapping[str, object]) -> tuple[str, ...]:
    """The commands with the values of the evidence in them, quoted for a POSIX shell.

    A value from a device or a file can never become a second command.
    """
    import shlex

    quoted = {name: shlex.quote(str(value)) for name, value in evidence.items()}
    return tuple(command.format_map(_OrUnknown(quoted)) for command in commands)


class _OrUnknown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return MISSING


@cache
def _everyday() -> Mapping[str, Advice]:
    rows = table("advice.toml").items()
    return {key: _advice(key, row) for key, row in rows if key != "for"}


@cache
def _remedies() -> Mapping[str, Advice]:
    document = dict(table("remedies.toml"))
    shared = {"as_of": document.pop("as_of")}
    return {key: _advice(key, {**shared, **row}) for key, row in document.items()}


def _advice(key: str, row: Mapping[str, Any]) -> Advice:
    return Advice(
        id=key,
        actor=row["actor"],
        systems=tuple(row.get("systems", ())),
        source=row["source"],
        confidence=row["confidence"],
        as_of=row["as_of"],
        commands=tuple(row.get("commands", ())),
        undo=tuple(row.get("undo", ())),
        visit=row.get("visit", False),
    )


@cache
def check_table() -> tuple[CheckRow, ...]:
    """Every check, in the order of the chain, and last the states that any check may have."""
    return tuple(
        CheckRow(
            id=key,
            layer=row.get("layer", ""),
            subject=row.get("subject", ""),
            systems=tuple(row.get("systems", ())),
            fine={state: tuple(names) for state, names in row["fine"].items()},
            open={state: tuple(names) for state, names in row["open"].items()},
        )
        for key, row in table("checks.toml").items()
    )


def _needed(text: str) -> list[str]:
    return [name for name in _PLACEHOLDER.findall(text) if name != "era"]  # made from the year
