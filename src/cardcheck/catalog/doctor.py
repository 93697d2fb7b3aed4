# SPDX-License-Identifier: Apache-2.0
"""The root causes that ``doctor`` looks for: where they apply, what mends them, their sentences.

What belongs here: loading ``doctor.toml`` and ``messages/doctor-*.toml``, and putting values into
commands. What does not: how a cause is recognised (``checks.doctor``). Only ``doctor`` and
``explain`` load this: a scan starts faster without it.
"""

from __future__ import annotations

import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from cardcheck.catalog.data import table
from cardcheck.catalog.messages import Messages, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.catalog.messages import Language

CLEAR: Final = "clear"
"""The state of a check that found nothing wrong."""
TIMED_OUT: Final = "timed-out"
"""The state of a check that did not end in time."""


class Remedy(Struct, frozen=True, kw_only=True):
    """What mends one state of one cause.

    Attributes:
        id: stable id, the check's with the state's behind it.
        actor: who acts, a value of the contract's ``actor``.
        values: names of the evidence that sentences and commands may name.
        commands: shell commands, in order; empty where no command helps.
        undo: shell commands that undo them; empty where there is nothing to undo.
    """

    id: str
    actor: str
    values: tuple[str, ...]
    commands: tuple[str, ...]
    undo: tuple[str, ...]


class Cause(Struct, frozen=True, kw_only=True):
    """One root cause.

    Attributes:
        id: stable id of its check, ``area.subject.condition``.
        layer: its link of the chain.
        systems: where it can occur (``Linux``, ``Darwin``, ``Windows``); everywhere where empty.
        source: where it was read.
        confidence: ``high``, ``medium`` or ``low``.
        as_of: year and month of the source's review, ``YYYY-MM``.
        states: the remedies by state.
    """

    id: str
    layer: str
    systems: tuple[str, ...]
    source: str
    confidence: str
    as_of: str
    states: Mapping[str, Remedy]


@cache
def cause_table() -> Mapping[str, Cause]:
    """All causes by the id of their check, in the order of the chain."""
    document = table("doctor.toml")
    shared = {"as_of": document["as_of"]}
    return {key: _cause(key, {**shared, **row}) for key, row in document["check"].items()}


def remedy_of(check: str, state: str) -> Remedy | None:
    """What mends ``state`` of ``check``; None where nothing needs mending."""
    cause = cause_table().get(check)
    return cause.states.get(state) if cause else None


def filled(commands: tuple[str, ...], evidence: Mapping[str, object]) -> tuple[str, ...]:
    """The commands with the values of the evidence in them, quoted for a POSIX shell.

    A value from a device or a file can never become a second command.
    """
    quoted = {name: shlex.quote(str(value)) for name, value in evidence.items()}
    return tuple(_filled(command, quoted) for command in commands)


def _filled(command: str, values: Mapping[str, str]) -> str:
    class Values(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "?"

    return command.format_map(Values(values))


@cache
def load_doctor(lang: Language) -> Messages:
    """The sentences of ``doctor`` in one language, and those of a scan with them."""
    own, common = table(f"messages/doctor-{lang}.toml"), load(lang).table
    return Messages(
        lang,
        {
            **common,
            "check": {**common["check"], **own["check"]},
            "common": {**common["common"], **own["common"]},
            "label": {**common["label"], **own["label"]},
            "advice": {**common["advice"], **_advice(own["check"])},
        },
    )


def _advice(checks: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The next step of each state, as advice."""
    return {
        f"{check}.{state}": {"next": texts["next"], "more": []}
        for check, states in checks.items()
        for state, texts in states.items()
        if isinstance(texts, dict)
    }


def _cause(key: str, row: Mapping[str, Any]) -> Cause:
    return Cause(
        id=key,
        layer=row["layer"],
        systems=tuple(row["systems"]),
        source=row["source"],
        confidence=row["confidence"],
        as_of=row["as_of"],
        states={
            state: Remedy(
                id=f"{key}.{state}",
                actor=entry["actor"],
                values=tuple(entry["values"]),
                commands=tuple(entry["commands"]),
                undo=tuple(entry["undo"]),
            )
            for state, entry in row["state"].items()
        },
    )
