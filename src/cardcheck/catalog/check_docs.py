# SPDX-License-Identifier: Apache-2.0
"""``docs/checks.md``, made from the catalogue: every check, its states, its remedies.

What belongs here: the page as text. What does not: the checks (``checks``) and their sentences
(``messages``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.doctor import Cause, Remedy, cause_table, load_doctor
from cardcheck.catalog.messages import CheckRow, advice_for, advice_table, check_table, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages

_HEAD: Final = """\
# Checks

Made by `cardcheck.catalog.check_docs` from the catalogue; do not edit. `cardcheck explain ID` says
the same for one check, in Japanese as well. Ids are stable: never renamed, never reused.
"""
_SCAN: Final = """
## Checks of `scan`

Somebody must know of, or act on, the states in the tables; `who` is the value of `actor`.
"""
_DOCTOR: Final = """
## Root causes of `doctor`

Each is tested on two host snapshots in `fixtures/hosts`: one that shows it, one that nearly does.
`doctor` prints the commands and runs none of them. `{name}` stands for a value that was observed.
"""


def checks_page() -> str:
    """The whole page in English, with a line feed at the end."""
    scan, doctor = load("en"), load_doctor("en")
    lines = [_HEAD, _SCAN]
    lines += [_scan_row(row, scan) for row in check_table() if row.layer]
    lines.append(_DOCTOR)
    lines += ["\n".join(_cause(cause, doctor)) for cause in cause_table().values()]
    return "\n".join(lines).rstrip() + "\n"


def _scan_row(row: CheckRow, messages: Messages) -> str:
    lines = [
        f"### `{row.id}`\n",
        f"{messages.check_title(row.id)}. Layer: {row.layer}; about: {row.subject}.\n",
    ]
    if row.fine:
        lines.append(f"Fine: {', '.join(f'`{state}`' for state in row.fine)}\n")
    if row.open:
        lines += ["| state | what it means | who |", "|---|---|---|"]
    for state in row.open:
        advice = advice_for(row.id, state)
        who = advice_table()[advice[0]].actor if advice else ""
        lines.append(f"| `{state}` | {_cell(_words(messages, row.id, state))} | {who} |")
    return "\n".join(lines) + "\n"


def _words(messages: Messages, check: str, state: str) -> str:
    texts = messages.table["check"][check].get(state) or messages.table["common"][state]
    return str(texts["technical"] or texts["first"])


def _cause(cause: Cause, messages: Messages) -> Iterator[str]:
    where = ", ".join(cause.systems) or "every system"
    yield f"### `{cause.id}`\n"
    yield f"{messages.check_title(cause.id)}. Layer: {cause.layer}; {where}."
    yield f"Source: {cause.source} (confidence: {cause.confidence}).\n"
    for state, remedy in cause.states.items():
        yield f"* `{state}`: {_words(messages, cause.id, state)}"
        yield f"  {messages.advice(remedy.id).next} ({remedy.actor})"
        yield from _commands(remedy)
    yield ""


def _commands(remedy: Remedy) -> Iterator[str]:
    for name, commands in (("", remedy.commands), ("  Undo:", remedy.undo)):
        if commands:
            yield from filter(None, (name,))
            text = "\n".join(commands).replace("{{", "{").replace("}}", "}")
            yield "\n".join(
                ("", "  ```sh", *(f"  {line}" for line in text.split("\n")), "  ```", "")
            )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
