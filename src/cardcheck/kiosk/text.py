# SPDX-License-Identifier: Apache-2.0
"""Acceptance, morning check and health as plain text for a screen.

What belongs here: layout of lines. What does not: words (``catalog``), the page for printing
(``sheet``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.kiosk.documents import japanese_time
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck


def acceptance_text(run: Acceptance, messages: Messages) -> str:
    """The result of an acceptance run, the verdict first."""
    return "".join(f"{safe(line)}\n" for line in _acceptance(run, messages))


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


def _acceptance(run: Acceptance, messages: Messages) -> Iterator[str]:
    values = acceptance_values(run)
    yield from source_notes(run.setting.source, messages)
    name = run.reader.model or run.reader.name
    yield f"{messages.label('passed' if run.passed else 'not-passed')}: {name}"
    yield messages.label("result", **values)
    yield messages.label("rule", **values)
    if run.depth is not None:
        yield f"{messages.label('depth')}: {messages.word('depth', run.depth)}"
    yield from remarks(run, messages)


def remarks(run: Acceptance, messages: Messages) -> Iterator[str]:
    """Why it did not pass, and what has changed since the baseline."""
    if run.stop is not None:
        yield messages.label("stopped", stop=messages.word("stop", run.stop))
    for check in run.problems:
        yield messages.label("problem", check=check)
    if run.drift:
        yield messages.label("baseline-drift", date=run.baseline)
        for each in run.drift:
            yield f"- {messages.word('drift', each.what)}: {each.before} -> {each.after}"
    elif run.baseline is not None:
        yield messages.label("baseline-same", date=run.baseline)


def check_text(check: MorningCheck, messages: Messages) -> str:
    """The result of a morning check, the verdict first."""
    lines = [*source_notes(check.setting.source, messages)]
    verdict = messages.label("passed" if check.passed else "not-passed")
    lines.append(f"{messages.label('check-title')}: {verdict}")
    for each in check.readers:
        outcome = messages.word("outcome", each.presentation.outcome)
        lines.append(f"- {each.reader.model or each.reader.name}: {outcome}")
    lines += [messages.label("problem", check=name) for name in check.problems]
    return "".join(f"{safe(line)}\n" for line in lines)


def health_text(health: Health, messages: Messages) -> str:
    """A station's health, the worst first."""
    state, reason = messages.word("state", health.state), messages.word("reason", health.reason)
    as_of = messages.label("as-of", time=japanese_time(health.at))
    lines = [f"{messages.label('watch-title')}: {state} - {reason} ({as_of})"]
    for each in health.readers:
        word, why = messages.word("state", each.state), messages.word("reason", each.reason)
        lines.append(f"- {each.name}: {word} - {why}")
    return "".join(f"{safe(line)}\n" for line in lines)


def source_notes(source: str, messages: Messages) -> list[str]:
    """That no real reader was tried, where none was."""
    labels = {"simulation": "simulated", "replay": "replayed"}
    return [messages.label(labels[source])] if source in labels else []
