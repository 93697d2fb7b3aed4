# SPDX-License-Identifier: Apache-2.0
"""Acceptance, morning check and health as documents: for a screen, and a sheet to sign.

What belongs here: what is said. What does not: words (``catalog``), layout (``render``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.kiosk.documents import japanese_time
from cardcheck.kiosk.health import State
from cardcheck.kiosk.run import Stop, Verdict, percentile
from cardcheck.render.document import (
    Bullet,
    Document,
    Facts,
    Fold,
    Headline,
    Item,
    Listing,
    Paragraph,
    Section,
    Table,
    Tone,
)
from cardcheck.render.marks import Mark
from cardcheck.render.text import banner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck, Presentation
    from cardcheck.render.document import Block, Cell

_OF_STATE = {
    State.OK: Mark.OK,
    State.NOT_IN_SERVICE: Mark.NOTE,
    State.WARNING: Mark.WARNING,
    State.CRITICAL: Mark.ERROR,
    State.UNKNOWN: Mark.UNKNOWN,
    State.STALE: Mark.UNKNOWN,
}


_NEXT_STEPS = {Stop.NOBODY, Stop.CARD_LEFT, Stop.INTERRUPTED, Stop.TOO_MANY_FAILURES, Stop.REFUSED}
_OF_VERDICT = {
    Verdict.PASSED: Mark.OK,
    Verdict.REMARKS: Mark.WARNING,
    Verdict.NOT_PASSED: Mark.ERROR,
    Verdict.INCONCLUSIVE: Mark.UNKNOWN,
}


def acceptance_screen(
    run: Acceptance, messages: Messages, trouble: Headline | None = None
) -> Document:
    """The result of an acceptance run, the verdict first.

    Args:
        run: the run.
        messages: the language.
        trouble: what is wrong with computer or reader and the next step, or None.
    """
    name = run.reader.model or run.reader.name
    verdict = messages.label(run.verdict)
    below = () if trouble is None else (trouble,)
    return Document(
        lang=messages.lang,
        banner=banner(run.setting.source),
        blocks=(_acceptance(run, messages, f"{verdict}: {name}"), *below),
    )


def acceptance_page(run: Acceptance, messages: Messages) -> Document:
    """The sheet of one run: one page of A4, to be signed."""
    verdict = messages.label(run.verdict)
    blocks = (
        _acceptance(run, messages, verdict),
        Facts(rows=tuple(_facts(run, messages))),
        _times(run, messages),
        _presentations(run, messages),
        Section(
            blocks=tuple(
                Paragraph(text=messages.label(key), tone=Tone.QUIET)
                for key in ("detect-note", "privacy")
            )
        ),
        Paragraph(text=messages.label("signature"), tone=Tone.SIGNATURE),
    )
    return Document(
        lang=messages.lang,
        title=messages.label("acceptance"),
        banner=banner(run.setting.source),
        made=japanese_time(run.setting.at),
        blocks=blocks,
    )


def acceptance_values(run: Acceptance) -> dict[str, object]:
    """What the sentences about an acceptance run name; rates in per cent, never rounded to zero."""
    rule = run.rule
    return {
        "presentations": rule.presentations,
        "allowed": rule.allowed,
        "one_in": round(1 / rule.tolerated),
        "luck": f"{rule.pass_rate(rule.tolerated) * 100:.2f}",
        "done": len(run.presentations),
        "failures": run.failures,
        "retries": run.retries,
        "bound": f"{run.bound * 100:.2f}",
        "confidence": f"{rule.confidence * 100:g}",
    }


def _acceptance(run: Acceptance, messages: Messages, verdict: str) -> Headline:
    values = acceptance_values(run)
    keys = ("result", "rule") if run.presentations else ()  # of nothing there are no statistics
    blocks: list[Block] = [Paragraph(text=messages.label(key, **values)) for key in keys]
    if run.depth is not None:
        depth = messages.word("depth", run.depth)
        blocks.append(Paragraph(text=depth, label=messages.label("depth")))
    blocks += _remarks(run, messages)
    return Headline(text=verdict, mark=_OF_VERDICT[run.verdict], blocks=tuple(blocks))


def _remarks(run: Acceptance, messages: Messages) -> Iterator[Block]:
    """Why it did not pass, and what has changed since the baseline."""
    if run.stop is not None:
        stop = messages.word("stop", run.stop)
        yield Paragraph(text=messages.label("stopped", stop=stop))
    yield from _problems(run.problems, messages)
    if run.slow is not None:
        median, limit = run.slow
        yield Paragraph(text=messages.label("slow", median=median, limit=limit), mark=Mark.WARNING)
    if run.stop in _NEXT_STEPS:
        yield Paragraph(text=messages.label(f"next-{run.stop}"), tone=Tone.STEP)
    if run.drift:
        changed = (
            f"{messages.word('drift', each.what)}: {each.before} -> {each.after}"
            for each in run.drift
        )
        title = messages.label("baseline-drift", date=run.baseline)
        items = tuple(Item(text=text) for text in changed)
        yield Listing(items=items, title=title, bullet=Bullet.DASH)
    elif run.baseline is not None:
        yield Paragraph(text=messages.label("baseline-same", date=run.baseline))


def _problems(problems: tuple[str, ...], messages: Messages) -> Iterator[Paragraph]:
    return (Paragraph(text=messages.label("problem", check=check)) for check in problems)


def _facts(run: Acceptance, messages: Messages) -> Iterator[tuple[str, str]]:
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
    for key, value in rows.items():
        yield messages.label(key), value or "-"


def _times(run: Acceptance, messages: Messages) -> Table:
    good = [each for each in run.presentations if each.good]
    rows: list[tuple[Cell, ...]] = []
    for key in ("detect", "read"):
        values = [value for each in good if (value := getattr(each, key)) is not None]
        rows.append(
            (
                messages.label(key),
                percentile(values, 50),
                percentile(values, 95),
                max(values, default=None),
            )
        )
    names = ("times", "median", "p95", "most")
    return Table(head=tuple(map(messages.label, names)), rows=tuple(rows))


def _presentations(run: Acceptance, messages: Messages) -> Fold:
    items = tuple(_presentation(each, messages) for each in run.presentations)
    listing = Listing(items=items, bullet=Bullet.NUMBER, dense=True)
    return Fold(title=messages.label("presentations"), blocks=(listing,))


def _presentation(each: Presentation, messages: Messages) -> Item:
    outcome = messages.word("outcome", each.outcome)
    times = "/".join("-" if value is None else str(value) for value in (each.detect, each.read))
    again = f" +{each.retries}" if each.retries else ""
    return Item(text=f"{outcome} {times}{again}", mark=None if each.good else Mark.ERROR)


def check_screen(
    check: MorningCheck, messages: Messages, trouble: Headline | None = None
) -> Document:
    """The result of a morning check, the verdict first; below, what is wrong and the next step."""
    verdict = messages.label("passed" if check.passed else "not-passed")
    readers = tuple(
        Item(
            text=f"{each.reader.model or each.reader.name}: "
            f"{messages.word('outcome', each.presentation.outcome)}",
            mark=Mark.OK if each.presentation.good else Mark.ERROR,
        )
        for each in check.readers
    )
    blocks: tuple[Block, ...] = (Listing(items=readers),) if readers else ()
    return Document(
        lang=messages.lang,
        title=messages.label("check-title"),
        banner=banner(check.setting.source),
        made=japanese_time(check.setting.at),
        blocks=(
            Headline(
                text=f"{messages.label('check-title')}: {verdict}",
                mark=Mark.OK if check.passed else Mark.ERROR,
                blocks=(*blocks, *_problems(check.problems, messages)),
            ),
            *((trouble,) if trouble is not None else ()),
        ),
    )


def health_screen(health: Health, messages: Messages) -> Document:
    """A station's health, the worst first."""
    state, reason = messages.word("state", health.state), messages.word("reason", health.reason)
    as_of = messages.label("as-of", time=japanese_time(health.at))
    readers = tuple(
        Item(
            text=f"{each.name}: {messages.word('state', each.state)} - "
            f"{messages.word('reason', each.reason)}",
            mark=_OF_STATE[each.state],
        )
        for each in health.readers
    )
    title = messages.label("watch-title")
    note = Paragraph(text=messages.label("learned"), tone=Tone.QUIET)
    learned = () if health.declared else (note,)
    return Document(
        lang=messages.lang,
        title=title,
        banner=banner(health.source),
        made=as_of,
        blocks=(
            Headline(
                text=f"{title}: {state} - {reason} ({as_of})",
                mark=_OF_STATE[health.state],
                blocks=(Listing(items=readers), *learned) if readers else (),
            ),
        ),
    )
