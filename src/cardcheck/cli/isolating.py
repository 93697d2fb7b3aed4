# SPDX-License-Identifier: Apache-2.0
"""The dialogue of ``isolate``: ask for one change, look, ask for the next."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck import signals
from cardcheck.catalog.people import load_people
from cardcheck.checks import isolation
from cardcheck.checks.exit_codes import STOPPED, ExitCode
from cardcheck.checks.isolation import Conclusion, Ending, Move, Symptom, Trial
from cardcheck.cli.session import Session
from cardcheck.errors import InputError
from cardcheck.output.encoding import encoding_of
from cardcheck.output.streams import write_text
from cardcheck.render.formats import Medium, text_of
from cardcheck.render.json_report import document
from cardcheck.render.pages.isolation import Told, isolation_page, isolation_screen, step_document
from cardcheck.render.text import chief_finding

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.render.document import Document
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report

_SKIP = "s"
_QUIT = "q"


class Dialogue:
    """One search for the faulty part."""

    def __init__(self, options: Options, answers: str | None) -> None:
        """Prepares a search.

        Args:
            options: those of every look; ``simulate`` may name one profile a look, with commas.
            answers: what a person would answer, with commas (empty, ``s`` or ``q``); None: ask.

        Raises:
            InputError: options that make no sense here.
        """
        if options.replay or options.record:
            raise InputError("isolate needs hardware to change: leave --replay and --record out")
        self.options = options
        self.trials: list[Trial] = []
        self.reports: list[Report] = []
        self._profiles = (options.simulate or "").split(",")
        self._answers = None if answers is None else iter(answers.split(","))

    @property
    def words(self) -> Messages:
        """The sentences, those for people included."""
        return load_people(self._session().messages.lang)

    def run(self) -> int:
        """Holds the dialogue, writes the conclusion, returns the exit code.

        It is 1 where the faulty part is named, else that of the first look.

        Raises:
            InputError: a reader or profile that cannot be used.
        """
        conclusion = self._search()
        code = self.reports[0].exit_code
        if isolation.names_a_fault(conclusion) and code not in STOPPED:
            code = ExitCode.PROBLEM
        session = _Closing(self, conclusion)
        session.deliver(replace(self.reports[-1], exit_code=code))
        return code

    def told(self, conclusion: Conclusion) -> Told:
        """The conclusion as ids of words."""
        chief = chief_finding(self.reports[0])
        return Told(
            ending=conclusion.ending.value,
            parts=tuple(conclusion.parts),
            sure=conclusion.sure,
            ruled_out=tuple(conclusion.ruled_out),
            layer=chief.layer.value if chief else None,
            trials=tuple((_step_id(trial.move), trial.symptom) for trial in self.trials),
        )

    def _search(self) -> Conclusion:
        self._say(self.words.label("isolate-intro") + "\n")
        self.trials.append(Trial(None, self._look()))
        move = isolation.next_move(self.trials)
        while isinstance(move, Move):
            answer = None if signals.pending() else self._ask(move)
            if answer is None or answer == _QUIT:
                return isolation.concluded(self.trials)
            symptom = Symptom.SKIPPED if answer == _SKIP else self._look()
            self.trials.append(Trial(move, symptom))
            move = isolation.next_move(self.trials)
        return self._sharpened(move)

    def _sharpened(self, conclusion: Conclusion) -> Conclusion:
        """A card that can be read, but is of no use: the cause lies in what it says."""
        unusable = self.reports[0].exit_code not in {ExitCode.OK, *STOPPED}
        if conclusion.ending is Ending.NOTHING and unusable:
            return replace(conclusion, ending=Ending.ELSEWHERE)
        return conclusion

    def _look(self) -> Symptom:
        self._say(self.words.label("isolate-looking") + "\n")
        report = self._session().diagnose()
        self.reports.append(report)
        symptom = isolation.symptom_of(report)
        result = self.words.word("isolate-result", symptom.value)
        number = len(self.trials) + 1
        self._say(self.words.label("isolate-trial", number=number, result=result) + "\n")
        return symptom

    def _session(self) -> Session:
        """A session for the next look; the last profile named stays."""
        profile = self._profiles[min(len(self.reports), len(self._profiles) - 1)]
        return Session("isolate", replace(self.options, simulate=profile or None))

    def _ask(self, move: Move) -> str | None:
        """What a person answers to the request for ``move``; None at the end of the input."""
        step = step_document(_step_id(move) or "", self._to_restore(move), self.words)
        self._say("\n" + text_of(step, Medium(encoding=encoding_of(sys.stderr))))
        answer = _line() if self._answers is None else next(self._answers, None)
        return None if answer is None else answer.strip().lower()[:1]

    def _to_restore(self, move: Move) -> str | None:
        """The step before, where it had no effect and is to be undone first."""
        last = self.trials[-1]
        undo = not move.back and last.move is not None and last.symptom is not Symptom.SKIPPED
        return last.move.step.value if undo and last.move is not None else None

    def _say(self, text: str) -> None:
        write_text(sys.stderr, text)


class _Closing(Session):
    """Writes the last report with the conclusion beside it."""

    def __init__(self, dialogue: Dialogue, conclusion: Conclusion) -> None:
        profile = dialogue.reports[-1].profile
        super().__init__("isolate", replace(dialogue.options, simulate=profile))
        self._dialogue = dialogue
        self._conclusion = conclusion

    def views(self, report: Report) -> Views:
        """The conclusion, as each format needs it."""
        dialogue, conclusion = self._dialogue, self._conclusion

        def screen() -> Document:
            return isolation_screen(report, dialogue.told(conclusion), dialogue.words)

        def page() -> Document:
            return isolation_page(report, dialogue.told(conclusion), dialogue.words)

        def data() -> object:
            options = self.options
            words = dialogue.words if options.with_text else None
            found = isolation.document(dialogue.trials, conclusion)
            personal = options.show_personal
            return document(report, show_personal=personal, messages=words, isolation=found)

        return replace(super().views(report), screen=screen, page=page, data=data)


def _step_id(move: Move | None) -> str | None:
    if move is None:
        return None
    return f"back-{move.step.value}" if move.back else move.step.value


def _line() -> str | None:
    """One line of standard input, or None at its end or at a signal."""
    try:
        with signals.raising():
            return sys.stdin.readline() or None
    except signals.Interruption:
        return None
