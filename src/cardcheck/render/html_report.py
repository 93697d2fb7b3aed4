# SPDX-License-Identifier: Apache-2.0
"""A report as one self-contained page to print or pass on: for the screen and one A4 sheet.

What belongs here: structure and escaping. What does not: what is said (``text``), shapes
(``drawings``), colours and layout (``page.css``). A page is shared: it holds no date of the card,
not even the year, no serial number and no station label.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.facts.calendar import JST
from cardcheck.render.base import joined, safe
from cardcheck.render.drawings import icon, placement_drawing, response_chart
from cardcheck.render.placement_text import drawing_kind, facts_of, promise
from cardcheck.render.support import support_code
from cardcheck.render.text import chief_finding, page, values_of
from cardcheck.report.model import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.card_text import CardBlock
    from cardcheck.render.marks import Mark
    from cardcheck.render.remedy import Remedy
    from cardcheck.render.text import Item, Page, PurposeRow
    from cardcheck.report.model import Finding, Report
    from cardcheck.report.placement import PlacementReport

_DRAWN = frozenset({Layer.PLACEMENT, Layer.CARD})
_GUESSES = 2  # as many as there is room for on one sheet


def html_page(
    report: Report,
    messages: Messages,
    *,
    placement: PlacementReport | None = None,
) -> str:
    """The whole page.

    Args:
        report: what to say; personal values in it are left out here.
        messages: the language, with the sentences for people.
        placement: the numbers of ``place``, where there are any.
    """
    report = report.shareable()
    return _Sheet(report, page(report, messages), messages).whole(placement)


def tag(name: str, content: str, **attributes: str) -> str:
    """An element around content that is HTML already; attribute values are escaped."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{given}>{content}</{name}>"


def text(value: str) -> str:
    """Any text as harmless HTML."""
    return escape(safe(value))


class _Sheet(Struct, frozen=True):
    report: Report
    page: Page
    messages: Messages

    def whole(self, placement: PlacementReport | None) -> str:
        """The document."""
        title = text(self.messages.label("html-title"))
        parts = (
            self._head(),
            self._verdict(),
            self._chain(),
            self._findings("html-problems", self.page.problems),
            self._facts(purposes=placement is None),
            self._placement(placement),
            self._support(),
            self._findings("html-other", self.page.others),
            self._foot(placement),
            self._technical(),
        )
        body = "\n".join(part for part in parts if part)
        css = files("cardcheck.render").joinpath("page.css").read_text(encoding="utf-8")
        return (
            f'<!DOCTYPE html>\n<html lang="{self.messages.lang}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            f"<title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>\n{body}\n"
            "</main>\n</body>\n</html>\n"
        )

    def _label(self, key: str, **values: object) -> str:
        return text(self.messages.label(key, **values))

    def _heading(self, key: str) -> str:
        return tag("h2", self._label(key))

    def _head(self) -> str:
        made = self.report.generated_at.astimezone(JST).strftime("%Y-%m-%d %H:%M")
        lines = [tag("h1", self._label("html-title"))]
        lines.append(tag("p", self._label("html-made", date=made), class_="made"))
        if self.page.banner:
            lines.append(tag("p", "<br>".join(map(text, self.page.banner)), class_="banner"))
        lines += [tag("p", text(note)) for note in self.page.notes]
        return tag("header", "".join(lines))

    def _verdict(self) -> str:
        shown = self.page
        sign = _sign(shown.mark)
        if shown.headline == shown.verdict:
            inner = [tag("h2", sign + text(shown.headline))]
        else:
            inner = [tag("p", sign + text(shown.verdict), class_="verdict")]
            inner.append(tag("h2", text(shown.headline)))
        inner.append(_list(map(text, shown.remarks)))
        if shown.next:
            label = tag("strong", f"{self._label('next-step')}: ")
            inner.append(tag("p", label + text(shown.next), class_="next"))
        inner.append(self._remedy(shown.remedy))
        if shown.actor:
            inner.append(tag("p", f"{self._label('who-acts')}: {text(shown.actor)}"))
        inner.append(_list(text(step) for step in shown.more))
        return tag("section", "".join(inner), class_=f"result {shown.mark.value}")

    def _chain(self) -> str:
        """The links in their order; what comes after a broken one is drawn as out of reach."""
        items = []
        for layer, (mark, _) in zip(self.page.layers, self.page.chain, strict=True):
            name = text(self.messages.word("layer-short", layer.value))
            state = text(self.messages.word("mark", mark.value))
            badge = tag("span", mark.sign, class_="badge", aria_hidden="true")
            words = tag("span", name, class_="name") + tag("span", state, class_="state")
            items.append(tag("li", icon(layer) + badge + words, class_=mark.value))
        chain = tag("ol", "".join(items), class_="chain", role="list")
        return tag("section", self._heading("html-chain") + chain)

    def _findings(self, heading: str, items: tuple[Item, ...]) -> str:
        if not items:
            return ""
        return tag(
            "section",
            self._heading(heading) + _list((self._item(item) for item in items), plain=True),
        )

    def _item(self, item: Item) -> str:
        shown = _sign(item.mark) + text(item.text)
        if item.next:
            who = f" ({text(item.actor)})" if item.actor else ""
            shown += f"<br>{self._label('next-step')}: {text(item.next)}{who}"
        return shown + self._remedy(item.remedy)

    def _remedy(self, remedy: Remedy) -> str:
        parts = (("commands", remedy.commands), ("undo", remedy.undo))
        return "".join(
            tag("p", f"{self._label(label)}:")
            + tag("pre", "\n".join(map(text, "\n".join(commands).split("\n"))))
            for label, commands in parts
            if commands
        )

    def _facts(self, *, purposes: bool) -> str:
        """Card, reader and, where the whole card was looked at, purposes, in columns."""
        cards = "".join(self._card(block) for block in self.page.cards)
        beside = self._readers() + (self._purposes(self.page.purposes) if purposes else "")
        inner = "".join(tag("div", block) for block in (cards, beside) if block)
        return tag("section", self._heading("html-checked") + tag("div", inner, class_="columns"))

    def _readers(self) -> str:
        """One line a slot, and what is known of it below."""
        rows = [
            text(row.name)
            + f"<br>{text(joined(row.slot, row.interface, row.compatibility, row.why))}"
            for row in self.page.readers
        ]
        shown = _list(rows, plain=True) if rows else tag("p", self._label("no-readers"))
        return tag("h3", self._label("html-reader")) + shown

    def _card(self, block: CardBlock) -> str:
        skipped = self.messages.word("pin.state", "not-checked")
        rows = "".join(
            tag("dt", text(label)) + tag("dd", text(value))
            for label, value in block.lines
            if value != skipped
        )
        return tag("h3", text(block.kind)) + (tag("dl", rows) if rows else "")

    def _purposes(self, rows: tuple[PurposeRow, ...]) -> str:
        items = (
            f"{_sign(row.mark)}{text(row.purpose)}: {text(row.state)}" + self._because(row)
            for row in rows
        )
        return tag("h3", self._label("readiness")) + _list(items, plain=True) if rows else ""

    def _because(self, row: PurposeRow) -> str:
        if not row.because:
            return ""
        return f"<br>{self._label('because')}: {text(joined(*row.because))}"

    def _placement(self, placement: PlacementReport | None) -> str:
        """How to place the card, where that is the question, and how well it was read."""
        chief = chief_finding(self.report)
        drawn = placement is not None or (chief is not None and chief.layer in _DRAWN)
        if not drawn or not self.page.readers:
            return ""
        readers = self.report.readers
        interface = next(
            (r.interface for r in readers if placement and r.id == placement.reader),
            readers[0].interface,
        )
        parts = [self._drawing(drawing_kind(interface))]
        chart = ""
        if placement is not None:
            parts.append(tag("div", self._numbers(placement)))
            chart = self._chart(placement)
        inner = tag("div", "".join(parts), class_="columns") + chart
        return tag("section", self._heading("html-placement") + inner)

    def _drawing(self, kind: str) -> str:
        names = (
            self.messages.word("layer-short", "reader"),
            self.messages.word("layer-short", "card"),
        )
        drawn = placement_drawing(kind, self.messages.label("html-drawing"), names)
        return tag("figure", drawn + tag("figcaption", self._label(f"html-how-{kind}")))

    def _numbers(self, placement: PlacementReport) -> str:
        spot = placement.last
        rate = self.messages.label(
            "place-rate", answered=spot.answered, reads=spot.reads, percent=spot.percent
        )
        rows = [text(rate)]
        rows += [f"{text(name)}: {text(value)}" for name, value in facts_of(spot, self.messages)]
        rows += [text(self.messages.word("hint", hint.value)) for hint in spot.hints[:_GUESSES]]
        return _list(rows)

    def _chart(self, placement: PlacementReport) -> str:
        spot = placement.last
        timing = spot.timing
        told = self.messages.label(
            "chart-text",
            reads=spot.reads,
            middle=round(timing.p50) if timing else 0,
            longest=round(timing.longest) if timing else 0,
            failed=spot.reads - spot.answered,
        )
        mark = f" {self._label('chart-failed')}" if spot.answered < spot.reads else ""
        caption = tag("figcaption", text(told) + mark)
        return tag("h3", self._label("chart-title")) + tag(
            "figure", response_chart(spot.trail, told) + caption
        )

    def _support(self) -> str:
        """The support code, to be read out or scanned."""
        given = support_code(self.report)
        if given is None:
            return ""
        code = tag("p", tag("code", text(given)), class_="code")
        told = tag("p", self._label("html-support-text"))
        name = self.messages.label("html-qr")
        qr = tag("div", _qr_code(given), role="img", aria_label=name, class_="qr")
        inner = tag("div", tag("div", code + told) + qr, class_="support")
        return tag("section", self._heading("html-support") + inner)

    def _foot(self, placement: PlacementReport | None) -> str:
        lines = list(self.page.footers)
        if placement is not None and placement.counters_compared:
            lines = [promise(placement, self.messages), *lines]
        lines += [self.messages.label("footer-privacy")]
        return tag("footer", "".join(tag("p", text(line)) for line in lines))

    def _technical(self) -> str:
        """Every finding for experts, folded; it is not printed."""
        tool = self._label("html-tool", version=__version__, catalog=origin().as_of)
        platform = " ".join(text(value) for value in self.report.platform.values())
        about = f"{tool} / {platform} / {text(self.report.report_id)}"
        names = ("html-check", "html-subject", "html-outcome", "html-state", "technical")
        head = tag("tr", "".join(tag("th", self._label(key), scope="col") for key in names))
        rows = "".join(self._row(finding) for finding in self.report.findings)
        table = tag("table", tag("thead", head) + tag("tbody", rows))
        summary = tag("summary", self._label("html-technical"))
        return tag("details", summary + tag("p", about) + tag("div", table, class_="scroll"))

    def _row(self, finding: Finding) -> str:
        told = self.messages.technical(finding.check, finding.state, values_of(finding))
        outcome = self.messages.word("outcome", finding.outcome.value)
        cells = (finding.check, finding.subject, outcome, finding.state, told)
        return tag("tr", "".join(tag("td", text(cell)) for cell in cells))


def _sign(mark: Mark) -> str:
    """The sign of a mark; the words beside it say the same."""
    return tag("span", mark.sign, class_=f"sign {mark.value}", aria_hidden="true") + " "


def _qr_code(content: str) -> str:
    """The QR code of ``content`` as SVG: error correction M, quiet zone of 4 (ISO 18004)."""
    import segno

    code = segno.make_qr(content, error="m")
    return code.svg_inline(omitsize=True, border=4, svgclass=None, lineclass=None)


def _list(items: Iterable[str], *, plain: bool = False) -> str:
    """A list of what is HTML already; ``plain``: no bullets, for items that begin with a sign."""
    inner = "".join(tag("li", item) for item in items)
    if not inner:
        return ""
    # Safari takes a list without bullets for none, unless it is told.
    return tag("ul", inner, class_="plain", role="list") if plain else tag("ul", inner)
