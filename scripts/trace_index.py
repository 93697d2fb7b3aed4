# SPDX-License-Identifier: Apache-2.0
"""``fixtures/apdu/README.md``: the index of the traces, from their headers."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck.traces.files import read_trace
from cardcheck.transports.trace import Extent

if TYPE_CHECKING:
    from cardcheck.transports.trace import TraceHeader

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "apdu"
HEAD = """# Recorded traces

Written by `scripts/documents` from the headers; the format is told in `docs/traces.md`.
Synthetic traces were answered by simulated cards; those that were recorded with this program stand
in `fixtures/synthetic.toml`. No real card of a real person is in any of them.
"""
TITLES = {
    "mynumber": "My Number cards",
    "published": "Published transcripts: parts of sessions, which cannot be diagnosed",
    "reader": "Readers and services",
    "service": "Readers and services",
}
OTHERS = "Other cards"


def title_of(name: str) -> str:
    """The section in which a trace is listed."""
    return TITLES.get(name.partition("-")[0], OTHERS)


def row_of(name: str, header: TraceHeader) -> str:
    """One line of the index."""
    told = header.note or "-"
    if header.source:
        told = f"{told} (source: {header.source})"
    if header.scope is Extent.PARTIAL:
        comes_to = "part"
    else:
        comes_to = str(header.expect.verdict) if header.expect and header.expect.verdict else "-"
    return f"| [{name}]({name}.apdu) | {comes_to} | {told.replace('|', '/')} |"


def index() -> str:
    """The whole file."""
    names = sorted(path.stem for path in FOLDER.glob("*.apdu"))
    names.sort(key=lambda name: list({**TITLES, "": OTHERS}.values()).index(title_of(name)))
    lines = [HEAD]
    for title, group in groupby(names, key=title_of):
        lines += [f"## {title}", "", "| trace | verdict | what it shows |", "| --- | --- | --- |"]
        lines += [row_of(name, read_trace(str(FOLDER / f"{name}.apdu")).header) for name in group]
        lines.append("")
    return "\n".join(lines)
