# SPDX-License-Identifier: Apache-2.0
"""Hostile cards and careless callers: what may come from either side of the guard.

What belongs here: strategies for commands and answers, and the link that asks the oracle. What does
not: properties (``test_guard``, ``test_stack``).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

from cardcheck.errors import (
    CardRemovedError,
    CardResetError,
    LinkTimeoutError,
    MalformedResponseError,
    NoReaderError,
)
from properties import oracle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer: TypeAlias = "bytes | BaseException"

FILES = [f"00A4020C02{file:04X}" for _, file in sorted(oracle.LISTED)]
PRIVATE_FILES = [f"00A4020C02{file}" for file in ("0001", "0002", "0010", "0012", "0017", "3F00")]
READS = ["00B0000000", "00B0000020", "00B0010000", "00B0062300", "00B07F0000", "00B08A0000"]
PRIVATE_READS = ["00B0810000", "00B0820000", "00B0980000", "00B0A60000", "00B201FC00", "00B202040C"]
RECORDS = ["00B2010400", "00B2010C00", "00B201041E", "00B2020400", "00B2010500", "00B2011C00"]
OBJECTS = ["00CA006600", "00CA5F5100", "00CA004500", "00CA00F200", "00C0000000", "00C0000010"]
QUERIES = ["00200080", "0020008000", "00200098", "0020009B", "00200000", "00200081", "80200080"]
ATTEMPTS = [
    "002000800431323334",
    "00200098043132333400",
    "0020008000000431323334",
    "002400800831323334353637383930",
    "002C0080",
    "00210080",
    "8032000004313233",
    "8050000000",
    "00D6000001FF",
    "002A800004DEADBEEF00",
    "0082000000",
    "0088000000",
    "10A4040C05D392F00026",
    f"00A4040C0A{oracle.VISUAL}",
]
KNOWN = [bytes.fromhex(text) for text in (
    *oracle.OWN, *oracle.FOREIGN, *FILES, *PRIVATE_FILES, *READS, *PRIVATE_READS, *RECORDS,
    *OBJECTS, *QUERIES, *ATTEMPTS,
)]  # fmt: skip
_CLASSES = [0x80, 0x84, 0x04, 0x0C, 0x10, 0x01, 0x03, 0x40, 0xFF]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A known command with one thing changed."""
    command = bytearray(draw(st.sampled_from(KNOWN)))
    match draw(st.sampled_from(["bit", "append", "cut", "class", "p2", "length", "extend"])):
        case "bit":
            command[draw(st.integers(0, len(command) - 1))] ^= 1 << draw(st.integers(0, 7))
        case "append":
            command += draw(st.binary(min_size=1, max_size=4))
        case "cut":
            del command[draw(st.integers(0, len(command) - 1)) :]
        case "class":
            command[0] = draw(st.sampled_from(_CLASSES))
        case "p2":
            command[3] = draw(st.integers(0, 255))
        case "length":
            command[4:5] = draw(st.binary(max_size=3))
        case "extend":
            command[4:4] = b"\0\0"
    return bytes(command)


def commands() -> st.SearchStrategy[bytes]:
    """Known commands, their neighbours, and anything at all."""
    return st.one_of(st.sampled_from(KNOWN), mutations(), st.binary(max_size=20))


_WORDS = [0x9000, 0x9000, 0x9000, 0x63C3, 0x63C0, 0x6300, 0x6984, 0x6982, 0x6A82, 0x6B00, 0x6F00]
_MORE = [0x6100, 0x6101, 0x61FF, 0x6C00, 0x6C20, 0x6282, 0x9001, 0x0000]


def labels() -> st.SearchStrategy[bytes]:
    """What the read of a label may give: often the right one, else another, half or broken one."""
    right = b"JPKIAPICCTOKEN2".ljust(32)
    odd = [b"JPKIAP".ljust(32, b"\0"), right * 5, right[:31], b"MY HOTEL KEY CARD".ljust(32)]
    odd += [b"", bytes(32), b"\xff" * 32, b" " + right[:31], b"JPKIAP\xff".ljust(32)]
    return st.one_of(st.just(right), st.just(right), st.sampled_from(odd)).map(
        lambda label: label + b"\x90\x00"
    )


def troubles() -> st.SearchStrategy[BaseException]:
    """What a link may raise; an interruption and a bug of a driver too."""
    return st.sampled_from(
        [
            CardRemovedError("gone", code=0x80100069),
            CardResetError("reset", code=0x80100068),
            LinkTimeoutError("late"),
            NoReaderError("unplugged"),
            MalformedResponseError("one byte"),
            KeyboardInterrupt(),
            RuntimeError("a driver's bug"),
        ]
    )


def answers(*, may_raise: bool = True) -> st.SearchStrategy[Answer]:
    """What a card may answer: mostly success, else status words, too much, too little, nothing."""
    words = st.sampled_from([*_WORDS, *_MORE]).map(lambda sw: sw.to_bytes(2, "big"))
    data = st.sampled_from(
        [b"", b"", b"\0", b"\x30\x84\xff\xff\xff\xf0", b"\xff" * 256, b"0" * 600]
    )
    kinds: list[st.SearchStrategy[Answer]] = [
        st.just(b"\x90\x00"),
        words,
        st.builds(lambda body, sw: body + sw, data, words),
        st.binary(max_size=40),
        st.sampled_from([b"", b"\x90"]),
    ]
    if may_raise:
        kinds.append(troubles())
    return st.one_of(kinds)


class WatchedLink:
    """The link under the guard: lets the oracle judge each command, then answers as it is told.

    Attributes:
        sent: every command that came through.
        card: what is current on the card behind it.
    """

    atr = b"\x3b\x00"

    def __init__(self, answer: Callable[[bytes], Answer], protocol: str = "T=1") -> None:
        self.protocol = protocol
        self.oracle = oracle.Oracle(protocol)
        self.sent: list[bytes] = []
        self.card = oracle.StrictCard()
        self._answer = answer

    def answer_with(self, answer: Callable[[bytes], Answer]) -> None:
        """Answers otherwise from now on."""
        self._answer = answer

    def transmit(self, command: bytes) -> bytes:
        assert self.oracle.allows(command), f"reached the card: {command.hex()}"
        self.sent.append(command)
        answer = self._answer(command)
        self.oracle.note(command, answer)
        self.card.take(command, answer)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.oracle.others_turn()
        self.oracle.in_transaction = True
        try:
            yield
        except BaseException:
            self.oracle.trouble()
            raise
        finally:
            self.oracle.in_transaction = False
            self.oracle.others_turn()

    def close(self) -> None:
        self.oracle.trouble()
