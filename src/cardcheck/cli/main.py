# SPDX-License-Identifier: Apache-2.0
"""The command group, and what errors become.

What belongs here: the list of commands, loaded one by one when they are run, and the way from an
exception to an exit code. What does not: what a command does.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from typing import Final

import click

from cardcheck import __version__
from cardcheck.catalog.messages import LANGUAGES
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.data_sets import take_data_set
from cardcheck.cli.language import group_lang_option, language, wish_in
from cardcheck.errors import InputError, place_of
from cardcheck.escaping import harmless_value

_ABOUT_ITSELF: Final = frozenset({"-h", "--help", "-V", "--version"})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
COMMANDS: Final = {
    "scan": "cardcheck.cli.commands.scan",
    "readers": "cardcheck.cli.commands.readers",
    "doctor": "cardcheck.cli.commands.doctor",
    "place": "cardcheck.cli.commands.place",
    "explain": "cardcheck.cli.commands.explain",
    "isolate": "cardcheck.cli.commands.isolate",
    "compare": "cardcheck.cli.commands.compare",
    "trace": "cardcheck.cli.commands.trace",
    "replay": "cardcheck.cli.commands.replay",
    "simulate": "cardcheck.cli.commands.simulate",
    "kiosk": "cardcheck.cli.commands.kiosk",
    "fleet": "cardcheck.cli.commands.fleet",
    "exit-codes": "cardcheck.cli.commands.tables",
    "checks": "cardcheck.cli.commands.tables",
    "schema": "cardcheck.cli.commands.tables",
    "completion": "cardcheck.cli.commands.completion",
}
"""Every command and the module that has it, as ``<name>_command``."""


class LazyGroup(click.Group):
    """A group that imports a command only when it is run or described.

    Attributes:
        japanese: whether commands are to be described in Japanese.
    """

    japanese = False

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; where there is none, those that may be meant are said."""
        known = ctx.resilient_parsing or self.get_command(ctx, args[0]) or args[0].startswith("-")
        if known:
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = get_close_matches(args[0].lower(), COMMANDS)
        hint = f"Did you mean {', '.join(near)}?" if near else "See: cardcheck help"
        raise click.UsageError(f"No such command {args[0]!r}. {hint}", ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command called ``cmd_name``, or None."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(import_module(module), f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        if self.japanese:
            from cardcheck.cli.helping import in_japanese

            return in_japanese(cmd_name, command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@group_lang_option
@click.version_option(__version__, "-V", "--version", prog_name="cardcheck")
def cli() -> None:
    """Why does login with a My Number card not work?

    Start here: put the card on the reader and type "cardcheck scan".

    Looks at the PC/SC service, the driver, the reader and the card, and says which of them is at
    fault, who must act and what to do next. No PIN is asked for, and no PIN try is spent.
    """


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code; never raises, never shows a traceback."""
    _survive_any_console()
    arguments = _spelled_out(arguments)
    try:
        if arguments and not _ABOUT_ITSELF & set(arguments[:1]):
            take_data_set(os.environ, wish_in(arguments))
        group = _described(arguments)
        result = group.main(arguments, prog_name="cardcheck", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        _offer_no_hidden_option(error)
        _say(_shown(error, arguments))
        return _told(arguments, harmless_value(error.format_message()), ExitCode.USAGE)
    except click.Abort:
        return ExitCode.INTERRUPTED
    except InputError as error:
        _say([f"cardcheck: {_reason(str(error), arguments)}"])
        return _told(arguments, str(error), ExitCode.USAGE)
    except Exception as error:  # noqa: BLE001 - the last resort
        if isinstance(error, OSError) and _nobody_reads(error):
            return _silence()
        return _told(arguments, _bug(error), _ended_by(error))
    return int(result) if isinstance(result, int) else ExitCode.OK


def _offer_no_hidden_option(error: click.ClickException) -> None:
    """Leaves hidden options out of what may have been meant."""
    if isinstance(error, click.NoSuchOption) and error.ctx is not None and error.possibilities:
        params = error.ctx.command.params
        hidden = {n for p in params if isinstance(p, click.Option) and p.hidden for n in p.opts}
        error.possibilities[:] = [name for name in error.possibilities if name not in hidden]


def _spelled_out(arguments: list[str]) -> list[str]:
    """The command line for what people type: nothing, ``help``, ``help COMMAND``, ``version``."""
    match arguments:
        case ["--lang", lang, *others] if lang in LANGUAGES:
            return ["--lang", lang, *_spelled_out(others)]
        case [] | ["help"]:
            return ["--help"]
        case ["help", *command]:
            return [*command, "--help"]
        case ["version"]:
            return ["--version"]
    return arguments


def _told(arguments: list[str], why: str, code: ExitCode) -> int:
    """The exit code; for monitoring, that of a plugin, and why there is no result on stdout."""
    pairs = pairwise(arguments)
    if ("--format", "nagios") not in pairs and "--format=nagios" not in arguments:
        return code
    from cardcheck.kiosk.monitoring import status_of_error
    from cardcheck.output.streams import write_note
    from cardcheck.render.nagios import nagios_text

    status = status_of_error(why)
    write_note(sys.stdout, nagios_text(status))
    return status.state.value


def _nobody_reads(error: OSError) -> bool:
    from cardcheck.output.streams import nobody_reads

    return nobody_reads(sys.stdout, error)


def _ended_by(error: Exception) -> ExitCode:
    """What an unexpected exception means: a disk that filled up under click's help, or a bug."""
    if isinstance(error, OSError) and error.errno in _FULL:
        from cardcheck.output.streams import complaint

        _say([f"cardcheck: {complaint('standard output', error)}"])
        _silence()
        return ExitCode.USAGE
    _say([_bug(error)])
    return ExitCode.BUG


def _described(arguments: list[str]) -> click.Command:
    """The command group; where help is asked for in Japanese, with Japanese texts."""
    if arguments and not {"-h", "--help"} & set(arguments):
        return cli  # most runs: nothing more is loaded
    from cardcheck.cli.helping import in_japanese, wants_japanese_help

    if not wants_japanese_help(arguments):
        return cli
    group = in_japanese("cardcheck", cli)
    assert isinstance(group, LazyGroup)
    group.japanese = True
    return group


def _bug(error: Exception) -> str:
    """One line about an unexpected exception: type and place; its message might be card data."""
    kind, place = type(error).__name__, place_of(error)
    return f"cardcheck: a bug of ours: {kind} at {place}. Please report this line."


def _shown(error: click.ClickException, arguments: list[str]) -> list[str]:
    """What to print of a wrong command line; what was typed there stays in one line."""
    if _japanese(arguments):
        from cardcheck.cli.helping import error_in_japanese

        return error_in_japanese(error)
    from io import StringIO

    text = StringIO()
    error.show(text)
    shown, message = text.getvalue().rstrip("\n"), error.format_message()
    if message and not isinstance(error, click.MissingParameter):  # that lists choices in lines
        shown = shown.replace(message, harmless_value(message))
    return shown.split("\n")


def _reason(message: str, arguments: list[str]) -> str:
    """What an input error says, in the language that is spoken."""
    if not _japanese(arguments):
        return message
    from cardcheck.cli.helping import reason_in_japanese

    return reason_in_japanese(message)


def _japanese(arguments: list[str]) -> bool:
    return language(wish_in(arguments), stream=sys.stderr) == "ja"


def _say(lines: list[str]) -> None:
    from cardcheck.output.streams import write_lines

    with suppress(InputError):  # a stderr that takes nothing
        write_lines(sys.stderr, lines)


def _silence() -> int:
    """The exit code where nobody reads our output; keeps Python from complaining at the end."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(devnull, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue
    return ExitCode.OK


def _survive_any_console() -> None:
    """Makes stdout and stderr replace what their encoding cannot carry (cp932, ASCII)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with suppress(OSError, ValueError):  # full or closed: said when something is written
                reconfigure(errors="backslashreplace")
