# SPDX-License-Identifier: Apache-2.0
"""Which checks run, and what becomes of what they find."""

from __future__ import annotations

import pytest

from cardcheck.catalog.messages import advice_for, advice_table
from cardcheck.checks import runner
from cardcheck.checks.registry import Selection, selected
from checks import scenes

SCAN = selected(Selection.CARDS, thorough=False)


@pytest.mark.parametrize(
    ("only", "skip", "chosen"),
    [
        ((), (), {check.id for check in SCAN}),
        (("card.pin",), (), {c.id for c in SCAN if c.id.startswith("card.pin.")}),
        (("card.pi",), (), set()),
        (("card.pin.signature-usable", "host"), (), {
            "card.pin.signature-usable", "host.login.supported",
        }),
        (("host.clock.plausible",), (), {"computer.clock.right"}),
        ((), ("access", "card", "computer", "driver", "host", "pcsc", "placement", "python",
              "reader", "service", "wall"), {"scan.run.finished"}),
    ],
)  # fmt: skip
def test_which_checks_run(only: tuple[str, ...], skip: tuple[str, ...], chosen: set[str]) -> None:
    assert {check.id for check in runner.chosen(SCAN, only, skip)} == chosen


def test_ids_are_unique_and_in_the_order_of_the_chain() -> None:
    ids = [check.id for check in SCAN]
    assert len(set(ids)) == len(ids)
    assert all(len(identity.split(".")) == 3 for identity in ids)


def test_advice_and_actor_come_from_the_catalogue() -> None:
    result = scenes.report(scenes.card(-1700, -1), on=scenes.host(system="Linux"))
    finding = scenes.only(result, "card.certificate.authentication-valid")
    assert finding.advice == advice_for(finding.check, "expired", "Linux")
    assert finding.actor is not None
    assert finding.actor.value == advice_table()[finding.advice[0]].actor == "municipality"


def test_nothing_personal_is_evidence() -> None:
    """Dates are a birthday: they are on the personal ring alone."""
    result = scenes.report(scenes.card(-1700, 30, common_record=scenes.record("20261213")))
    for finding in result.findings:
        shared = f"{dict(finding.evidence)} {dict(finding.screen)}"
        assert "12-13" not in shared
        assert "12-21" not in shared
        assert "days" not in shared
