# SPDX-License-Identifier: Apache-2.0
"""The card's side of ISO/IEC 14443-4, against a reader written down from the standard's rules."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.simulation.isodep import DESELECTED, IsoDepCard, frame_size

apdus = st.binary(min_size=1, max_size=700)
sizes = st.sampled_from((16, 24, 32, 64, 256))


@dataclass
class Reader:
    """The reader's side: its block number, chaining, and repeating what got lost.

    Attributes:
        takes: bytes of a frame that the reader takes, CRC included.
        sends: bytes of a frame that the card takes, CRC included.
        lose: which of the blocks to lose, by number from 1, on the way ``out`` or ``in``.
    """

    card: IsoDepCard
    takes: int = 256
    sends: int = 256
    lose: frozenset[tuple[int, str]] = frozenset()
    number: int = 0
    blocks: int = 0
    extensions: int = 0

    def exchange(self, command: bytes) -> bytes:
        size = self.sends - 3
        parts = [command[i : i + size] for i in range(0, len(command), size)]
        for part in parts[:-1]:
            answer = self.block(bytes((0x12 | self.number,)) + part)
            assert answer == bytes((0xA2 | self.number,))
            self.number ^= 1
        answer = self.block(bytes((0x02 | self.number,)) + parts[-1])
        data = b""
        while True:
            assert answer[0] & 0xEE == 0x02, answer.hex()
            assert answer[0] & 1 == self.number
            assert len(answer) + 2 <= self.takes
            data += answer[1:]
            self.number ^= 1
            if not answer[0] & 0x10:
                return data
            answer = self.block(bytes((0xA2 | self.number,)))

    def block(self, block: bytes) -> bytes:
        """The answer to a block, repeated by rules 4 to 6 where one got lost."""
        is_acknowledgement = block[0] & 0xF6 == 0xA2
        again = block if is_acknowledgement else bytes((0xB2 | self.number,))
        answer = self.once(block)
        for _ in range(6):
            if answer is None:
                answer = self.once(again)
            elif answer[0] & 0xFE == 0xA2 and answer[0] & 1 != self.number:
                answer = self.once(block)
            elif answer[0] == 0xF2:
                self.extensions += 1
                answer = self.once(answer)
            else:
                return answer
        raise AssertionError(f"no answer to {block.hex()}")

    def once(self, block: bytes) -> bytes | None:
        self.blocks += 1
        if (self.blocks, "out") in self.lose:
            return None
        answer = self.card.receive(block)
        return None if (self.blocks, "in") in self.lose else answer


def noted(seen: list[bytes], apdu: bytes, answer: bytes) -> bytes:
    seen.append(apdu)
    return answer


def before(each: tuple[int, str]) -> set[tuple[int, str]]:
    """The block before: of two in a row only the first is lost."""
    return {(each[0] - 1, "in"), (each[0] - 1, "out")}


@given(st.lists(st.tuples(apdus, st.binary(max_size=700)), min_size=1, max_size=4), sizes, sizes)
def test_any_apdu_gets_through_in_frames_of_any_size(
    exchanges: list[tuple[bytes, bytes]], reader_takes: int, card_takes: int
) -> None:
    seen: list[bytes] = []
    answers = iter([answer for _, answer in exchanges])
    card = IsoDepCard(lambda apdu: noted(seen, apdu, next(answers)), frame_size=reader_takes)
    reader = Reader(card, reader_takes, card_takes)
    assert [reader.exchange(command) for command, _ in exchanges] == [a for _, a in exchanges]
    assert seen == [command for command, _ in exchanges]


@given(
    apdus,
    st.binary(min_size=1, max_size=200),
    st.sets(st.tuples(st.integers(1, 40), st.sampled_from(("in", "out"))), max_size=12),
)
def test_lost_blocks_cost_time_and_never_run_a_command_twice(
    command: bytes, answer: bytes, lost: set[tuple[int, str]]
) -> None:
    seen: list[bytes] = []
    card = IsoDepCard(lambda apdu: noted(seen, apdu, answer), frame_size=32)
    lose = frozenset(each for each in lost if not before(each) & lost)
    reader = Reader(card, 32, 64, lose)
    assert reader.exchange(command) == answer
    assert seen == [command]


@given(st.binary(max_size=40), st.integers(16, 256))
def test_no_frame_breaks_the_card(block: bytes, size: int) -> None:
    card = IsoDepCard(lambda apdu: b"\x90\x00", frame_size=size)
    card.receive(block)
    if not card.deselected:
        answer = card.receive(b"\xb2")  # whatever it was: the card still knows its number
        assert answer is None or answer[0] & 0xEE in {0x02, 0xA2, 0xE2}


def test_a_slow_card_asks_for_more_time() -> None:
    def think(_: bytes) -> bytes:
        time.sleep(0.05)
        return b"\x90\x00"

    reader = Reader(IsoDepCard(think, patience=0.02))
    assert reader.exchange(b"\x00\xa4\x04\x0c") == b"\x90\x00"
    assert 1 <= reader.extensions <= 3


def test_a_silent_card_says_nothing_at_all() -> None:
    card = IsoDepCard(lambda apdu: None)
    assert card.receive(b"\x02\x00") is None
    assert card.receive(b"\xb2") is None


@pytest.mark.parametrize(
    "block",
    [b"", b"\x0a\x01\x00", b"\x06\x00\x00", b"\xf2\x01", b"\xa3", b"\xff", b"\xd0"],
    ids=["empty", "cid", "nad", "wtx-unasked", "ack-of-nothing", "rfu", "pps"],
)
def test_what_is_not_for_this_card_is_not_answered(block: bytes) -> None:
    card = IsoDepCard(lambda apdu: b"\x90\x00")
    card.receive(b"\x02\x00")
    assert card.receive(block) is None


def test_a_deselected_card_sleeps() -> None:
    card = IsoDepCard(lambda apdu: b"\x90\x00")
    assert card.receive(DESELECTED) == DESELECTED
    assert card.deselected
    assert card.receive(b"\x02\x00") is None


def test_frame_sizes_are_those_of_the_table() -> None:
    assert [frame_size(code) for code in (0, 5, 8, 9, 15)] == [16, 64, 256, 256, 256]
