# SPDX-License-Identifier: Apache-2.0
"""``fleet verify``: who sealed which run of which station, and whether that is the one wanted.

What belongs here: what an archive proves. What does not: the archive (``output.archive``), the
signature (``host.signing``). Nothing of what is in an archive is looked at, let alone said, before
a signature of one of the allowed signers has been found to fit.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from cardcheck.cli.helping import reason_in
from cardcheck.errors import InputError
from cardcheck.host.signing import signer_of
from cardcheck.inputs import read_input
from cardcheck.kiosk.documents import japanese_time
from cardcheck.output.archive import MOST_BYTES, contents
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.catalog.messages import Messages

_REPORTS: Final = ("cardcheck.report/", "cardcheck.kiosk/")
_SOURCES: Final = frozenset(source.value for source in Source)


class Sealed(Struct, frozen=True, kw_only=True):
    """What a sealed report says of itself.

    Attributes:
        report_id: which report it is.
        station: the label of the computer, or None.
        at: when it was made, by the clock of that computer.
        command: the kind of run.
        result: the verdict of a scan; ``passed`` or ``not-passed`` of a run at a counter.
        source: ``hardware``, ``simulation`` or ``replay``.
    """

    report_id: str
    station: str | None
    at: datetime
    command: str
    result: str
    source: str


class Wanted(Struct, frozen=True, kw_only=True):
    """What an archive must be of: of this station, not made before this instant; None: of any."""

    station: str | None = None
    not_before: datetime | None = None


class Verifier(Struct):
    """Looks at archives one by one; the same report does not pass twice."""

    signers: str
    wanted: Wanted
    messages: Messages
    _seen: dict[str, str] = field(default_factory=dict)

    def verdict_on(self, path: str) -> tuple[str | None, Sealed | str]:
        """Who sealed the archive at ``path`` and what it is of; or None and why it does not pass.

        Raises:
            InputError: the archive or the list of signers cannot be read.
        """
        data = read_input(path, MOST_BYTES)
        try:
            files, manifest, signature = contents(data)
        except InputError as error:
            return None, reason_in(self.messages.lang, str(error))
        signer = signer_of(manifest, signature, self.signers)
        if signer is None:
            return None, self.messages.label("seal-unsigned")
        sealed = sealed_in(files)
        if sealed is None:
            return None, self.messages.label("seal-no-report")
        why = self._objection(sealed, path)
        return (None, why) if why else (signer, sealed)

    def _objection(self, sealed: Sealed, path: str) -> str | None:
        """Why an archive that is intact is still not the one that is wanted."""
        wanted, label = self.wanted, self.messages.label
        if first := self._seen.get(sealed.report_id):
            return label("seal-twice", file=first)
        self._seen[sealed.report_id] = path
        if wanted.station is not None and sealed.station != wanted.station:
            return label("seal-station", station=sealed.station or "-")
        if wanted.not_before is not None and sealed.at < wanted.not_before:
            return label("seal-early", at=told_instant(sealed.at))
        return None


def sealed_in(files: Mapping[str, bytes]) -> Sealed | None:
    """What the one report among ``files`` says; None where there is none, or more than one."""
    found = [each for name, data in files.items() if name.endswith(".json") and (each := _of(data))]
    return found[0] if len(found) == 1 else None


def told_instant(at: datetime) -> str:
    """An instant as people read it: Japanese time."""
    return japanese_time(at)


def _of(data: bytes) -> Sealed | None:
    """What a file says that is a report; None of every other file."""
    try:
        document = json.loads(data)
        if not str(document["schema"]).startswith(_REPORTS):
            return None
        at = datetime.fromisoformat(_text(document, "generated_at"))
        return Sealed(
            report_id=_text(document, "report_id"),
            station=None if document["station"] is None else _text(document, "station"),
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            command=_text(document, "command"),
            result=_result_of(document),
            source=_known(_text(document, "source")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _result_of(document: Mapping[str, Any]) -> str:
    if "passed" not in document:
        return _text(document, "verdict")
    return "passed" if document["passed"] is True else "not-passed"


def _known(source: str) -> str:
    if source not in _SOURCES:
        raise ValueError(source)
    return source


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value
