# SPDX-License-Identifier: Apache-2.0
"""``cardcheck trace``: record, show, lint, redact, compare and import traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cardcheck.cli.language import group_lang_option, lang_option
from cardcheck.cli.named import Input, Output
from cardcheck.cli.options import Instant, diagnosing

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.cli.options import Options

_BLANK_PINS = click.option(
    "--blank-pins", is_flag=True, help="Replace PINs by FF instead of refusing them."
)
_AT = click.option(
    "--at", type=Instant(), metavar="DATETIME", help="When it was recorded (the file's time)."
)
_FORMATS = (
    "pcscd",
    "opensc",
    "pcsc-spy",
    "apdu4j",
    "globalplatformpro",
    "opensc-tool",
    "scdaemon",
    "freerdp",
    "eid-mw",
    "nfcpy",
    "proxmark",
    "cryptotokenkit",
    "pyscard",
    "scriptor",
    "libnfc",
    "transcript",
    "usb",
)


@click.group(name="trace")
@group_lang_option
def trace_command() -> None:
    """Work with recorded traces of cards."""


@trace_command.command(name="record")
@click.argument("file", type=Output())
@diagnosing
def record(*, options: Options, file: str) -> int:
    """Scan, and record every exchange into FILE, redacted."""
    from cardcheck.cli import tracing

    if options.record is not None:
        raise click.UsageError("trace record writes FILE; leave --record out")
    return tracing.record(options, file)


@trace_command.command(name="show")
@click.argument("file", type=Input())
@lang_option
def show(file: str, lang: str | None) -> int:
    """Show a trace in words: commands, files, answers, certificates."""
    from cardcheck.cli import tracing

    return tracing.show(file, lang)


@trace_command.command(name="lint")
@click.argument("paths", type=Input(), nargs=-1, required=True, metavar="PATH...")
@click.option("--privacy-report", is_flag=True, help="Say of each why nothing in it is real.")
@click.option("--coverage", is_flag=True, help="Say which states have no trace.")
@lang_option
def lint(paths: tuple[str, ...], lang: str | None, *, privacy_report: bool, coverage: bool) -> int:
    """Check format and privacy; exit code 1 where a trace looks real."""
    from cardcheck.cli import trace_lint

    return trace_lint.lint(paths, lang, account=privacy_report, coverage=coverage)


@trace_command.command(name="redact")
@click.argument("file", type=Input())
@click.option(
    "-o", "--output", type=Output(), required=True, metavar="FILE", help="Where to write it."
)
@_BLANK_PINS
@_AT
@lang_option
def redact(
    file: str, output: str, at: datetime | None, lang: str | None, *, blank_pins: bool
) -> int:
    """Write a trace once more, without anything personal."""
    from cardcheck.cli import tracing

    return tracing.redact(file, output, at, lang, blank_pins=blank_pins)


@trace_command.command(name="diff")
@click.argument("first", type=Input())
@click.argument("second", type=Input())
@lang_option
def diff(first: str, second: str, lang: str | None) -> int:
    """Compare two traces, times apart; exit code 1 where they differ."""
    from cardcheck.cli import tracing

    return tracing.diff(first, second, lang)


@trace_command.command(name="import")
@click.argument("logs", type=Input(), nargs=-1, required=True, metavar="LOG...")
@click.option(
    "-o",
    "--output",
    type=Output(),
    required=True,
    metavar="FILE",
    help="FILE, FILE-2, … a session.",
)
@click.option(
    "--from",
    "wanted",
    type=click.Choice(_FORMATS),
    metavar="FORMAT",
    help=f"The format (else detected): {', '.join(_FORMATS)}.",
)
@click.option("--session", type=click.IntRange(min=1), metavar="N", help="This session only.")
@_BLANK_PINS
@_AT
@lang_option
def import_(logs: tuple[str, ...], **wishes: Any) -> int:  # noqa: ANN401 - parsed by click
    """Make traces of logs and captures of other programs, redacted before writing.

    LOG is a file, a folder of them, or - for standard input; .gz and .xz files are unpacked.
    """
    from cardcheck.cli.importing import ImportWishes, import_logs

    return import_logs(logs, ImportWishes(**wishes))
