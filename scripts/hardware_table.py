# SPDX-License-Identifier: Apache-2.0
"""The table of readers in ``docs/hardware.md``, made from the catalogue.

What belongs here: the table between its two markers. What does not: the text around it.
"""

from __future__ import annotations

from cardcheck.catalog.reader_table import ReaderModel, Support, reader_table

BEGIN = "<!-- readers: made by scripts/documents, do not edit -->"
END = "<!-- readers: end -->"

_HEADINGS = (
    *("Reader", "USB id", "Interface", "Type B", "Linux", "nfcpy", "Windows", "macOS"),
    *("Notes", "Sure", "Sources"),
)


def hardware_table() -> str:
    """The catalogue as a Markdown table, one line a row, without the markers."""
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *(_row(model) for model in reader_table().models)]
    return "".join(f"| {' | '.join(_cell(cell) for cell in row)} |\n" for row in rows)


def with_table(document: str) -> str:
    """``document`` with the current table between its markers.

    Raises:
        ValueError: a marker is missing.
    """
    start, end = document.index(BEGIN) + len(BEGIN), document.index(END)
    return f"{document[:start]}\n{hardware_table()}{document[end:]}"


def _row(model: ReaderModel) -> tuple[str, ...]:
    return (
        model.title,
        ":".join(model.usb) + (" (shared)" if model.shared else "") if model.usb else "?",
        model.interface,
        model.type_b or "",
        _linux(model),
        model.nfcpy or "",
        _support(model.support["Windows"]),
        _support(model.support["Darwin"]),
        model.notes,
        model.confidence,
        "; ".join(model.sources),
    )


def _linux(model: ReaderModel) -> str:
    ways = []
    if model.libccid_section == "disabled":
        ways.append("disabled in libccid")
    elif model.libccid_section:
        since = (model.libccid_since or "").replace("after-", "after ")
        ways.append(f"libccid {since if since.startswith('after') else f'>= {since}'}")
        ways.extend(["(unsupported)"] if model.libccid_section == "unsupported" else [])
    if model.linux_driver:
        ways.append("no PC/SC driver" if model.linux_driver == "none" else model.linux_driver)
    if model.support["Linux"] is Support.REPORTED_OK:
        ways.append("seen working")
    return ", ".join(ways) or "?"


def _support(support: Support) -> str:
    return "?" if support is Support.UNKNOWN else support.value


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
