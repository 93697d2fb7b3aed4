# SPDX-License-Identifier: Apache-2.0
"""A report as a document: for the screen, and as a page to print or pass on.

What belongs here: which blocks, in which order. What does not: which finding comes first
(``text``). A page is shared: it holds no date of the card, not even the year, no serial number and
no station label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.facts.calendar import JST
from cardcheck.render.base import joined
from cardcheck.render.document import (
    Bullet,
    Chain,
    Document,
    Drawing,
    Facts,
    Figure,
    Fold,
    Headline,
    Item,
    Link,
    Listing,
    Paragraph,
    Section,
    Table,
    Tone,
    Verbatim,
)
from cardcheck.render.marks import Mark, link, links
from cardcheck.render.support import support_code
from cardcheck.render.text import chief_finding, page, values_of
from cardcheck.report.model import Layer, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.card_text import CardBlock
    from cardcheck.render.document import Block
    from cardcheck.render.text import Item as FindingItem
    from cardcheck.render.text import Page
    from cardcheck.report.model import Finding, Report

BRIEF = frozenset({"scan"})
"""The commands whose screen says the verdict and the next step, and the rest only where asked."""
_FIRST_STEPS = 2
DRAWN = frozenset({Layer.PLACEMENT, Layer.CARD})
"""The links at which the question is how the card lies."""


def report_screen(
    report: Report,
    messages: Messages,
    *,
    show_personal: bool = False,
    technical: bool = True,
    shown: Page | None = None,
) -> Document:
    """The report for a screen.

    Args:
        report: what to say.
        messages: the language.
        show_personal: whether full dates may be shown.
        technical: whether all that was found is shown, not only the verdict and what to do.
        shown: what is said, where that is not what ``text.page`` says.
    """
    shown = shown or page(report, messages, show_personal=show_personal)
    if not technical:
        return _brief(report, shown, messages)
    blocks = (
        _notes(shown.notes),
        headline(shown, messages, technical=True),
        chain(report, messages),
        findings(shown.problems, messages),
        _readers(shown, messages),
        *_cards(shown, messages),
        *_purposes(shown, messages),
        findings(shown.others, messages),
    )
    support = (shown.support,) if shown.support else ()
    return Document(
        lang=messages.lang,
        banner=shown.banner,
        blocks=tuple(block for block in blocks if block is not None),
        footers=(*shown.footers, *support),
    )


def _brief(report: Report, shown: Page, messages: Messages) -> Document:
    """The verdict, the next step, and where the chain breaks: what a person acts on."""
    well = report.verdict is Verdict.READY
    first = headline(replace(shown, more=shown.more[:_FIRST_STEPS]), messages)
    stopped = messages.label("footer-revocation")  # a card that works here may be stopped there
    usable = report.verdict in {Verdict.READY, Verdict.ATTENTION} and bool(report.cards)
    told = (stopped,) if usable and stopped not in shown.footers else ()
    blocks = (
        _notes(shown.notes),
        Headline(text=first.text, mark=first.mark, blocks=first.blocks),
        None if well else chain(report, messages),
        findings(shown.problems, messages),
        _readers(shown, messages) if len(shown.readers) > 1 else None,
    )
    support = (shown.support,) if shown.support else ()
    return Document(
        lang=messages.lang,
        banner=shown.banner,
        blocks=tuple(block for block in blocks if block is not None),
        footers=(*told, *shown.footers, messages.label("see-more"), *support),
    )


def report_page(
    report: Report,
    messages: Messages,
    *,
    lead: Headline | None = None,
    told: Iterable[Block] = (),
    shown: Page | None = None,
) -> Document:
    """The report as a page.

    Args:
        report: what to say; personal values in it are left out here.
        messages: the language, with the sentences for people.
        lead: what a command says that asked something else (``place``, ``isolate``), instead of the
            headline of the report.
        told: what that command has to say more.
        shown: what is said, where that is not what ``text.page`` says.
    """
    report = report.shareable()
    shown = shown or page(report, messages)
    blocks = (
        _notes(shown.notes),
        lead or headline(shown, messages),
        titled(messages.label("html-chain"), chain(report, messages, short=True)),
        *told,
        titled(messages.label("html-problems"), findings(shown.problems, messages)),
        _checked(shown, messages) if lead is None else _readers(shown, messages, "html-reader"),
        _placing(report, messages) if lead is None else None,
        _closing(shown, report, messages),
        _technical(report, messages),
    )
    made = report.generated_at.astimezone(JST).strftime("%Y-%m-%d %H:%M")
    return Document(
        lang=messages.lang,
        title=messages.label("html-title"),
        banner=shown.banner,
        made=messages.label("html-made", date=made),
        blocks=tuple(block for block in blocks if block is not None),
        footers=(*shown.footers, messages.label("footer-privacy")),
    )


def titled(title: str, block: Block | None) -> Section | None:
    """The block under a heading, where there is one."""
    return None if block is None else Section(title=title, blocks=(block,))


def _notes(notes: tuple[str, ...]) -> Section | None:
    return Section(blocks=tuple(Paragraph(text=note) for note in notes)) if notes else None


def headline(shown: Page, messages: Messages, *, technical: bool = False) -> Headline:
    """What is the matter, the next step and who must act."""
    label = messages.label
    below: list[Block] = [Paragraph(text=each, mark=Mark.WARNING) for each in shown.remarks]
    if shown.next:
        below.append(Paragraph(text=shown.next, label=label("next-step"), tone=Tone.STEP))
    below += commands(shown.remedy.commands, shown.remedy.undo, messages)
    if shown.actor:
        below.append(Paragraph(text=shown.actor, label=label("who-acts")))
    if shown.more:
        items = tuple(Item(text=step) for step in shown.more)
        below.append(Listing(title=label("then"), items=items, bullet=Bullet.DASH))
    if technical and shown.technical:
        below.append(Paragraph(text=shown.technical, label=label("technical"), tone=Tone.QUIET))
    twice = shown.headline == shown.verdict
    verdict = None if twice else Paragraph(text=shown.verdict, label=label("summary"))
    return Headline(text=shown.headline, mark=shown.mark, verdict=verdict, blocks=tuple(below))


def commands(
    mending: tuple[str, ...], undoing: tuple[str, ...], messages: Messages
) -> Iterator[Paragraph | Verbatim]:
    """Commands as they are to be copied, and those that undo them; nothing where there are none."""
    for name, lines in (("commands", mending), ("undo", undoing)):
        if lines:
            yield Paragraph(text=f"{messages.label(name)}:")
            yield Verbatim(lines=lines)


def chain(report: Report, messages: Messages, *, short: bool = False) -> Chain:
    """Every link that was looked at; ``short``: with short names, and marks in words."""
    word = messages.word
    return Chain(
        links=tuple(
            Link(
                layer=layer,
                mark=(mark := link(report, layer)),
                name=word("layer", layer.value),
                short=word("layer-short", layer.value) if short else None,
                state=word("mark", mark.value) if short else None,
            )
            for layer in links(report)
        )
    )


def findings(items: tuple[FindingItem, ...], messages: Messages) -> Listing | None:
    """Findings beside the chief one."""
    if not items:
        return None
    return Listing(items=tuple(_finding(item, messages) for item in items))


def _finding(item: FindingItem, messages: Messages) -> Item:
    below: list[Paragraph | Verbatim] = []
    if item.next:
        who = f" ({item.actor})" if item.actor else ""
        below.append(Paragraph(text=f"{item.next}{who}", label=messages.label("next-step")))
    below += commands(item.remedy.commands, item.remedy.undo, messages)
    return Item(text=item.text, mark=item.mark, below=tuple(below))


def _readers(shown: Page, messages: Messages, title: str = "readers") -> Block:
    if not shown.readers:
        return Paragraph(text=messages.label("no-readers"))
    items = tuple(
        Item(
            text=row.name,
            id=row.id,
            below=(Paragraph(text=joined(row.slot, row.interface, row.compatibility, row.why)),),
        )
        for row in shown.readers
    )
    return Section(title=messages.label(title), blocks=(Listing(items=items),))


def _cards(shown: Page, messages: Messages) -> Iterator[Section]:
    if shown.cards:
        cards = (
            Section(title=f"{card.id}  {card.kind} ({card.reader})", blocks=(_lines(card),))
            for card in shown.cards
        )
        yield Section(title=messages.label("cards"), blocks=tuple(cards))


def _lines(card: CardBlock, without: str = "") -> Facts:
    return Facts(rows=tuple((label, value) for label, value in card.lines if value != without))


def _purposes(shown: Page, messages: Messages) -> Iterator[Section]:
    if not shown.purposes:
        return
    items = tuple(
        Item(
            text=f"{row.purpose}: {row.state}",
            mark=row.mark,
            below=(Paragraph(text=joined(*row.because), label=messages.label("because")),)
            if row.because
            else (),
        )
        for row in shown.purposes
    )
    yield Section(title=messages.label("readiness"), blocks=(Listing(items=items),))


def _checked(shown: Page, messages: Messages) -> Section:
    """Cards and readers, and what they can be used for."""
    skipped = messages.word("pin.state", "not-checked")
    cards = (Section(title=card.kind, blocks=(_lines(card, skipped),)) for card in shown.cards)
    blocks = (
        Section(blocks=tuple(cards)),
        Section(blocks=(_readers(shown, messages, "html-reader"), *_purposes(shown, messages))),
    )
    return Section(
        title=messages.label("html-checked"),
        blocks=tuple(block for block in blocks if block.blocks),
        columns=True,
    )


def _placing(report: Report, messages: Messages) -> Section | None:
    """How to place the card, where that is the question."""
    chief = chief_finding(report)
    if chief is None or chief.layer not in DRAWN or not report.readers:
        return None
    drawn = placing(report.readers[0].interface, messages)
    return Section(title=messages.label("html-placement"), blocks=(drawn,))


def placing(interface: str, messages: Messages) -> Drawing:
    """How to place the card: before a slot, else on the reader (also of dual ones)."""
    figure = Figure.CONTACT if interface == "contact" else Figure.CONTACTLESS
    word = messages.word
    return Drawing(
        figure=figure,
        name=messages.label("html-drawing"),
        caption=messages.label(f"html-how-{figure.value}"),
        words=(word("layer-short", "reader"), word("layer-short", "card")),
        lines=tuple(word("drawing", figure.value).strip("\n").split("\n")),
    )


def _closing(shown: Page, report: Report, messages: Messages) -> Section:
    """What may be left as it is, and beside it whom to ask."""
    others = titled(messages.label("html-other"), findings(shown.others, messages))
    support = _support(report, messages)
    blocks = (support,) if others is None else (others, support)
    return Section(blocks=blocks, columns=True)


def _support(report: Report, messages: Messages) -> Section:
    """Whom to call, and the support code, to be read out or scanned."""
    label = messages.label
    call = Paragraph(text=label("help-line"), label=label("html-call"))
    code = support_code(report)
    if code is None:
        return Section(title=label("html-support"), blocks=(call,))
    blocks = (
        Drawing(figure=Figure.QR, name=label("html-qr"), content=code),
        Paragraph(text=code, tone=Tone.CODE),
        Paragraph(text=label("html-support-text")),
        call,
    )
    return Section(title=label("html-support"), blocks=blocks)


def _technical(report: Report, messages: Messages) -> Fold:
    """Every finding for experts: what is not fine in a table, then the rest in a line."""
    label = messages.label
    tool = label("html-tool", version=__version__, catalog=origin().as_of)
    about = joined(tool, " ".join(report.platform.values()), report.report_id)
    blocks: list[Block] = [Paragraph(text=about, tone=Tone.QUIET)]
    found = [each for each in report.findings if each.outcome is not Outcome.OK]
    fine = [each for each in report.findings if each.outcome is Outcome.OK]
    if found:
        blocks.append(_table(found, messages))
    if fine:
        named = ", ".join(f"{each.check} ({each.subject}: {each.state})" for each in fine)
        word = messages.word("outcome", Outcome.OK.value)
        blocks.append(Paragraph(text=named, label=word, tone=Tone.QUIET))
    return Fold(title=label("html-technical"), blocks=tuple(blocks))


def findings_table(report: Report, messages: Messages) -> Table:
    """One row a finding."""
    return _table(report.findings, messages)


def _table(items: Iterable[Finding], messages: Messages) -> Table:
    names = ("html-check", "html-subject", "html-outcome", "html-state", "technical")
    return Table(
        head=tuple(map(messages.label, names)),
        rows=tuple(_row(finding, messages) for finding in items),
    )


def _row(finding: Finding, messages: Messages) -> tuple[str, ...]:
    told = messages.technical(finding.check, finding.state, values_of(finding, screen=False))
    outcome = messages.word("outcome", finding.outcome.value)
    return finding.check, finding.subject, outcome, finding.state, told
