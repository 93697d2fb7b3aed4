# SPDX-License-Identifier: Apache-2.0
"""Transcripts: a command on a line, its answer on the next ones, as most programs write them.

One tolerant reader takes the marks of both directions and the bytes behind them; a dialect adds the
few things that are peculiar to a program. What belongs here: lines of text. What does not: captures
of a USB bus (``usb_capture``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.dialects import DIALECTS, Dialect
from cardcheck.traces.importing.normalise import bare, without_prefix
from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NEAR: Final = ("APDU", "->", "<-", ">>", "<<", "> ", "< ", "送信", "受信", "SW")
_PAIR: Final = r"[0-9A-Fa-f]{2}"
_HEX: Final = (
    rf"(?:0[xX]{_PAIR}(?:,?\s*0[xX]{_PAIR})+|{_PAIR}(?:,\s?{_PAIR})+|{_PAIR}(?::{_PAIR})+"
    rf"|{_PAIR}(?:-{_PAIR})+|(?:0[xX])?{_PAIR}(?:[ \t]{{0,2}}{_PAIR})*)"
)
# what may stand between a mark and its bytes: a protocol, lengths, a time, an empty list, a bracket
_ASIDE: Final = (
    r"(?:\s*(?:T=\S+|\((?:\d+[^()]*|[^()]*ms)\)|\[\s*(?:\d+\s*(?:bytes?)?)?\s*\]"
    r"|<(?=[0-9A-Fa-f])|[{\[\"'(]))*"
)
_ARROWS: Final = (r"[AC]?>>>?|--?>|=>|→|⇒|>", r"[AR]?<<<?|<--?|<=|←|⇐|<")
_NAMES: Final = (
    (
        r"C-?APDU|APDU\s*(?:->|out|command|request|sent)|(?:Command|Cmd|Request|Sending|Sent|Send"
        r"|Transmit(?:ting)?|TX|OUT|Outgoing|APDU)(?:\s*APDU)?|送信(?:データ)?|コマンド(?:\s*APDU)?|要求"
        r"|SCardTransmit\(|pbSendBuffer|PCSC_data|Rdr"
    ),
    (
        r"R-?APDU|APDU\s*(?:<-|in|response|answer|received)|(?:Response|Resp|Rsp|Reply|Answer|Received?"
        r"|Recv|RX|IN|Incoming)(?:\s*APDU)?|受信(?:データ)?|応答|レスポンス(?:\s*APDU)?|結果|pbRecvBuffer"
        r"|Tag"
    ),
)


def _marked(marks: str) -> re.Pattern[str]:
    """Lines with one of ``marks`` before their bytes."""
    return re.compile(
        rf"(?:^|(?<=[\s:\])|]))(?:{marks})\s*[:=\uff1a|]?{_ASIDE}\s*"
        rf"(?P<status>(?:status|sw)\s*[:=]\s*)?(?P<hex>{_HEX})(?![0-9A-Za-z])",
        re.IGNORECASE,
    )


_WITH_ARROWS: Final = tuple(_marked(f"{a}|{n}") for a, n in zip(_ARROWS, _NAMES, strict=True))
_BY_NAME: Final = tuple(map(_marked, _NAMES))
_STATUS: Final = re.compile(
    r"(?:SW1\s*=\s*(?:0x)?(?P<sw1>[0-9A-F]{2})\b.*?SW2\s*=\s*(?:0x)?(?P<sw2>[0-9A-F]{2})\b"
    r"|\bSW(?:12|1SW2|1-SW2)?\s*[:=]\s*(?:0x)?(?P<sw>[0-9A-F]{2}\s?[0-9A-F]{2})\b)",
    re.IGNORECASE,
)
_SHORTEST: Final = 4  # bytes of a command
_DUMP: Final = re.compile(rf"(?:dump|data)\s*[:=]\s*(?P<hex>{_HEX})(?![0-9A-Za-z])", re.IGNORECASE)
_ROW: Final = re.compile(rf"(?P<hex>{_HEX})\s*$")
_TIME: Final = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d{1,6})?)\s*ms\b")
_ATR: Final = re.compile(
    r"(?:\bATR\b\s*[:=]?|-> T=[01],)\s*(?P<hex>3[BF](?:[ :]?[0-9A-F]{2}){1,32})(?![0-9A-F])",
    re.IGNORECASE,
)
_READER: Final = re.compile(
    r"SCardConnect\(\"(?P<connected>[^\"]+)\""
    r"|^(?:Using (?:given )?(?:card )?reader(?: with a card)?|Reader|リーダー?|connecting to"
    r"|connected to|disconnecting from)\s*[:\uff1a]?\s+(?P<reader>\S.*\S)\s*$",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    r"SCardDisconnect|^disconnecting\b|\bcard (?:removed|disconnected)\b|カードが(?:外|取り)",
    re.IGNORECASE,
)
_REMOVED: Final = re.compile(r"0x(?P<code>80100[0-9A-F]{3})\b", re.IGNORECASE)


_CLOCK: Final = re.compile(r"(?<!\d)(\d\d):(\d\d):(\d\d)[.,:](\d{3})")
_LONE: Final = re.compile(r" ([0-9A-F])\s*$")
_COLUMNS: Final = 48  # of the sixteen bytes of a row, before their characters
_DAY: Final = 86_400_000  # milliseconds
_WORDS: Final = re.compile(
    r"[<>←→⇒⇐]|APDU|SW|SCard|0x80100|pb(?:Send|Recv)|PCSC|\bATR|Rdr|Tag|送信|受信|コマンド|応答|レスポンス|要求|結果"
    r"|command|cmd|request|sen[dt]|transmit|\btx\b|\brx\b|\bin\b|\bout\b|outgoing|incoming|resp|rsp|reply|answer"
    r"|rece?i?v|reader|リーダ|connect|dump|data|removed|カード",
    re.IGNORECASE,
)


class Transcript:
    """A reader of the transcripts of one program."""

    NEAR = NEAR

    def __init__(self, dialect: Dialect) -> None:
        """A reader of ``dialect``."""
        self.NAME = dialect.name
        self._dialect = dialect
        self._command, self._answer = _WITH_ARROWS if dialect.arrows else _BY_NAME

    @property
    def is_general(self) -> bool:
        """Whether it takes any program's transcript: the last one to ask."""
        return self._dialect.sign is None

    def recognises(self, line: str) -> bool:
        """Whether only this program writes such a line; with no sign, whether it is a command."""
        text = without_prefix(line)
        if self._dialect.sign is not None:
            sign = self._dialect.sign
            return sign.search(text) is not None or sign.search(bare(line)) is not None
        return _asking(self._command, text) is not None

    def sessions(self, lines: Iterable[str]) -> Iterator[LoggedSession]:
        """The sessions in the log, in their order."""
        log = _Log(self._dialect, self._command, self._answer)
        for line in lines:
            yield from log.take(line)
        yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self, dialect: Dialect, command: re.Pattern[str], answer: re.Pattern[str]) -> None:
        self._dialect = dialect
        self._command, self._answer = command, answer
        self._session = SessionBuilder()
        self._frames = {True: _Frames(dialect), False: _Frames(dialect)}
        self._data, self._status = bytearray(), b""
        self._answered = False
        self._milliseconds: int | None = None
        self._asked_at: int | None = None

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        if _WORDS.search(line) is None:
            self._more(line)
            return
        text = without_prefix(line)
        if atr := _ATR.search(text):
            yield from self._noted(text, line)
            self._session.atr = _digits(atr["hex"])
        elif command := _asking(self._command, text):
            yield from self._asked(command, line)
        elif self._session.is_waiting and (answer := self._answer.search(text)):
            self._took_answer(answer, text)
        else:
            yield from self._noted(text, line)

    def _asked(self, command: bytes | None, line: str) -> Iterator[LoggedSession]:
        command = self._frames[True].take(command or b"")
        if command is None:
            return
        self._answer_now()
        if self._session.is_full:
            yield from self._session.finish()
        self._session.ask(command)
        self._asked_at, self._milliseconds = _clock(line), None

    def _took_answer(self, match: re.Match[str], text: str) -> None:
        told = _bytes_of(match, text)
        data = self._frames[False].take(told)
        if data is None or self._answered:
            return
        if match["status"]:
            self._status = data
        else:
            self._data += data
            if status := _STATUS.search(text, match.end()):
                self._status = _status_in(status)
        self._timed(text)

    def _timed(self, line: str) -> None:
        self._answered = True
        if time := _TIME.search(line):
            self._milliseconds = round(float(time[1]))
        elif (now := _clock(line)) is not None and self._asked_at is not None:
            self._milliseconds = (now - self._asked_at) % _DAY

    def _noted(self, text: str, line: str) -> Iterator[LoggedSession]:
        if self._session.is_waiting and (status := _STATUS.search(text)):
            self._status = _status_in(status)
            self._timed(line)
        elif self._answered and (dump := _DUMP.search(text)):
            self._data += _digits(dump["hex"])
        elif self._session.is_waiting and (code := _REMOVED.search(text)):
            self._session.fail(int(code["code"], 16))
        elif _ENDS.search(text):
            yield from self._complete()
        elif reader := _READER.search(bare(text)):
            yield from self._complete()
            self._session.reader = reader["reader"] or reader["connected"]
        else:
            self._more(line)

    def _more(self, line: str) -> None:
        """Takes a row of bytes that goes on with the answer."""
        if not self._answered:
            return
        text = bare(line) if self._dialect.arrows else bare(line)[:_COLUMNS]
        if row := _ROW.match(text.rstrip()):
            self._data += _digits(row["hex"])

    def _answer_now(self) -> None:
        """The answer is whole when something else begins."""
        if self._answered:
            self._session.answer(bytes(self._data) + self._status, self._milliseconds)
        self._data.clear()
        self._status, self._answered = b"", False

    def _complete(self) -> Iterator[LoggedSession]:
        self._answer_now()
        yield from self._session.finish()

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        yield from self._complete()


class _Frames:
    """Takes the content out of frames, where a dialect has some (ISO/IEC 14443-4, 7.1)."""

    def __init__(self, dialect: Dialect) -> None:
        self._framed, self._checked = dialect.framed, dialect.checked
        self._kept = bytearray()

    def take(self, frame: bytes) -> bytes | None:
        """What has come whole with ``frame``; None where more is to come, or nothing was in it."""
        if not self._framed:
            return frame
        content = frame[:-2] if self._checked else frame
        if not content or content[0] & 0xE2 != 0x02:  # no I-block
            return None
        begin = 1 + bool(content[0] & 0x08) + bool(content[0] & 0x04)  # CID, NAD
        self._kept += content[begin:]
        if content[0] & 0x10:  # chaining
            return None
        whole = bytes(self._kept)
        self._kept.clear()
        return whole


def _asking(pattern: re.Pattern[str], text: str) -> bytes | None:
    """The bytes of the first mark in ``text`` with enough of them for a command, or None."""
    for match in pattern.finditer(text):
        if not match["status"] and len(told := _bytes_of(match, text)) >= _SHORTEST:
            return told
    return None


def _bytes_of(match: re.Match[str], text: str) -> bytes:
    """The bytes behind a mark; pyscard writes a last byte below 16 with one digit."""
    lone = _LONE.match(text, match.end())
    return _digits(match["hex"] + (f"0{lone[1]}" if lone else ""))


def _status_in(match: re.Match[str]) -> bytes:
    return _digits(match["sw"] or match["sw1"] + match["sw2"])


def _digits(text: str) -> bytes:
    """The bytes of hexadecimal ``text`` with whatever stands between them."""
    return hex_bytes(re.sub(r"0[xX](?=[0-9A-Fa-f]{2})|[^0-9A-Fa-f]", "", text)) or b""


def _clock(line: str) -> int | None:
    """The time of day in milliseconds, or None."""
    time = _CLOCK.search(line)
    if time is None:
        return None
    hours, minutes, seconds, fraction = map(int, time.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction


TRANSCRIPTS: Final = tuple(map(Transcript, DIALECTS))
"""The readers, each for one program; the general one comes last."""
