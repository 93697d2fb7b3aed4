# SPDX-License-Identifier: Apache-2.0
"""What is fuzzed: functions that take any bytes and must come back.

What belongs here: what may be raised, and what must hold of what comes back. What does not: the
fuzzer (``run``); the tests run these functions over the seeds without one.
"""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from cardcheck.cards import certificate, trust
from cardcheck.cards.exchange_log import CommandAnswer
from cardcheck.cards.redaction import identifiers, redact, synthetic_certificate
from cardcheck.catalog.traces import load_traces
from cardcheck.errors import InputError, PeerError
from cardcheck.iso7816 import der, tlv
from cardcheck.iso7816.atr import Atr
from cardcheck.report.model import Outcome
from cardcheck.simulation.hostile import HostileCard
from cardcheck.simulation.profiles import PROFILES
from cardcheck.survey.inline import surveyed
from cardcheck.testing import CardBackend
from cardcheck.traces.card import card_of
from cardcheck.traces.compare import compare
from cardcheck.traces.importing.conversion import NAMES, traces_in
from cardcheck.traces.judge import Judge
from cardcheck.traces.outline import outline
from cardcheck.traces.privacy_report import reasons
from cardcheck.traces.show import shown_trace
from cardcheck.transports.dump import format_trace, parse_bytes
from cardcheck.transports.privacy import looks_real
from cardcheck.transports.record import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

NOW: Final = datetime(2026, 11, 21, 3, tzinfo=UTC)
MAKERS: Final = [reader.make_card for each in PROFILES.values() for reader in each.readers[:1]]
MODELS: Final = [maker(NOW) for maker in MAKERS if maker is not None]
JUDGE: Final = Judge()


def fuzz_tlv(data: bytes) -> None:
    """BER-TLV, and what is shown of it."""
    with suppress(PeerError):
        items = list(tlv.walk(data))
        assert not items or items[-1].end == len(data)
    assert outline(data)


def fuzz_der(data: bytes) -> None:
    """Certificates: lengths, dates, fields, signatures, and their twins."""
    with suppress(PeerError):
        der.total_length(data)
    with suppress(PeerError):
        der.validity_of(data)
    with suppress(PeerError):
        whole = certificate.parse(data)
        assert certificate.from_prefix(data).not_after == whole.not_after
        trust.judge_issuer(data, data)
    assert len(synthetic_certificate.synthetic_of_prefix(data, NOW)) == len(data)
    select = bytes.fromhex("00A4040C0AD392F000260100000001")
    file = bytes.fromhex("00A4020C02000A")
    spoken = [
        CommandAnswer(select, b"\x90\0"),
        CommandAnswer(file, b"\x90\0"),
        CommandAnswer(b"\0\xb0\0\0\0", data + b"\x90\0"),
    ]
    safe = redact.redact(spoken, NOW)
    assert [len(each.response or b"") for each in safe.spoken] == [2, 2, len(data) + 2]
    assert not synthetic_certificate.looks_issued((safe.spoken[2].response or b"")[:-2])


def fuzz_atr(data: bytes) -> None:
    """Answers to reset."""
    with suppress(PeerError):
        atr = Atr.parse(data)
        assert atr.raw == data
        assert atr.protocols
    assert len(identifiers.redact_atr(data)) == len(data)


def fuzz_trace(data: bytes) -> None:
    """Trace files: read, written, shown, judged, compared, revived."""
    try:
        trace = parse_bytes(data)
    except InputError:
        return
    assert parse_bytes(format_trace(trace).encode()) == trace
    looks_real(trace)
    list(reasons(trace))
    assert list(shown_trace(trace, load_traces("ja")))
    assert not compare(trace, trace).differ
    with suppress(InputError):
        judged = JUDGE.judge(trace)
        if judged.diagnosis is not None:
            assert not any(f.outcome is Outcome.CRASHED for f in judged.diagnosis.findings)
    backend = CardBackend(card_of(trace))
    JUDGE.diagnose_facts(surveyed(lambda: backend, "simulation"), NOW)


def fuzz_import(data: bytes) -> None:
    """Logs of other tools; the first byte chooses the format."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    with suppress(InputError):
        for trace in traces_in(io.BytesIO(data[1:]), name, NOW, blank_pins=True):
            assert parse_bytes(format_trace(trace).encode()) == trace
            assert not looks_real(trace)


def fuzz_scan(data: bytes) -> None:
    """A whole scan of a card whose every answer the bytes decide, and its recording."""
    choices = chain((data[i] | data[i + 1] << 8 for i in range(0, len(data) - 1, 2)), repeat(1023))
    model = MODELS[next(choices) % len(MODELS)]
    card = HostileCard(lambda below: next(choices) % below, model)
    recorder = Recorder(NOW, "fuzz", "hostile")
    backend = CardBackend(card, recorder)
    weighed = JUDGE.diagnose_facts(surveyed(lambda: backend, "simulation"), NOW)
    assert not any(finding.outcome is Outcome.CRASHED for finding in weighed.findings)
    assert not model.pin_attempts
    assert not looks_real(recorder.finish())


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "tlv": fuzz_tlv,
    "der": fuzz_der,
    "atr": fuzz_atr,
    "trace": fuzz_trace,
    "import": fuzz_import,
    "scan": fuzz_scan,
}
"""The functions by the name that ``scripts/fuzz`` takes."""
