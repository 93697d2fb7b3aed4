# SPDX-License-Identifier: Apache-2.0
"""Redaction: nothing of the holder stays, every length and every state does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.cards import certificate, mynumber, plan
from cardcheck.cards.exchange_log import CommandAnswer
from cardcheck.cards.redaction import identifiers, redact, synthetic_certificate
from cardcheck.cards.redaction.redact import RECORD_FILLER
from cardcheck.cards.trust import judge_issuer
from cardcheck.cards.validity import (
    card_expiry_of,
    status_of_interval,
    status_of_last_day,
)
from cardcheck.errors import InputError, MalformedCertificateError, MalformedResponseError
from cardcheck.facts.card import CardFacts
from cardcheck.iso7816.apdu import ResponseApdu
from cardcheck.iso7816.hexview import bytes_of
from cardcheck.simulation.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cardcheck.simulation.card import SimulatedCard

NOW = datetime(2026, 11, 21, 5, 6, 7, tzinfo=UTC)
SELECT_JPKI = mynumber.JPKI.select.encode()
SELECT_COMMON = mynumber.COMMON.select.encode()
OK = b"\x90\x00"


def said(*pairs: tuple[str, str]) -> list[CommandAnswer]:
    return [CommandAnswer(bytes_of(command), bytes_of(response)) for command, response in pairs]


def reading(ef: str, data: bytes, *, application: bytes = SELECT_JPKI) -> list[CommandAnswer]:
    """The file ``ef`` read in steps of 256 bytes."""
    chunks = range(0, len(data), 256)
    return [
        CommandAnswer(application, OK),
        CommandAnswer(bytes_of("00A4020C02" + ef), OK),
        *(
            CommandAnswer(bytes((0, 0xB0, at >> 8, at & 0xFF, 0)), data[at : at + 256] + OK)
            for at in chunks
        ),
    ]


def data_of(spoken: Iterable[CommandAnswer]) -> bytes:
    """All response data of reads, one behind the other."""
    return b"".join((s.response or b"")[:-2] for s in spoken if s.command[1] in {0xB0, 0xB2})


def redacted_file(ef: str, data: bytes) -> bytes:
    return data_of(redact.redact(reading(ef, data), NOW).spoken)


def converse(card: SimulatedCard) -> tuple[CardFacts, list[CommandAnswer]]:
    """A full scan of a simulated card, and all that was said."""
    facts, spoken = CardFacts(atr=card.power_on()), []
    for step in plan.applications(facts, plan.ReadRequest()):
        try:
            command = next(step)
            while True:
                raw = command.encode()
                response = card.transmit(raw)
                spoken.append(CommandAnswer(raw, response))
                if response is None:
                    return facts, spoken
                command = step.send(ResponseApdu.parse(response))
        except (StopIteration, MalformedResponseError):
            continue
    return facts, spoken


def understand(spoken: Iterable[CommandAnswer], atr: bytes) -> CardFacts:
    """What the plans make of the same answers."""
    facts, answers = CardFacts(atr=atr), iter(spoken)
    for step in plan.applications(facts, plan.ReadRequest()):
        try:
            command = next(step)
            for asked, response in answers:
                assert asked == command.encode()
                if response is None:
                    return facts
                command = step.send(ResponseApdu.parse(response))
        except (StopIteration, MalformedResponseError):
            continue
    return facts


def certificate_state(facts: CardFacts) -> object:
    try:
        summary = certificate.parse(facts.certificate.data)
    except MalformedCertificateError:
        return "malformed"
    issuer = judge_issuer(facts.certificate.data, facts.ca_certificate.data).state
    return status_of_interval(summary.not_before, summary.not_after, NOW), issuer


def record_state(facts: CardFacts) -> object:
    try:
        return status_of_last_day(card_expiry_of(facts.common_record.data), NOW)
    except MalformedResponseError:
        return "malformed"


CARDS = sorted(
    name
    for name, profile in PROFILES.items()
    if any(reader.make_card is not None for reader in profile.readers)
)


@pytest.mark.parametrize("name", CARDS)
def test_a_scan_keeps_its_states_and_nothing_of_the_holder(name: str) -> None:
    makers = [r.make_card for r in PROFILES[name].readers if r.make_card is not None]
    card = makers[0](NOW)
    before, spoken = converse(card)
    result = redact.redact(spoken, NOW)
    after = understand(result.spoken, identifiers.redact_atr(before.atr))

    assert [s.command for s in result.spoken] == [s.command for s in spoken]
    assert [len(s.response or b"") for s in result.spoken] == [
        len(s.response or b"") for s in spoken
    ]
    for what in ("kind", "label", "applications", "directory", "pins", "complete"):
        assert getattr(after, what) == getattr(before, what), what
    for what in ("certificate", "ca_certificate", "common_record"):
        assert getattr(after, what).state == getattr(before, what).state, what
    assert certificate_state(after) == certificate_state(before)
    assert record_state(after) == record_state(before)
    everything = b"|".join(s.response or b"" for s in result.spoken) + data_of(result.spoken)
    for secret, value in card.secrets.items():
        assert value not in everything, secret
        assert bytes_of(value.hex()) not in everything, secret


def test_redaction_is_settled_after_one_round() -> None:
    _, spoken = converse(PROFILES["valid"].readers[0].make_card(NOW))  # type: ignore[misc]  # it has
    once = redact.redact(spoken, NOW)
    assert once.replaced
    again = redact.redact(once.spoken, NOW)
    assert (again.spoken, again.replaced) == (once.spoken, ())


def test_what_was_replaced_is_said() -> None:
    _, spoken = converse(PROFILES["valid"].readers[0].make_card(NOW))  # type: ignore[misc]  # it has
    assert set(redact.redact(spoken, NOW).replaced) == {
        "EF 000A (twin)",
        "EF 000B (twin)",
        "card record",
    }


@pytest.mark.parametrize(
    "command",
    ["002000800431323334", "00240180083132333435363738", "0C2000800D8711", "002C0000021234"],
)
def test_a_pin_is_refused(command: str) -> None:
    with pytest.raises(InputError, match="PIN"):
        redact.redact(said((command, "9000")), NOW)


def test_the_bare_counter_query_stays() -> None:
    spoken = said(("00200080", "63C3"))
    assert list(redact.redact(spoken, NOW).spoken) == spoken


def test_data_of_other_commands_is_blanked() -> None:
    spoken = said(("00880000041122334400", "AABB9000"), ("80F0000005A1A2", "6700"))
    assert list(redact.redact(spoken, NOW).spoken) == said(
        ("00880000040000000000", "00009000"), ("80F00000050000", "6700")
    )


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00CA004500", "3132333435363738"),  # card identification number
        ("00CA00F000", "3133323231"),  # municipality
        ("00CA00F200", "3230333530323137"),  # last day of the card
        ("FFCA000000", "0102030405060708"),  # UID or IDm
        ("00B0000000", "010203"),  # a file of nobody knows which application
        ("00B1000000", "010203"),
        ("00B2010500", "010203"),  # several records
        ("80CA9F7F00", "9F7F2A0102"),
        ("00B0A80000", "010203"),  # neither an offset nor a short EF id
    ],
)
def test_what_is_not_listed_is_blanked(command: str, answer: str) -> None:
    (only,) = redact.redact(said((command, answer + "9000")), NOW).spoken
    assert only.response == bytes(len(answer) // 2) + OK


@pytest.mark.parametrize("command", ["00CA006600", "00CA5F5100"])
def test_public_objects_stay(command: str) -> None:
    spoken = said((command, "E000FF8131FE45149000"))
    assert list(redact.redact(spoken, NOW).spoken) == spoken


def test_a_file_that_a_pin_protects_is_blanked() -> None:
    assert redacted_file("0001", b"\x30\x82\x06\xca" + b"name" * 9) == bytes(40)


def test_only_three_bytes_of_the_directory_stay() -> None:
    assert redacted_file("0008", bytes_of("8F8F00FFFF")) == bytes_of("8F8F00FFFF")
    assert redacted_file("0008", bytes_of("8F8F000102")) == bytes_of("8F8F000000")


def test_the_token_keeps_its_label_and_loses_its_serial_number() -> None:
    token = b"JPKIAPICCTOKEN2".ljust(80) + b"1234567890123456" + bytes(48) + b"2026112112000000"
    blank = redacted_file("0006", token)
    assert blank == token[:80] + b"0" * 16 + bytes(48) + b"9" * 16
    assert redacted_file("0006", token[:90]) == token[:80] + b"0" * 10


@pytest.mark.parametrize("select", ["00A4020C020001", None])
def test_the_card_record_is_found_by_selection_and_by_short_id(select: str | None) -> None:
    record = b"\x01\x1c" + b"12345678901234513221" + b"20270217"
    read = "00B2010400" if select else "00B2010C00"
    spoken = [
        CommandAnswer(SELECT_COMMON, OK),
        *(said((select, "9000")) if select else []),
        CommandAnswer(bytes_of(read), record + OK),
    ]
    *_, last = redact.redact(spoken, NOW).spoken
    assert last.response is not None
    assert last.response[:22] == b"\x01\x1c" + RECORD_FILLER
    assert status_of_last_day(card_expiry_of(last.response), NOW) == status_of_last_day(
        date(2027, 2, 17), NOW
    )


def test_a_record_that_is_none_is_blanked() -> None:
    spoken = [
        CommandAnswer(SELECT_COMMON, OK),
        *said(("00A4020C020001", "9000")),
        CommandAnswer(bytes_of("00B2010400"), b"\x01\x1c" + b"1" * 20 + b"20261399" + OK),
    ]
    *_, last = redact.redact(spoken, NOW).spoken
    assert last.response == b"\x01\x1c" + bytes(28) + OK


def test_an_answer_in_two_parts_is_tracked() -> None:
    token = b"JPKIAPICCTOKEN2".ljust(80) + b"1234567890123456"
    spoken = [
        CommandAnswer(SELECT_JPKI, OK),
        *said(("00A4020C020006", "9000")),
        CommandAnswer(bytes_of("00B0000000"), token[:85] + b"\x61\x0b"),
        CommandAnswer(bytes_of("00C000000B"), token[85:] + OK),
    ]
    result = redact.redact(spoken, NOW).spoken
    assert (result[2].response or b"")[:-2] + (result[3].response or b"")[:-2] == (
        token[:80] + b"0" * 16
    )


def test_bytes_behind_a_gap_are_blanked() -> None:
    spoken = [
        CommandAnswer(SELECT_JPKI, OK),
        *said(("00A4020C020006", "9000"), ("00B0000004", "4A504B499000")),
        *said(("00B0003004", "414243449000")),
    ]
    result = redact.redact(spoken, NOW).spoken
    assert result[2].response == bytes_of("4A504B499000")
    assert result[3].response == bytes_of("000000009000")


def test_a_lost_answer_ends_what_was_selected() -> None:
    spoken = [
        *reading("0008", bytes_of("8F8F00")),
        CommandAnswer(bytes_of("00B0000000"), None),
        CommandAnswer(bytes_of("00B0000000"), bytes_of("8F8F009000")),
    ]
    result = redact.redact(spoken, NOW).spoken
    assert result[-2].response is None
    assert result[-1].response == bytes_of("0000009000")


def test_filler_behind_a_certificate_stays(issue: Callable[..., bytes]) -> None:
    ca = issue("rsa", "rsa")
    assert redacted_file("000B", ca + bytes(50))[len(ca) :] == bytes(50)
    assert redacted_file("000B", ca + b"secret" * 3)[len(ca) :] == bytes(18)


@pytest.mark.parametrize("ef", ["000A", "000B", "0002"])
def test_what_is_no_certificate_stays_none(ef: str) -> None:
    data = b"\x30\x82\x00\x40" + b"private!" * 8
    blank = redacted_file(ef, data)
    assert blank == data[:4] + bytes(64)
    with pytest.raises(MalformedCertificateError):
        certificate.parse(blank)


def test_an_absent_certificate_does_not_matter_to_its_ca(issue: Callable[..., bytes]) -> None:
    spoken = [*reading("000A", issue("rsa-holder", "rsa")), *reading("000B", issue("rsa", "rsa"))]
    result = redact.redact(spoken, NOW).spoken
    holder, ca = data_of(result[:7]), data_of(result[7:])
    assert judge_issuer(holder, ca).state == "unpinned"


@given(st.binary(max_size=300), st.sampled_from(["000A", "000B", "0002", "0006", "0008", "0001"]))
def test_any_content_keeps_its_length(data: bytes, ef: str) -> None:
    assert len(redacted_file(ef, data)) == len(data)


@given(
    st.lists(
        st.builds(
            CommandAnswer,
            st.one_of(
                st.sampled_from(
                    [SELECT_JPKI, SELECT_COMMON, *map(bytes_of, ("00A4020C02000A", "00C0000000"))]
                ),
                st.binary(min_size=4, max_size=12).filter(lambda raw: not redact.carries_pin(raw)),
            ),
            st.none() | st.binary(min_size=2, max_size=40),
        ),
        max_size=8,
    )
)
def test_any_conversation_keeps_its_lengths_and_status_words(spoken: list[CommandAnswer]) -> None:
    result = redact.redact(spoken, NOW).spoken
    for old, new in zip(spoken, result, strict=True):
        assert len(old.command) == len(new.command)
        assert (old.response is None) == (new.response is None)
        assert len(old.response or b"") == len(new.response or b"")
        assert (old.response or b"")[-2:] == (new.response or b"")[-2:]


@settings(max_examples=30)
@given(
    st.integers(-400, 4000),
    st.integers(0, 4000),
    st.integers(1_600_000_000, 2_200_000_000),
)
def test_dates_keep_their_state_and_nothing_else(start: int, length: int, seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    begin = now - timedelta(days=start)
    dates = begin, begin + timedelta(days=length)
    moved = synthetic_certificate.twin_dates(*dates, now)
    assert status_of_interval(*moved, now) == status_of_interval(*dates, now)
    assert synthetic_certificate.twin_dates(*moved, now) == moved
    later = begin, dates[1] + timedelta(seconds=1)
    if status_of_interval(*later, now) == status_of_interval(*dates, now):
        assert synthetic_certificate.twin_dates(*later, now) == moved


def test_looking_for_personal_data() -> None:
    number = b"123456789018"  # the check digit of the ordinance holds
    spoken = [
        *said(("002000800431323334", "9000"), ("FFCA000000", "0102039000")),
        CommandAnswer(bytes_of("00B0000000"), b"\xff\x10\x0c" + number + b"\xff\xff" + OK),
    ]
    assert redact.looks_personal(spoken) == [
        (0, "a command carries a PIN"),
        (1, "the number of a card (UID or IDm)"),
        (2, "twelve digits that are an individual number"),
    ]
    assert redact.looks_personal(said(("FFCA000000", "0000009000"), ("00200080", "63C3"))) == []


def test_a_number_in_two_answers_is_seen() -> None:
    spoken = reading("0006", b"x" * 250 + b"123456789018")
    assert redact.looks_personal(spoken) == [
        (2, "twelve digits that are an individual number, over several answers")
    ]
