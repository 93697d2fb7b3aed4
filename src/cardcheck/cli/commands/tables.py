# SPDX-License-Identifier: Apache-2.0
"""``cardcheck exit-codes``, ``checks`` and ``schema``: what other programs may rely on, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages

_LANGUAGE = click.option("--lang", type=click.Choice(["ja", "en"]), help="Language.")


@click.command(name="exit-codes")
@_LANGUAGE
def exit_codes_command(lang: str | None) -> None:
    """Print the exit codes and what they mean."""
    from cardcheck.checks.exit_codes import ExitCode

    messages = _messages(lang)
    rows = ((code.value, messages.word("exit-code", str(code.value))) for code in ExitCode)
    _print("\n".join(f"{value:>3}  {meaning}" for value, meaning in rows))


@click.command(name="checks")
@_LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def checks_command(lang: str | None, *, as_json: bool) -> None:
    """Print every check with its link of the chain."""
    from cardcheck.checks.scan import SCAN

    messages = _messages(lang)
    rows = [(check.id, check.layer.value, messages.check_title(check.id)) for check in SCAN]
    if as_json:
        import json

        names = ("id", "layer", "title")
        listed = [dict(zip(names, row, strict=True)) for row in rows]
        _print(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        width = max(len(row[0]) for row in rows)
        _print("\n".join(f"{name:{width}}  {layer:11}  {title}" for name, layer, title in rows))


@click.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of the report."""
    from cardcheck.render.json_report import schema

    _print(schema().rstrip("\n"))


def _messages(lang: str | None) -> Messages:
    import os

    from cardcheck.catalog.messages import choose_language, load

    return load(choose_language(lang, os.environ, None))


def _print(text: str) -> None:
    from cardcheck.render.streams import write_text

    write_text(sys.stdout, text + "\n")
