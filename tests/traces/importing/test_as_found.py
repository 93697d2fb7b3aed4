# SPDX-License-Identifier: Apache-2.0
"""Logs as people have them: every dialect in everything that is wrapped around a log.

One made-up session of seven exchanges is told in each dialect of ``fixtures/reports/logs``; behind
every wrapper, and behind two of them, the same session must come out.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.traces.importing.conversion import format_of, sessions_in

if TYPE_CHECKING:
    from collections.abc import Callable

LOGS = Path(__file__).parents[3] / "fixtures" / "reports" / "logs"
LABEL = b"JPKIAPICCTOKEN2 ".ljust(32)
SESSION = [
    (bytes.fromhex("00A4040C0AD392F000260100000001"), b"\x90\x00"),
    (bytes.fromhex("00A4020C020006"), b"\x90\x00"),
    (bytes.fromhex("00B0000020"), LABEL + b"\x90\x00"),
    (bytes.fromhex("00A4020C020018"), b"\x90\x00"),
    (bytes.fromhex("00200080"), b"\x63\xc3"),
    (bytes.fromhex("00A4020C02001B"), b"\x90\x00"),
    (bytes.fromhex("00200080"), b"\x63\xc5"),
]
DIALECTS = sorted(path.stem for path in LOGS.glob("*.log"))
WITH_ATR = {"opensc", "opensc-dated", "apdu4j", "globalplatformpro"}
WITH_READER = (WITH_ATR - {"apdu4j"}) | {"pcsc-spy", "pyscard", "opensc-tool", "scriptor"}


def each(wrap: Callable[[int, str], str]) -> Callable[[str], str]:
    return lambda text: "".join(
        wrap(number, line) + "\n" for number, line in enumerate(text.splitlines(), 1)
    )


def noisy(text: str) -> str:
    noise = "".join(
        f"Jun 23 20:40:{n % 60:02d} host kernel: usb 1-{n}: new device\n" for n in range(50)
    )
    return noise + text + noise


LINES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "colour": each(
        lambda n, s: f"\x1b[36m{s[:8]}\x1b[0m{s[8:]}\x1b[K" if n % 3 else f"\x1b[1;34m{s}\x1b[0m"
    ),
    "journal": each(lambda n, s: f"Jun  3 20:40:{n % 60:02d} host prog[606]: {s}"),
    "journal-iso": each(lambda n, s: f"2026-06-23T20:40:{n % 60:02d}+0900 host prog[606]: {s}"),
    "journal-precise": each(lambda n, s: f"2026-06-23T20:40:39.{n:06d}+09:00 host prog[606]: {s}"),
    "journal-monotonic": each(lambda n, s: f"[  123.{n:06d}] host prog[606]: {s}"),
    "journal-unix": each(lambda n, s: f"1782213639.{n:06d} host prog[606]: {s}"),
    "journal-japanese": each(lambda n, s: f" 6月 23 20:40:{n % 60:02d} host prog[606]: {s}"),
    "journal-cut": each(lambda n, s: f":{n % 60:02d} prog[606]: {s}"),
    "journal-json": each(
        lambda n, s: json.dumps({"__REALTIME_TIMESTAMP": str(n), "_PID": "606", "MESSAGE": s})
    ),
    "docker-json": each(
        lambda n, s: json.dumps(
            {"log": s + "\n", "stream": "stderr", "time": "2026-01-01T00:00:00Z"}
        )
    ),
    "compose": each(lambda n, s: f"prog-1  | {s}"),
    "kubernetes": each(lambda n, s: f"2026-06-23T20:40:39.{n:09d}Z stderr F {s}"),
    "ts": each(lambda n, s: f"Jun 23 20:40:{n % 60:02d} {s}"),
    "ts-precise": each(lambda n, s: f"20:40:39.{n:06d} {s}"),
    "ts-relative": each(lambda n, s: f"00:00:{n % 60:02d} {s}"),
    "action": each(lambda n, s: f"2026-06-23T20:40:39.{n:07d}Z {s}"),
    "quoted": each(lambda n, s: f"> {s}"),
    "quoted-twice": each(lambda n, s: f"> > {s}"),
    "indented": each(lambda n, s: f"    {s}"),
    "tab": each(lambda n, s: f"\t{s}"),
    "grep": each(lambda n, s: f"{n + 700}:{s}" if n % 2 else f"{n + 700}-{s}"),
    "grep-files": each(lambda n, s: f"/var/log/prog.log.1:{n}:{s}"),
    "cat-n": each(lambda n, s: f"{n:6d}\t{s}"),
    "less-n": each(lambda n, s: f"{n:7d} {s}" if s else s),
    "editor": each(lambda n, s: f"{n:4d} | {s}"),
    "noise": noisy,
    "markdown": lambda text: f"I ran this:\n\n```\n{text}```\nWhat is wrong?\n",
}
BYTES: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "bom": lambda text: text.encode("utf-8-sig"),
    "utf-16-le-bom": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16-be-bom": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "cp932": lambda text: ("カードリーダーの記録\n" + text).encode("cp932", "replace"),
    "latin": lambda text: b"caf\xe9 \xff\n" + text.encode(),
}
NUMBERS = {"grep", "grep-files", "cat-n", "less-n", "editor"}
"""Who numbers lines does it last: to what is on the screen."""


def comes_out(name: str, data: bytes) -> None:
    file = io.BytesIO(data)
    found = list(sessions_in(file, format_of(file)))
    assert [[(e.asked, e.response) for e in each.exchanges] for each in found] == [SESSION], name
    (session,) = found
    if name in WITH_READER or name.startswith("pcscd"):
        assert session.reader == "Example Maker Reader One [CCID Interface] (0000000) 00 00"
    if name in WITH_ATR or name.startswith("pcscd"):
        assert session.atr == bytes.fromhex("3B888001000041E0B381A1003B")


@pytest.mark.parametrize("wrapper", LINES)
@pytest.mark.parametrize("name", DIALECTS)
def test_no_wrapper_hides_a_session(name: str, wrapper: str) -> None:
    text = LINES[wrapper]((LOGS / f"{name}.log").read_text("utf-8"))
    comes_out(name, text.encode())


@pytest.mark.parametrize("encoding", BYTES)
@pytest.mark.parametrize("name", DIALECTS)
def test_no_encoding_hides_a_session(name: str, encoding: str) -> None:
    comes_out(name, BYTES[encoding]((LOGS / f"{name}.log").read_text("utf-8")))


@given(
    st.sampled_from(DIALECTS),
    st.sampled_from(sorted(LINES.keys() - NUMBERS)),
    st.sampled_from(sorted(LINES)),
    st.sampled_from(sorted(set(BYTES) - {"cp932"})),
)
def test_not_even_two_wrappers_hide_a_session(
    name: str, first: str, second: str, encoding: str
) -> None:
    if "json" in second and "json" in first:
        return  # nobody has that
    text = LINES[second](LINES[first]((LOGS / f"{name}.log").read_text("utf-8")))
    comes_out(name, BYTES[encoding](text))
