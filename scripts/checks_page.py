# SPDX-License-Identifier: Apache-2.0
"""``docs/checks.md``, made from the catalogue: every check, its states, its remedies.

What belongs here: the page as text. What does not: the checks (``checks``) and their sentences
(``messages``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.errands import check_causes
from cardcheck.catalog.messages import Advice, CheckRow, advice_for, advice_of, check_table, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages

_HEAD: Final = """\
# Checks

Made by `scripts/documents` from the catalogue; do not edit. `cardcheck explain ID` says
the same for one check, in Japanese as well. Ids are stable: never renamed, never reused.
"""
_CHECKS: Final = """
Somebody must know of, or act on, the states in the tables; `who` is the value of `actor`. What is
found follows from what is named behind "follows from": then it is no errand of its own.

`cardcheck` prints the commands and runs none of them. `{name}` stands for an observed value.
"""


def checks_page() -> str:
    """The whole page in English, with a line feed at the end."""
    messages = load("en")
    lines = [_HEAD, _CHECKS]
    lines += ["\n".join(_row(row, messages)) for row in check_table() if row.layer]
    return "\n".join(lines).rstrip() + "\n"


def _row(row: CheckRow, messages: Messages) -> Iterator[str]:
    where = ", ".join(row.systems) or "every system"
    yield f"### `{row.id}`\n"
    yield f"{messages.check_title(row.id)}. Layer: {row.layer}; about: {row.subject}; {where}.\n"
    causes = check_causes(row.id)
    if causes:
        yield f"Follows from: {', '.join(f'`{cause}`' for cause in causes)}\n"
    if row.fine:
        yield f"Fine: {', '.join(f'`{state}`' for state in row.fine)}\n"
    if row.open:
        yield from ("| state | what it means | who |", "|---|---|---|")
    for state in row.open:
        first = next(iter(advice_for(row.id, state)), None)
        advice = advice_of(first) if first else None
        who = advice.actor if advice else ""
        yield f"| `{state}` | {_cell(_words(messages, row.id, state))} | {who} |"
    yield ""
    for state in row.open:
        yield from _commands(row.id, state, messages)


def _words(messages: Messages, check: str, state: str) -> str:
    values = _Names()
    return messages.technical(check, state, values) or messages.first(check, state, values)


class _Names(dict[str, object]):
    """Each value by its own name in braces."""

    def get(self, key: str, default: object = None) -> object:  # noqa: ARG002 - dict's
        return f"{{{key}}}"


def _commands(check: str, state: str, messages: Messages) -> Iterator[str]:
    for each in (advice_of(key) for key in advice_for(check, state)):
        if each is not None and each.commands:
            yield f"* `{state}`: {messages.advice(each.id).next} ({each.actor})"
            yield f"  Source: {each.source} (confidence: {each.confidence})."
            yield from _shell(each)


def _shell(advice: Advice) -> Iterator[str]:
    for name, commands in (("", advice.commands), ("  Undo:", advice.undo)):
        if commands:
            yield from filter(None, (name,))
            text = "\n".join(commands).replace("{{", "{").replace("}}", "}")
            yield "\n".join(
                ("", "  ```sh", *(f"  {line}" for line in text.split("\n")), "  ```", "")
            )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
