# SPDX-License-Identifier: Apache-2.0
"""``--help`` in Japanese, as far as it is translated; the rest stays English.

What belongs here: laying ``messages/help-ja.toml`` over commands. What does not: the English texts,
which are docstrings and options.
"""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HELP = frozenset({"-h", "--help"})


def wants_japanese_help(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether this command line asks for help, of somebody who reads Japanese."""
    if arguments and not _HELP & set(arguments):
        return False
    import locale

    from cardcheck.catalog.messages import choose_language

    return choose_language(_language_in(arguments), environ, locale.getlocale()[0]) == "ja"


def in_japanese(name: str, command: click.Command) -> click.Command:
    """A copy of ``command`` with the Japanese texts that there are; the original stays as it is."""
    words = table()
    made = copy.copy(command)
    texts = words["command"].get(name, {})
    made.short_help = texts.get("short", command.short_help)
    if "help" in texts:
        # \b keeps the lines: click cannot wrap Japanese.
        made.help = f"\b\n{texts['help'].strip()}"
    made.params = [_option(param, words["option"]) for param in command.params]
    made.add_help_option = False
    return click.help_option("-h", "--help", help=words["option"]["--help"])(made)


@cache
def table() -> dict[str, Any]:
    """The Japanese texts: ``command`` by name (``short``, ``help``), ``option`` by long name."""
    path = files("cardcheck.catalog").joinpath("messages/help-ja.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _option(param: click.Parameter, texts: Mapping[str, str]) -> click.Parameter:
    told = next((texts[name] for name in param.opts if name in texts), None)
    if told is None or not isinstance(param, click.Option):
        return param
    made = copy.copy(param)
    made.help = told
    return made


def _language_in(arguments: Sequence[str]) -> str | None:
    """What ``--lang`` says, where it is given."""
    for index, argument in enumerate(arguments):
        if argument == "--lang":
            return next(iter(arguments[index + 1 : index + 2]), None)
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None
