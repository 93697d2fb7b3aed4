# SPDX-License-Identifier: Apache-2.0
"""A support code that somebody typed, in words.

What belongs here: what a code carries, or what is wrong with it. What does not: making one
(``support``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cardcheck.catalog.aliases import state_now
from cardcheck.catalog.knowledge import entries_for, labels
from cardcheck.catalog.messages import load
from cardcheck.catalog.reader_table import reader_table
from cardcheck.render.document import Bullet, Headline, Item, Listing, Paragraph
from cardcheck.render.reference_json import CodeFinding, SupportDocument
from cardcheck.render.support import numbers
from cardcheck.report.support_code import SupportCodeError, SupportFacts, decode

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language, Messages
    from cardcheck.render.document import Block


class SupportText(Struct, frozen=True, kw_only=True):
    """A support code in words.

    Attributes:
        block: what to say of it.
        document: the same for JSON: ``code``, and its contents or ``error``.
        entries: ids of the entries about its findings, the worst first.
        valid: whether it could be decoded.
        findings: pairs of check and state, the worst first; of a newer version without a check.
        system: the computer that it is of, or None.
    """

    block: Headline
    document: SupportDocument
    entries: tuple[str, ...] = ()
    valid: bool = True
    findings: tuple[tuple[str, str], ...] = ()
    system: str | None = None


def support_text(code: str, lang: Language) -> SupportText:
    """What a support code says, in the language ``lang``."""
    words = labels(lang)
    try:
        decoded = decode(code, numbers())
        facts = replace(decoded, findings=tuple(state_now(*pair) for pair in decoded.findings))
    except SupportCodeError as error:
        complaint = words[f"support-{error.fault.value}"].format_map({"character": error.character})
        document = SupportDocument(code=code, error=error.fault)
        return SupportText(block=Headline(text=complaint), document=document, valid=False)
    known = dict.fromkeys(key for pair in facts.findings for key in entries_for(*pair))
    return SupportText(
        block=_told(code, facts, load(lang)),
        document=_document(code, facts),
        entries=tuple(known),
        findings=facts.findings,
        system=None if facts.system == "?" else facts.system,
    )


def _told(code: str, facts: SupportFacts, messages: Messages) -> Headline:
    words = labels(messages.lang)
    system = words["unknown"] if facts.system == "?" else facts.system
    verdict = messages.word("verdict", facts.verdict.value)
    items = tuple(Item(text=_finding(*pair, messages)) for pair in facts.findings)
    blocks: list[Block] = [
        Paragraph(text=verdict, label=words["support-verdict"]),
        Paragraph(text=system, label=words["support-system"]),
        Paragraph(text=_reader(facts, messages.lang), label=words["support-reader"]),
        Listing(items=items, bullet=Bullet.DASH)
        if items
        else Paragraph(text=words["support-fine"]),
    ]
    if facts.cut:
        blocks.append(Paragraph(text=words["support-cut"]))
    return Headline(text=words["support"].format_map({"code": code}), blocks=tuple(blocks))


def _finding(check: str, state: str, messages: Messages) -> str:
    if not check:
        return labels(messages.lang)["support-new"].format_map({"number": state})
    title, sentence = messages.check_title(check), messages.first(check, state, {})
    return f"{title}: {sentence} [{check}:{state}]"


def _reader(facts: SupportFacts, lang: Language) -> str:
    words = labels(lang)
    titles = {model.id: model.title for model in reader_table().models}
    title = titles.get(facts.reader or "")
    if title is None:
        return words["unknown"]
    return words["support-shared"].format_map({"reader": title}) if facts.shared else title


def _document(code: str, facts: SupportFacts) -> SupportDocument:
    return SupportDocument(
        code=code,
        verdict=facts.verdict,
        system=None if facts.system == "?" else facts.system,
        reader=facts.reader,
        shared=facts.shared,
        findings=tuple(
            CodeFinding(check=check or None, state=str(state)) for check, state in facts.findings
        ),
        cut=facts.cut,
    )
