# SPDX-License-Identifier: Apache-2.0
"""From the options of ``doctor`` to its report: composition.

What belongs here: where facts come from (this computer or a snapshot) and where the report goes.
What does not: what the facts mean (``checks.doctor``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cardcheck import BUILD_DATE, signals
from cardcheck.catalog.doctor import load_doctor
from cardcheck.cli.language import language
from cardcheck.cli.options import Options
from cardcheck.cli.output import deliver
from cardcheck.cli.snapshots import ask_pcsc, read_snapshot, write_snapshot
from cardcheck.errors import InputError
from cardcheck.render.formats import Format
from cardcheck.report.model import Scope, Severity

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report


class DoctorOptions(Struct, frozen=True, kw_only=True):
    """The options of ``doctor``, as the contract names them."""

    form: Format = Format.TEXT
    output: str | None = None
    html: str | None = None
    open_page: bool = False
    lang: str | None = None
    plain: bool = False
    with_text: bool = False
    timeout: float | None = None
    fail_on: str = "error"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    station: str | None = None
    snapshot: str | None = None
    host_snapshot: str | None = None


def examine_and_deliver(options: DoctorOptions) -> int:
    """Looks, writes report and snapshot, and returns the exit code.

    A signal ends the look; the report names what was not found out, and no snapshot is written.

    Raises:
        InputError: an option or a file that cannot be used.
    """
    from cardcheck.checks.doctor.diagnosis import DoctorQuestion, examined

    began = time.monotonic()
    _check_names(options)
    recorded = options.host_snapshot
    facts = read_snapshot(recorded, options.timeout) if recorded else _observed(options)
    interrupted = signals.settle()
    question = DoctorQuestion(
        build=datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC),
        scope=Scope(backends=("pcsc",), only=options.only, skip=options.skip),
        fail_on=Severity(options.fail_on),
        recorded=options.host_snapshot is not None,
        station=options.station,
        interrupted=interrupted,
    )
    report = examined(facts, question, round((time.monotonic() - began) * 1000))
    snapshot = None if interrupted else options.snapshot
    after = [lambda: write_snapshot(snapshot, facts)] if snapshot else []
    return deliver(_views(report, options), options, report.exit_code, *after)


def _check_names(options: DoctorOptions) -> None:
    from cardcheck.catalog.doctor import cause_table

    for name in (*options.only, *options.skip):
        if not any(key == name or key.startswith(f"{name}.") for key in cause_table()):
            raise InputError(f"{name}: no such check; docs/checks.md lists them all")


def _observed(options: DoctorOptions) -> DoctorFacts:
    from cardcheck.host.examine import examine

    return examine(datetime.now(UTC), ask_pcsc, options.timeout, signals.pending)


def _views(report: Report, options: DoctorOptions) -> Views:
    """The report as each format needs it."""
    from cardcheck.catalog.people import with_people
    from cardcheck.cli.views import views_of_report
    from cardcheck.render.doctor import doctor_data, doctor_screen, doctor_sheet

    messages = _messages(options)
    words = messages if options.with_text else None
    return replace(
        views_of_report(report, messages, Options()),
        screen=lambda: doctor_screen(report, messages),
        page=lambda: doctor_sheet(report, with_people(messages)),
        data=lambda: doctor_data(report, words),
    )


def _messages(options: DoctorOptions) -> Messages:
    return load_doctor(language(options.lang, options.output))
