# SPDX-License-Identifier: Apache-2.0
"""``--help`` in Japanese, as far as it is translated; the rest stays English.

What belongs here: laying ``messages/help-ja.toml`` over commands. What does not: the English texts,
which are docstrings and options.
"""

from __future__ import annotations

import copy
import re
import tomllib
from functools import cache
from importlib.resources import files
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

import click

from cardcheck.cli.language import language, wish_in
from cardcheck.escaping import harmless_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_HELP = frozenset({"-h", "--help"})


def wants_japanese_help(arguments: Sequence[str]) -> bool:
    """Whether this command line asks for help, of somebody who reads Japanese."""
    if arguments and not _HELP & set(arguments):
        return False
    return language(wish_in(arguments)) == "ja"


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
    made.context_class = _Context
    made.add_help_option = False
    if isinstance(made, click.Group):
        within = made.commands.items()
        made.commands = {key: in_japanese(f"{name} {key}", each) for key, each in within}
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


class _Formatter(click.HelpFormatter):
    """click's layout with Japanese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Writes the line that shows how the command is called."""
        super().write_usage(prog, args, prefix or f"{_heading('Usage')}: ")

    def write_heading(self, heading: str) -> None:
        """Writes the heading of a section."""
        super().write_heading(_heading(heading))


class _Context(click.Context):
    """A context whose help has Japanese headings."""

    formatter_class = _Formatter


def _heading(name: str) -> str:
    return str(table()["heading"].get(name, name))


def error_in_japanese(error: click.ClickException) -> list[str]:
    """What to print of a wrong command line: how to call it, where to read on, what is wrong."""
    lines = []
    context = getattr(error, "ctx", None)
    if isinstance(context, click.Context):
        usage = context.get_usage().partition(":")[2].strip()
        lines.append(f"{_heading('Usage')}: {usage}")
        lines += [f"{_heading('Help')}: {context.command_path} --help", ""]
    reason = " ".join(reason_in_japanese(error.format_message()).split())
    return [*lines, f"{_heading('Error')}: {harmless_value(reason)}"]


def reason_in(lang: str, message: str) -> str:
    """What an input error says, in a language; English where it has no translation."""
    return reason_in_japanese(message) if lang == "ja" else message


def reason_in_japanese(message: str) -> str:
    """The message in Japanese; as it is where it has no translation.

    ``message`` is matched against the English patterns of the table, and what their placeholders
    stand for is translated once more: an invalid value has a reason of its own.
    """
    for pattern, told in _patterns():
        if found := pattern.fullmatch(message):
            values = {key: reason_in_japanese(text) for key, text in found.groupdict().items()}
            return _filled(told, values)
    return message


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The English sentences of wrong command lines as patterns, each with its translation."""
    return tuple((_pattern(row["en"]), row["ja"]) for row in table()["error"])


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda name: values[name[1]], text)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(english)  # by turns text and the name of a placeholder
    texts = [re.escape(text) for text in parts[::2]]
    values = [f"(?P<{name}>.+)" for name in parts[1::2]]
    return re.compile("".join(chain(*zip_longest(texts, values, fillvalue=""))), re.DOTALL)
