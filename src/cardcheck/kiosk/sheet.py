# SPDX-License-Identifier: Apache-2.0
"""The acceptance sheet: one page of A4, one file, nothing fetched, nothing executed.

What belongs here: HTML. What does not: words (``catalog``), numbers (``run``). Every value is
escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from cardcheck.kiosk.documents import japanese_time
from cardcheck.kiosk.run import percentile
from cardcheck.kiosk.text import acceptance_values, remarks, source_notes
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.kiosk.run import Acceptance

STYLE: Final = """
@page { size: A4; margin: 14mm }
body { font: 10pt/1.4 "Noto Sans JP", "Hiragino Sans", "Yu Gothic", Meiryo, sans-serif; color: #111;
  max-width: 182mm; margin: 0 auto; padding: 4mm }
h1 { font-size: 15pt; margin: 0 0 3mm }
.verdict { font-size: 20pt; font-weight: bold; border: 2pt solid; padding: 1mm 5mm; display:
inline-block } .note { border: 1.5pt solid #111; padding: 1mm 3mm; font-weight: bold } table {
border-collapse: collapse; width: 100%; margin: 3mm 0 } th, td { border: .5pt solid #777; padding:
.6mm 2mm; text-align: left; vertical-align: top } th { background: #f2f2f2; font-weight: normal;
white-space: nowrap } .runs { columns: 4; column-gap: 4mm; font-size: 7pt; line-height: 1.25;
list-style: none; padding: 0 } .bad { font-weight: bold; text-decoration: underline } .sign {
margin-top: 8mm; border-top: .5pt solid #111; width: 70mm; padding-top: 1mm } svg { max-width: 100%
}
"""


def acceptance_sheet(run: Acceptance, messages: Messages) -> str:
    """The sheet of one run, a whole HTML document."""
    title = messages.label("acceptance")
    return page(title, messages.lang, _body(run, messages, title))


def page(title: str, lang: str, body: Iterable[str]) -> str:
    """A whole HTML document; ``body`` is HTML, ``title`` is text."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>"
    )
    return "\n".join([head, *body, "</body></html>", ""])


def text(value: object) -> str:
    """An untrusted value as HTML text or attribute."""
    return escape(safe(str(value)), quote=True)


def _body(run: Acceptance, messages: Messages, title: str) -> Iterator[str]:
    values = acceptance_values(run)
    yield f"<h1>{text(title)}</h1>"
    yield from (
        f'<p class="note">{text(note)}</p>' for note in source_notes(run.setting.source, messages)
    )
    yield f'<p class="verdict">{text(messages.label("passed" if run.passed else "not-passed"))}</p>'
    yield from (f"<p>{text(messages.label(key, **values))}</p>" for key in ("result", "rule"))
    yield from (f"<p>{text(line)}</p>" for line in remarks(run, messages))
    yield _facts(run, messages)
    yield _times(run, messages)
    yield _presentations(run, messages)
    yield f"<p>{text(messages.label('detect-note'))} {text(messages.label('privacy'))}</p>"
    yield f'<p class="sign">{text(messages.label("signature"))}</p>'


def _facts(run: Acceptance, messages: Messages) -> str:
    setting, reader = run.setting, run.reader
    depth = messages.word("depth", run.depth) if run.depth else None
    rows = {
        "date": japanese_time(setting.at),
        "station": setting.station,
        "operator": setting.operator,
        "reader": reader.name,
        "model": reader.model,
        "usb": reader.usb,
        "firmware": reader.firmware,
        "location": reader.location,
        "driver": reader.driver,
        "platform": setting.platform,
        "version": setting.version,
        "depth": depth,
        "id": setting.id,
    }
    cells = (
        f"<tr><th>{text(messages.label(k))}</th><td>{text(v or '-')}</td></tr>"
        for k, v in rows.items()
    )
    return f"<table>{''.join(cells)}</table>"


def _times(run: Acceptance, messages: Messages) -> str:
    good = [each for each in run.presentations if each.good]
    head = "".join(f"<th>{text(messages.label(key))}</th>" for key in ("median", "p95", "most"))
    rows = []
    for key in ("detect", "read"):
        values = [value for each in good if (value := getattr(each, key)) is not None]
        shown = (percentile(values, 50), percentile(values, 95), max(values, default=None))
        cells = "".join(f"<td>{'-' if value is None else value}</td>" for value in shown)
        rows.append(f"<tr><th>{text(messages.label(key))}</th>{cells}</tr>")
    return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _presentations(run: Acceptance, messages: Messages) -> str:
    items = []
    for number, each in enumerate(run.presentations, 1):
        outcome = messages.word("outcome", each.outcome)
        times = "/".join("-" if value is None else str(value) for value in (each.detect, each.read))
        mark = "" if each.good else ' class="bad"'
        again = f" +{each.retries}" if each.retries else ""
        items.append(f"<li{mark}>{number}. {text(outcome)} {times}{again}</li>")
    return f'<ul class="runs">{"".join(items)}</ul>'
