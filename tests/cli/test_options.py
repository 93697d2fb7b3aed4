# SPDX-License-Identifier: Apache-2.0
"""The options that diagnosing commands share: what they accept, and what they become."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from cardcheck.cli.options import Instant, Options, diagnosing, scanning

SEEN: list[Options] = []


@click.command()
@diagnosing
def command(*, options: Options) -> None:
    SEEN.append(options)


def parsed(*arguments: str) -> Options:
    SEEN.clear()
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return SEEN[0]


@click.command()
@scanning
def scan(*, options: Options) -> None:
    SEEN.append(options)


def test_every_option_has_a_field_and_every_field_an_option() -> None:
    fields = {*Options.__struct_fields__, "as_json"}  # which becomes a format
    assert {parameter.name for parameter in scan.params} == fields
    assert {parameter.name for parameter in command.params} == fields - {"seal", "seal_key"}


def test_nothing_given_is_the_default_of_every_field() -> None:
    assert parsed() == Options()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-04-01", datetime(2027, 3, 31, 15, tzinfo=UTC)),
        ("2027-04-01T12:00", datetime(2027, 4, 1, 3, tzinfo=UTC)),
        ("2027-04-01T12:00:00+00:00", datetime(2027, 4, 1, 12, tzinfo=UTC)),
        ("2027-04-01T12:00:00Z", datetime(2027, 4, 1, 12, tzinfo=UTC)),
        ("2027-04-01 12:00-05:00", datetime(2027, 4, 1, 17, tzinfo=UTC)),
    ],
)
def test_an_instant_is_in_japanese_time_unless_it_says_otherwise(
    text: str, instant: datetime
) -> None:
    assert parsed("--at", text).at == instant
    assert Instant().convert(instant, None, None) is instant


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "tomorrow"),
        ("--at", "2027-02-29"),
        ("--at", ""),
        ("--at", "0001-01-01"),  # in Japanese time before the first instant that there is
        ("--at", "1969-12-31"),
        ("--at", "2200-01-02"),
        ("--at", "9999-12-31T23:59:59Z"),
        ("--wait", "-1"),
        ("--wait", "nan"),
        ("--wait", "inf"),
        ("--timeout", "nan"),
        ("--timeout", "1e9"),
        ("--timeout", "ten"),
        ("--only", "card.pi"),
        ("--only", ""),
        ("--only", "common"),
        ("--skip", "card.pin.authentication-usable.x"),
        ("--lang", "fr"),
        ("--fail-on", "info"),
        ("--backend", "usb"),
        ("--pin", "1234"),
        ("1234",),
    ],
)
def test_what_is_refused(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2, result.output


@pytest.mark.parametrize("name", ["card", "card.pin", "card.pin.authentication-usable", "host"])
def test_checks_may_be_named_by_their_beginning(name: str) -> None:
    assert parsed("--only", name, "--skip", "reader", "--skip", name) == Options(
        only=(name,), skip=("reader", name)
    )


def test_no_option_asks_for_a_pin() -> None:
    help_text = CliRunner().invoke(command, ["--help"]).output.lower()
    assert not {p.name for p in command.params} & {"pin", "password", "passphrase"}
    assert "enter your pin" not in help_text
