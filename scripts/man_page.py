# SPDX-License-Identifier: Apache-2.0
"""``docs/cardcheck.1``: the manual page, from the help texts of the commands."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from cardcheck import BUILD_DATE, __version__
from cardcheck.catalog.messages import load
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = (
    ("cardcheck scan", "Find out why the card cannot be used."),
    ("cardcheck place", "Find a spot on the reader where the card is read steadily."),
    ("cardcheck scan --html report.html", "Write a page to print and take to the counter."),
    ("cardcheck compare before.json after.json", "Is it mended?"),
    ("cardcheck scan --simulate pin-locked", "See what is said about a locked PIN, for training."),
)


def page() -> str:
    """The man page as roff source."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" SPDX-License-Identifier: Apache-2.0'
    yield '.\\" Written by scripts/documents.'
    yield f'.TH CARDCHECK 1 "{BUILD_DATE}" "cardcheck {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"cardcheck \- say why login with a My Number card fails, and what to do about it"
    yield ".SH SYNOPSIS"
    yield r"\fBcardcheck\fR \fICOMMAND\fR [\fIOPTIONS\fR]"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(cli.help or "")
    yield ".SH COMMANDS"
    for names, command in _commands(cli, ()):
        yield from _command(names, command)
    yield ".SH EXIT STATUS"
    for code in ExitCode:
        yield ".TP"
        yield rf"\fB{code.value}\fR"
        yield _escaped(load("en").word("exit-code", str(code.value)))
    yield ".SH ENVIRONMENT"
    yield from (".TP", r"\fBCARDCHECK_LANG\fR", r"\fBja\fR or \fBen\fR: the language.")
    yield from (".TP", r"\fBCARDCHECK_DATA\fR", "A signed data set to use (see docs/data.md).")
    signers = "Who may sign data sets: a file as in ALLOWED SIGNERS of ssh\\-keygen(1)."
    yield from (".TP", r"\fBCARDCHECK_DATA_SIGNERS\fR", signers)
    yield from (".TP", r"\fBNO_COLOR\fR", "Where it is set, no colours are used.")
    yield ".SH EXAMPLES"
    for line, told in EXAMPLES:
        yield from (".TP", rf"\fB{_escaped(line)}\fR", _escaped(told))


def _commands(
    group: click.Group, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands, those of a group after it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield (*above, name), command
            if isinstance(command, click.Group):
                yield from _commands(command, (*above, name))


def _command(names: tuple[str, ...], command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(("cardcheck", *names)))
    arguments = [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    yield f'.SS "{_escaped(" ".join(("cardcheck", *names, *arguments)))}"'
    yield from _paragraphs(command.help or "")
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            yield from _option(option, context)


def _option(option: click.Option, context: click.Context) -> Iterator[str]:
    record = option.get_help_record(context)
    if record is not None:
        yield from (".TP", rf"\fB{_escaped(record[0])}\fR", _escaped(record[1]))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", cleandoc(text)):
        yield ".PP"
        if paragraph.lstrip().startswith("\b"):
            lines = paragraph.lstrip().lstrip("\b").strip("\n").split("\n")
            yield from (".nf", *(_escaped(line) for line in lines), ".fi")
        else:
            yield _escaped(" ".join(paragraph.split()))


def _escaped(text: str) -> str:
    """The text without any meaning to roff."""
    text = " ".join(text.split()) if "\n" in text else text
    text = text.replace("\\", r"\(rs").replace("-", r"\-").replace("~", r"\(ti")
    return re.sub(r"^([.'])", r"\\&\1", text)
