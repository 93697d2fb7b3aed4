# SPDX-License-Identifier: Apache-2.0
"""From the options of ``doctor`` to its report: composition.

What belongs here: where facts come from (this computer or a snapshot) and where the report goes.
What does not: what the facts mean (``checks.doctor``).
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck import BUILD_DATE, signals
from cardcheck.catalog.doctor import load_doctor
from cardcheck.cli.delivery import delivering
from cardcheck.cli.language import language
from cardcheck.cli.snapshots import ask_pcsc, read_snapshot, write_snapshot
from cardcheck.errors import InputError
from cardcheck.report.model import Scope, Severity

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.delivery import Delivery
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.report.model import Report


class DoctorOptions(Struct, frozen=True, kw_only=True):
    """The options of ``doctor``, as the contract names them."""

    as_json: bool = False
    form: str = "text"
    output: str | None = None
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
    with delivering() as delivery:
        code = _deliver(report, options, delivery)
        if snapshot:
            delivery.attempt(lambda: write_snapshot(snapshot, facts))
    return code


def _check_names(options: DoctorOptions) -> None:
    from cardcheck.catalog.doctor import cause_table

    for name in (*options.only, *options.skip):
        if not any(key == name or key.startswith(f"{name}.") for key in cause_table()):
            raise InputError(f"{name}: no such check; docs/checks.md lists them all")


def _observed(options: DoctorOptions) -> DoctorFacts:
    from cardcheck.host.examine import examine

    return examine(datetime.now(UTC), ask_pcsc, options.timeout, signals.pending)


def _deliver(report: Report, options: DoctorOptions, delivery: Delivery) -> int:
    """Writes the report and returns the exit code that goes with its format."""
    if options.form == "nagios":
        from cardcheck.kiosk.monitoring import nagios_of_report

        text, code = nagios_of_report(report)
    else:
        text, code = _text_of(report, options), report.exit_code
    delivery.report(text, options.output)
    return code


def _messages(options: DoctorOptions) -> Messages:
    return load_doctor(language(options.lang, options.output))


def _text_of(report: Report, options: DoctorOptions) -> str:
    from cardcheck.render.doctor import doctor_page, document, remedies

    messages = _messages(options)
    if options.as_json:
        from cardcheck.render.json_report import dumps

        return dumps(document(report, messages if options.with_text else None))
    page = doctor_page(report, messages)
    if options.plain or options.output or not sys.stdout.isatty():
        from cardcheck.render.plain import plain_text
        from cardcheck.render.streams import encoding_of

        encoding = "utf-8" if options.output else encoding_of(sys.stdout)
        return plain_text(page, messages, encoding=encoding) + remedies(report, messages)
    from cardcheck.escaping import harmless_text
    from cardcheck.render.console import rich_text
    from cardcheck.render.streams import Styled

    return Styled(rich_text(page, messages, sys.stdout) + harmless_text(remedies(report, messages)))
