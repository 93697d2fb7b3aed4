# SPDX-License-Identifier: Apache-2.0
"""The lines of a log as the program wrote them: without what was wrapped around them since.

What belongs here: encodings, colours, envelopes of JSON, and the prefixes that journals,
containers, terminals, mails and search tools put before a line. What does not: what a line means
(``pcscd``, ``opensc``, ``spy``, ``transcript``).

A log may be of any size: it is read in blocks, and a line that is longer than any that a log has is
noise, and left out.
"""

from __future__ import annotations

import codecs
import json
import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

MAX_LINE: Final = 1 << 20
"""Bytes: pcscd and pcsc-spy write an extended answer in 200,000."""
_BLOCK: Final = 1 << 20  # bytes read at a time
_BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MOST_PREFIXES: Final = 8  # "> " of a mail, a container's name, a time, a host, a program …

# ECMA-48: CSI sequences, OSC sequences (hyperlinks, titles), and two-byte escapes
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_PREFIX: Final = re.compile(
    r"""\s*(?:
    <\d{1,3}>(?:1\ )?                                             # RFC 5424: priority
  | \[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?   # ISO 8601
        (?:Z|\ ?[+-]\d\d:?\d\d|\ UTC|\ [A-Z]{3,4}\b)?\]?
        (?:\ [\w.-]+(?=\ [\w./@-]+\[\d+\]:))?                     #   the host of journalctl
  | (?:[A-Z][a-z]{2}\ )?[A-Z][a-z]{2}\ {1,2}\d{1,2}\ \d\d:\d\d:\d\d(?:\.\d{1,9})?  # RFC 3164
        (?:\ [\w.-]+(?=\ [\w./@-]+(?:\[\d+\])?:))?
  | \d{1,2}月\ ?\d{1,2}(?:日)?\ \d\d:\d\d:\d\d                    # journalctl in Japanese
        (?:\ [\w.-]+(?=\ [\w./@-]+(?:\[\d+\])?:))?
  | \[?\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?\]?(?=[\s\]])               # ts, FreeRDP
  | \[\s*\d{1,9}\.\d{3,9}\](?:\ [\w.-]+(?=\ [\w./@-]+\[\d+\]:))?  # short-monotonic, dmesg
  | \d{10}\.\d{3,9}(?:\ [\w.-]+(?=\ [\w./@-]+\[\d+\]:))?          # short-unix, ts %s
  | :\d\d(?=\ [\w./@-]+\[\d+\]:)                                  # the rest of a time that was cut
  | [\w./@-]+\[\d+\]:(?=\s|$)                                     # program[pid]:
  | (?:stdout|stderr)\ [FP]\b                                     # Kubernetes
  | (?!(?:[cr]-?apdu|command|response|request|reply|answer|sen[dt]|recv|received|tx|rx|in|out)\b)
        [a-z0-9_./-]+\s*\|(?=\s|$)                                 # docker compose; line 12 |
  | [\w./-]+\.(?:log|txt|out)(?:\.\d+)?[:-](?:\d+[:-])?           # grep -n in several files
  | \d{1,9}(?:[:|-]|\t|\ {2,})(?![0-9A-Fa-f]{2}[:|-])             # grep -n, cat -n, editors
    )\s?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_QUOTE: Final = re.compile(r"\s*(?:>|\|)(?:\s|$)")
_NUMBER: Final = re.compile(r"^\s*[1-9]\d{0,8}(?:[:|\t-] ?| |\r?$)")
_ENOUGH_NUMBERS, _LOOKED_AT = 5, 200  # lines
_ENVELOPES: Final = ("MESSAGE", "log", "message", "msg", "line")
"""Under which name a line stands in JSON: journald, Docker, and what collectors make of them."""


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a log, decoded, without colours, envelopes and line ends."""
    numbered: bool | None = None
    for block in _blocks(file):
        text = _ESCAPES.sub("", block) if "\x1b" in block else block
        lines = text.split("\n")
        if numbered is None:
            numbered = _are_numbered(lines)
        if numbered:
            lines = [_NUMBER.sub("", line, count=1) for line in lines]
        if "\r" in text:
            lines = [line.rstrip("\r") for line in lines]
        if '{"' in text and any(bare(line).startswith("{") for line in islice(lines, 20)):
            lines = list(_opened(lines))
        yield from lines


def _are_numbered(lines: list[str]) -> bool:
    """Whether an editor or ``grep -n`` numbered the lines: the numbers only grow."""
    numbers = []
    for line in filter(None, lines[:_LOOKED_AT]):
        match = _NUMBER.match(line)
        if match is None:
            return False
        numbers.append(int(match[0].strip().rstrip(":|-")))
    return len(numbers) >= _ENOUGH_NUMBERS and all(
        before < after for before, after in pairwise(numbers)
    )


def bare(line: str) -> str:
    """``line`` without the prefixes of journals, containers, times, quotes and line numbers."""
    line = without_prefix(line)
    while match := _QUOTE.match(line):
        line = without_prefix(line[match.end() :])
    return line


def without_prefix(line: str) -> str:
    """``line`` without prefixes; the signs of a quotation stay, since some logs write them too."""
    for _ in range(_MOST_PREFIXES):
        match = _PREFIX.match(line)
        if match is None:
            break
        line = line[match.end() :]
    return line.lstrip()


def _blocks(file: BinaryIO) -> Iterator[str]:
    """Text that ends where a line ends, about a megabyte at a time."""
    head = file.read(_BLOCK)
    encoding = _encoding(head)
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
    rest, is_noise = b"", False
    while head:
        if decoder is not None:
            head = decoder.decode(head).encode("utf-8", "replace")
        whole, newline, tail = (rest + head).rpartition(b"\n")
        if newline:
            yield _text(whole.partition(b"\n")[2] if is_noise else whole)
        is_noise = len(tail) > MAX_LINE or (is_noise and not newline)
        rest = b"" if is_noise else tail
        head = file.read(_BLOCK)
    if rest and not is_noise:
        yield _text(rest)


def _encoding(head: bytes) -> str | None:
    """UTF-16, by its mark or by the zeros of its ASCII; None for what extends ASCII."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[:4096]
    zeros = sample.count(0)
    if zeros < len(sample) // 4:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"


def _text(block: bytes) -> str:
    """As UTF-8, or else as the code page of Japanese Windows."""
    try:
        return block.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return "\n".join(map(_line_text, block.split(b"\n")))


def _line_text(line: bytes) -> str:
    for encoding in ("utf-8", "cp932"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace")


def _opened(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        message = _message(bare(line)) if '{"' in line else None
        if message is None:
            yield line
        else:
            yield from _ESCAPES.sub("", message).rstrip("\r\n").split("\n")


def _message(line: str) -> str | None:
    """The line that a line of JSON carries, or None."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    for name in _ENVELOPES:
        value = record.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):  # journald writes what is no text as numbers
            return _of_numbers(value)
    return None


def _of_numbers(value: list[object]) -> str | None:
    if not all(isinstance(each, int) and 0 <= each < 256 for each in value):
        return None
    return bytes(each for each in value if isinstance(each, int)).decode("utf-8", "replace")
