# SPDX-License-Identifier: Apache-2.0
"""One run of ``doctor``: what was seen of the computer, delivered.

What belongs here: its document, its snapshot. What does not: the look (``composition.host_look``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck.cli.session import Session
from cardcheck.composition.host_look import HostLook
from cardcheck.composition.snapshots import write_snapshot
from cardcheck.inputs import PATIENCE
from cardcheck.render.json_report import host_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.cli.options import Options
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report


class HostSession(Session):
    """One run of ``doctor``."""

    def __init__(self, options: Options, *, seconds: float | None) -> None:
        """Prepares a run; nothing is looked at yet.

        Args:
            options: what was asked for.
            seconds: the deadline of the look; None for that of the system.
        """
        self._wanted = options.snapshot
        options = replace(options, snapshot=None, timeout=seconds or PATIENCE)
        self._look_at_host = HostLook(options, seconds=seconds)
        super().__init__("doctor", options, self._look_at_host)

    def diagnose_host(self) -> Report:
        """Looks, and returns the report; see ``HostLook``.

        Raises:
            InputError: a file that cannot be used.
        """
        return self._look_at_host.diagnose_host()

    def deliver(self, report: Report, *after: Callable[[], None]) -> int:
        """Writes the report, then the snapshot of what it is about, and returns the exit code.

        Raises:
            InputError: something could not be written; all else is.
        """
        name, facts = self._wanted, self._look_at_host.facts
        if name is None or facts is None:
            return super().deliver(report, *after)
        return super().deliver(report, lambda: write_snapshot(name, facts), *after)

    def views(self, report: Report) -> Views:
        """The report as each format needs it; in JSON by the fields of ``cardcheck.doctor/1``."""

        def data() -> object:
            return host_document(report, self.messages if self.options.with_text else None)

        return replace(super().views(report), data=data)
