# SPDX-License-Identifier: Apache-2.0
"""One table of link failures: whole, without a double, and used by all who translate."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cardcheck import errors
from cardcheck.catalog.codes import all_codes
from cardcheck.facts.link_failure import (
    TABLE,
    TRACED,
    LinkFailure,
    Meaning,
    failure_of,
    failure_of_code,
)
from cardcheck.traces.importing.session import SessionBuilder
from cardcheck.transports import pcsc

HOME = Path(__file__).parents[2] / "src/cardcheck"
CODES = [(code, failure) for failure, row in TABLE.items() for code in row.codes]


def classes(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(classes(each) for each in base.__subclasses__()))


def test_every_link_error_has_a_row() -> None:
    ours = {kind for kind in classes(errors.LinkError) if kind.__module__ == "cardcheck.errors"}
    assert ours <= {row.kind for row in TABLE.values()}
    assert set(TABLE) == set(LinkFailure)
    assert all(row.kind.__name__ == failure for failure, row in TABLE.items())


def test_no_code_stands_for_two() -> None:
    assert len({code for code, _ in CODES}) == len(CODES) == 15


@pytest.mark.parametrize(("code", "failure"), CODES)
def test_a_code_means_the_same_live_and_in_a_log(code: int, failure: LinkFailure) -> None:
    error = pcsc.error_of(code, "SCardTransmit")
    assert failure_of(error) is failure is failure_of_code(code - (1 << 32))
    session = SessionBuilder()
    session.ask(bytes(4))
    session.fail(code)
    [logged] = [each for found in session.finish() for each in found.exchanges]
    assert logged.failure is not None
    assert (logged.failure.name, logged.failure.code) == (failure, code)


def test_codes_that_were_forgotten_once() -> None:
    """Pinned apart from the table: the service that goes in a call, a card without power."""
    assert failure_of_code(0x80100013) is LinkFailure.NO_SERVICE
    assert failure_of_code(0x80100067) is LinkFailure.MUTE
    assert failure_of_code(0x8010000F) is LinkFailure.MUTE
    assert failure_of_code(0x8010002E) is LinkFailure.NO_READER
    assert failure_of_code(0x8010006A) is LinkFailure.ACCESS_DENIED
    assert failure_of_code(0x80100001) is failure_of_code(None) is LinkFailure.LINK_ERROR


@pytest.mark.parametrize(("code", "failure"), CODES)
def test_every_code_can_be_explained(code: int, failure: LinkFailure) -> None:
    assert f"0x{code:08X}" in {row.key for row in all_codes()}, failure


def test_what_has_no_row_counts_as_what_it_is_derived_from() -> None:
    class OtherError(errors.UnresponsiveCardError):
        pass

    assert failure_of(OtherError("x")) is LinkFailure.MUTE
    assert failure_of(errors.MalformedTlvError("x")) is LinkFailure.MALFORMED_RESPONSE
    assert failure_of(ImportError("x")) is LinkFailure.NO_BINDING


def test_it_is_looked_up_by_what_it_equals() -> None:
    table: dict[str, int] = {LinkFailure.NO_SERVICE: 1}
    assert table["NoServiceError"] == 1
    assert LinkFailure.NO_SERVICE in {"NoServiceError", "NoReaderError"}
    assert TRACED["CARD_REMOVED"] is LinkFailure.CARD_REMOVED
    assert TABLE[LinkFailure.NO_READER].means is Meaning.NO_WAY


def test_no_name_of_an_error_is_typed_elsewhere() -> None:
    names = {*LinkFailure}
    typed = {
        path.relative_to(HOME).parts[0]
        for path in HOME.rglob("*.py")
        if path.name != "link_failure.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert typed == set()
