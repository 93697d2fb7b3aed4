# SPDX-License-Identifier: Apache-2.0
"""The values that a report is made of."""

from __future__ import annotations

from cardcheck.report.model import Finding, Layer, Outcome, Severity

FINDING = Finding(
    check="card.pin.authentication-usable",
    layer=Layer.PIN,
    outcome=Outcome.PROBLEM,
    severity=Severity.ERROR,
    state="locked",
    subject="c1",
    evidence={"tries_left": 0},
    decisive=True,
)


def test_severities_are_ordered() -> None:
    assert [severity.rank for severity in Severity] == [0, 1, 2]
    assert max(Severity, key=lambda severity: severity.rank) is Severity.ERROR


def test_layers_are_the_chain_in_its_order() -> None:
    """The contract: computer, service, driver, reader, card, certificate, PIN."""
    chain = ["computer", "service", "driver", "reader", "card", "certificate", "pin"]
    assert sorted(chain, key=lambda name: Layer(name).position) == chain
    assert [layer.position for layer in Layer] == list(range(len(Layer)))


def test_a_finding_that_does_not_decide_is_information() -> None:
    demoted = FINDING.demoted()
    assert (demoted.severity, demoted.decisive) == (Severity.INFO, False)
    assert demoted.evidence == {"tries_left": 0, "severity_alone": "error"}
    assert (demoted.outcome, demoted.state) == (FINDING.outcome, FINDING.state)
    assert demoted.demoted() == demoted


def test_an_open_question_that_does_not_decide_stays_one() -> None:
    """It is information already; what it must lose is its say in the verdict."""
    question = Finding(
        check="card.kind.my-number",
        layer=Layer.CARD,
        outcome=Outcome.UNKNOWN,
        severity=Severity.INFO,
        state="undecided",
        decisive=True,
    )
    demoted = question.demoted()
    assert (demoted.decisive, demoted.outcome) == (False, Outcome.UNKNOWN)
    assert "severity_alone" not in demoted.evidence
