# SPDX-License-Identifier: Apache-2.0
"""What stays in a trace is what is known to be nobody's: no PIN and no name hides beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cardcheck.cards import mynumber
from cardcheck.cards.exchange_log import CommandAnswer
from cardcheck.cards.redaction import redact
from cardcheck.iso7816.hexview import bytes_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OK = b"\x90\x00"
SELECT_JPKI = mynumber.JPKI.select.encode()


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


def redacted_file(ef: str, data: bytes) -> bytes:
    _, _, *answers = redact.redact(reading(ef, data), NOW).spoken
    return b"".join((each.response or b"")[:-2] for each in answers)


def test_what_the_token_was_never_seen_to_say_goes() -> None:
    secret = b"TARO YAMADA 1234"
    for place in range(0, 240, 16):
        token = bytearray(b"JPKIAPICCTOKEN2".ljust(96) + bytes(48) + b"9" * 16 + bytes(80))
        token[place : place + 16] = secret
        blank = redacted_file("0006", bytes(token))
        assert len(blank) == len(token)
        assert not any(word in blank for word in secret.split())
        assert redacted_file("0006", blank) == blank
    label = redacted_file("0006", b"JPKIAPTARO".ljust(32))
    assert label == b"JPKIAP".ljust(32, b"X")


@pytest.mark.parametrize("pin", ["1234", "31323334", "4142433132333435", "12345678", "0012FF"])
@pytest.mark.parametrize("head", ["00A4040C", "00A40400", "00A4020C", "00A40800"])
def test_no_pin_hides_in_a_select(head: str, pin: str) -> None:
    spoken = said((f"{head}{len(pin) // 2:02X}{pin}", "9000"))
    assert redact.looks_personal(spoken) == [(0, "a SELECT of what is on no card")]
    (only,) = redact.redact(spoken, NOW).spoken
    assert only.command == bytes_of(head) + bytes((len(pin) // 2,)) + bytes(len(pin) // 2)
    assert redact.looks_personal([only]) == []


@pytest.mark.parametrize("tag", ["0066", "5F51"])
@pytest.mark.parametrize("answer", ["31323334", "E000FF8131FE451431323334"])
def test_no_pin_hides_in_a_public_object(tag: str, answer: str) -> None:
    spoken = said((f"00CA{tag}00", f"{answer}9000"))
    assert redact.looks_personal(spoken) != []
    (only,) = redact.redact(spoken, NOW).spoken
    assert only.response == bytes(len(answer) // 2) + OK


def test_no_pin_hides_in_the_directory() -> None:
    assert redacted_file("0008", b"123") == b"\xff\xff\xff"
    assert redact.looks_personal(reading("0008", b"123")) != []
    assert redact.looks_personal(reading("0008", bytes_of("8F8F00"))) == []
