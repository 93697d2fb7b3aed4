# SPDX-License-Identifier: Apache-2.0
"""What is said, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from cardcheck.catalog.messages import load
from cardcheck.render.marks import Mark
from cardcheck.render.text import banner, chief_finding, page, summary, values_of
from cardcheck.report.model import Actor, Layer, Outcome, Severity, Source, Verdict
from render import examples
from render.examples import EXPIRED, NO_CARD, NO_READER, READY, SIMULATED

JA = load("ja")
EN = load("en")


def everything(value: object) -> str:
    return repr(value)


def test_ready_says_so_and_goes_on_to_the_login() -> None:
    said = page(READY, JA)
    assert said.mark is Mark.OK
    assert said.headline == said.verdict == JA.label("login-here")
    assert said.next == JA.label("ready-next")
    assert said.technical is None
    assert said.problems == ()


def test_ready_without_a_login_here_names_another_way() -> None:
    elsewhere = replace(READY, readiness=EXPIRED.readiness)
    said = page(elsewhere, JA)
    assert said.next == JA.advice("login-by-phone").next
    assert said.headline == JA.label("login-elsewhere", system="Windows")
    assert said.mark is Mark.WARNING  # never a lone tick where the answer is no


def test_what_is_locked_stands_below_a_good_headline() -> None:
    locked = replace(
        examples.SIGNATURE_PIN_LOCKED, check="card.pin.text-input-usable", severity=Severity.INFO
    )
    said = page(replace(READY, findings=(*READY.findings, locked)), EN)
    assert said.headline == EN.label("login-here")
    assert said.remarks == (EN.first("card.pin.text-input-usable", "locked", {}),)
    assert said.remarks[0] not in [item.text for item in said.others]


def test_why_a_purpose_is_out_of_reach_is_said_in_words() -> None:
    (_, _, tax) = page(EXPIRED, EN).purposes
    assert tax.because[1] == EN.first("card.pin.signature-usable", "locked", {})
    assert EN.check_title("card.pin.signature-usable") not in tax.because


def test_what_was_left_out_by_wish_is_said() -> None:
    """Neither "ready" nor a mere "not clear": only some checks were run, and how to run all."""
    scope = replace(READY.scope, only=("card.pin",))
    said = page(replace(READY, verdict=Verdict.UNDETERMINED, findings=(), scope=scope), EN)
    assert (said.headline, said.next) == (EN.label("only-some"), EN.label("only-some-next"))


def test_a_remark_alone_is_no_praise() -> None:
    """On Linux no site takes a login: the software's link gets no tick."""
    remark = replace(examples.PIN_OK, layer=Layer.SOFTWARE, outcome=Outcome.PROBLEM)
    chain = page(replace(READY, findings=(remark,)), EN).chain
    marks = {name: mark for mark, name in chain}
    assert marks[EN.word("layer", "software")] is Mark.NOTE


def test_the_worst_finding_leads() -> None:
    said = page(EXPIRED, JA)
    assert chief_finding(EXPIRED) == examples.CERTIFICATE_EXPIRED
    assert said.next == JA.advice("renew-certificate").next
    assert said.actor == JA.word("actor", "municipality")
    assert said.technical
    assert "[card.certificate.authentication-valid]" in said.technical
    assert [item.mark for item in said.problems] == [Mark.WARNING]
    assert len(said.others) == 1
    assert said.remarks == (JA.first("host.login.supported", "linux", {}),)


def test_of_equals_the_earliest_in_the_chain_leads() -> None:
    reader = replace(
        examples.CERTIFICATE_EXPIRED, layer=Layer.READER, check="reader.model.compatible"
    )
    report = replace(EXPIRED, findings=(*EXPIRED.findings, reader))
    assert chief_finding(report) == reader


def test_attention_is_led_by_the_warning() -> None:
    report = replace(
        READY, verdict=Verdict.ATTENTION, findings=(*READY.findings, examples.SIGNATURE_PIN_LOCKED)
    )
    assert chief_finding(report) == examples.SIGNATURE_PIN_LOCKED


def test_undetermined_is_led_by_what_could_not_be_decided() -> None:
    unknown = replace(
        examples.CERTIFICATE_EXPIRED,
        outcome=Outcome.UNKNOWN,
        severity=Severity.INFO,
        state="unreadable",
    )
    report = replace(
        EXPIRED,
        verdict=Verdict.UNDETERMINED,
        findings=(examples.SIGNATURE_PIN_LOCKED, unknown),
    )
    assert chief_finding(report) == unknown
    assert chief_finding(NO_CARD) == NO_CARD.findings[-1]
    assert summary(NO_READER, JA) == (JA.word("verdict", "undetermined"), None)


def test_a_wrong_clock_leads_and_its_consequences_get_no_tick() -> None:
    """The card is not to be checked again while the clock makes every answer void."""
    clock = replace(
        examples.EXPIRED.findings[0],
        check="computer.clock.right",
        state="before-build",
        layer=Layer.COMPUTER,
        outcome=Outcome.PROBLEM,
        severity=Severity.ERROR,
        advice=("set-clock",),
    )
    certificate = replace(
        examples.CERTIFICATE_VALID,
        state="clock-wrong",
        outcome=Outcome.UNKNOWN,
        decisive=True,
        advice=("set-clock",),
    )
    report = replace(READY, verdict=Verdict.UNDETERMINED, findings=(certificate, clock))
    said = page(report, EN)
    assert said.next == EN.advice("set-clock").next
    marks = {name: mark for mark, name in said.chain}
    assert marks[EN.word("layer", "certificate")] is Mark.UNKNOWN


def test_further_advice_follows_the_first() -> None:
    finding = replace(examples.CERTIFICATE_EXPIRED, advice=("renew-certificate", "consult-office"))
    said = page(replace(EXPIRED, findings=(finding,)), EN)
    assert said.more == (
        *EN.advice("renew-certificate").more,
        EN.advice("consult-office").next,
    )


def test_the_chain_shows_the_worst_of_each_link() -> None:
    marks = {name: mark for mark, name in page(EXPIRED, EN).chain}
    assert marks[EN.word("layer", "service")] is Mark.OK
    assert marks[EN.word("layer", "certificate")] is Mark.ERROR
    assert marks[EN.word("layer", "pin")] is Mark.WARNING
    assert page(NO_READER, EN).chain == ()  # nothing was looked at


def test_an_open_question_is_worse_than_a_warning() -> None:
    """Of one link: what is not known may be an error."""
    unknown = replace(
        examples.SIGNATURE_PIN_LOCKED,
        check="card.pin.authentication-usable",
        outcome=Outcome.UNKNOWN,
        severity=Severity.INFO,
        state="unknown",
        decisive=True,
    )
    for findings in ((examples.SIGNATURE_PIN_LOCKED, unknown), (unknown, examples.PIN_OK)):
        chain = page(replace(READY, findings=findings), EN).chain
        assert chain == ((Mark.UNKNOWN, EN.word("layer", "pin")),)


def test_a_crash_and_an_unanswered_question_are_marked_unknown() -> None:
    crashed = replace(
        examples.CERTIFICATE_EXPIRED,
        outcome=Outcome.CRASHED,
        severity=Severity.INFO,
        state="crashed",
        actor=Actor.US,
    )
    said = page(replace(READY, verdict=Verdict.READY, findings=(crashed,)), EN)
    assert [item.mark for item in said.problems] == [Mark.UNKNOWN]
    assert said.problems[0].actor == EN.word("actor", "us")


def test_skipped_checks_are_neither_listed_nor_a_mark() -> None:
    skipped = replace(
        examples.CERTIFICATE_EXPIRED,
        outcome=Outcome.SKIPPED,
        severity=Severity.INFO,
        state="skipped",
    )
    said = page(replace(READY, findings=(skipped,)), EN)
    assert said.problems == said.others == ()
    assert {mark for mark, _ in said.chain} == {Mark.NONE}


def test_without_the_option_the_year_and_never_the_day() -> None:
    for messages in (JA, EN):
        text = everything(page(READY, messages))
        assert "2031" in text
        assert messages.word("left", "years-2") in text
        for secret in ("03-14", "03-15", "3月", "March", "1573", examples.PERSONAL_SERIAL):
            assert secret not in text


def test_with_the_option_full_dates_in_japanese_time() -> None:
    text = everything(page(READY, JA, show_personal=True).cards)
    assert "2026-03-02 (令和8年) - 2031-03-14 (令和13年)" in text
    assert "2036-03-14 (令和18年)" in text
    assert JA.label("days-left", days=1573) in text


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2031, 3, 14, 15, 0, tzinfo=UTC), "2031-03-15 (Reiwa 13)"),
        (datetime(2018, 12, 31, 14, 59, tzinfo=UTC), "2018-12-31"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31"),
    ],
)
def test_days_at_the_edges(moment: datetime, shown: str) -> None:
    certificate = replace(examples.CARD.certificates[0], not_after=moment, not_before=None)
    card = replace(examples.CARD, certificates=(certificate,))
    text = everything(page(replace(READY, cards=(card,)), EN, show_personal=True).cards)
    assert f" - {shown}" in text


def test_a_date_that_is_none_is_shown_harmless() -> None:
    card = replace(examples.CARD, valid_until="9999-99-99\x1b")
    text = everything(page(replace(READY, cards=(card,)), EN, show_personal=True).cards)
    assert "9999-99-99'" in text


def test_a_card_that_is_none_of_ours_has_no_lines() -> None:
    card = replace(examples.CARD, kind="felica", validity=None, certificates=(), pins=())
    assert page(replace(READY, cards=(card,)), JA).cards[0].lines == ()


def test_simulation_and_replay_are_said_in_both_languages_and_first() -> None:
    assert page(SIMULATED, EN).banner == (JA.label("simulated"), EN.label("simulated"))
    assert banner(Source.REPLAY) == (
        JA.label("replayed"),
        EN.label("replayed"),
    )
    assert banner(Source.HARDWARE) == ()


def test_virtual_readers_are_called_so() -> None:
    assert page(SIMULATED, JA).readers[0].compatibility == "仮想"
    reader = replace(examples.READER, virtual=True)
    assert "仮想" in page(replace(READY, readers=(reader,)), JA).readers[0].compatibility


def test_names_are_harmless() -> None:
    reader = replace(examples.READER, name="evil\x1b[2J", model="m\u202e", why="w\x07")
    row = page(replace(READY, readers=(reader,)), JA).readers[0]
    assert (row.name, row.why) == ("evil[2J (m)", "w")
    finding = replace(examples.PIN_OK, evidence={"name": "a\x1bb"})
    assert values_of(finding) == {"name": "ab"}


def test_evidence_alone_where_it_is_not_the_screen() -> None:
    assert "year" not in values_of(examples.CERTIFICATE_EXPIRED, screen=False)
    assert values_of(examples.CERTIFICATE_EXPIRED)["year"] == 2025


def test_with_several_readers_findings_name_theirs() -> None:
    second = replace(examples.READER, id="r1", slot="empty")
    said = page(replace(EXPIRED, readers=(examples.READER, second)), EN)
    assert said.problems[0].text.startswith("c0: ")
    assert all(not item.text.startswith("host") for item in said.others)


def test_beside_a_simulated_card_the_real_trouble_comes_first() -> None:
    """Somebody whose service is stopped is not to find that out from the last line."""
    stopped = replace(
        examples.PIN_OK,
        check="pcsc.service.running",
        layer=Layer.SERVICE,
        subject="host",
        state="stopped",
        outcome=Outcome.PROBLEM,
        severity=Severity.ERROR,
        advice=("start-service-linux",),
    ).demoted()
    report = replace(SIMULATED, findings=(*SIMULATED.findings, stopped), notes=("host-real",))
    said = page(report, EN)
    assert said.notes[0] == EN.label("host-real")
    assert said.notes[1].endswith(EN.advice("start-service-linux").next)
    assert not [item for item in said.others if item.text in said.notes[1]]


def test_a_second_empty_slot_does_not_say_it_again() -> None:
    """The two slots of one reader, both empty: one sentence."""
    report = examples.NO_CARD
    empty = next(f for f in report.findings if f.check == "placement.card.present")
    both = replace(report, findings=(*report.findings, replace(empty, subject="r1")))
    assert page(both, EN).problems == page(report, EN).problems


def test_footers() -> None:
    no_pin, revocation = EN.label("footer-no-pin"), EN.label("footer-revocation")
    assert page(READY, EN).footers == (no_pin,)  # the finding says the other
    without = tuple(item for item in READY.findings if item is not examples.NOT_REVOKED)
    assert page(replace(READY, findings=without), EN).footers == (no_pin, revocation)
    quick = replace(NO_CARD, scope=replace(NO_CARD.scope, quick=True))
    assert page(quick, EN).footers == (EN.label("quick"), no_pin)


def test_notes_are_labels() -> None:
    assert page(replace(SIMULATED, notes=("host-real",)), EN).notes == (EN.label("host-real"),)
