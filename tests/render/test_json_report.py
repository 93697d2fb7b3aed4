# SPDX-License-Identifier: Apache-2.0
"""The JSON document: its schema, its privacy, its order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from msgspec.structs import replace

from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report

from cardcheck.catalog.messages import load
from cardcheck.cli.schemas import schema
from cardcheck.render.json_report import document, dumps
from cardcheck.report import documents, rows

SCHEMA = schema("report")


def written(report: Report, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as document's
    """The document as a reader of its text has it."""
    value: dict[str, Any] = json.loads(dumps(document(report, **options)))
    return value


def strict(node: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The schema as it is today: only the values listed, only the fields listed."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "enum" in node.get("anyOf", [{}])[0]:
        return node["anyOf"][0]
    result = {key: strict(value) for key, value in node.items()}
    return {"additionalProperties": False, **result} if "properties" in node else result


def check(instance: object, the_schema: dict[str, Any] = SCHEMA) -> None:
    jsonschema.Draft202012Validator(the_schema).validate(instance)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert "tolerate" in SCHEMA["description"]


@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
@pytest.mark.parametrize("show_personal", [False, True])
@pytest.mark.parametrize("lang", [None, "ja", "en"])
def test_reports_follow_the_schema(report: Report, show_personal: bool, lang: str | None) -> None:
    messages = load("ja" if lang == "ja" else "en") if lang else None
    value = written(report, show_personal=show_personal, messages=messages)
    check(value)
    check(value, strict(SCHEMA))
    assert ("summary" in value) == bool(lang)
    assert all(("text" in finding) == bool(lang) for finding in value["findings"])


def test_new_values_and_fields_are_tolerated() -> None:
    value = written(examples.READY)
    value["verdict"] = value["readers"][0]["slot"] = "invented-later"
    value["findings"][0]["actor"] = "neighbour"
    value["invented"] = value["cards"][0]["invented"] = {"later": 1}
    check(value)
    with pytest.raises(jsonschema.ValidationError):
        check(value, strict(SCHEMA))


@pytest.mark.parametrize(
    ("field", "value"),
    [("schema", "cardcheck.report/2"), ("verdict", 1), ("cards", None), ("judged_at", "yesterday")],
)
def test_what_is_not_a_report_is_refused(field: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check({**written(examples.READY), field: value})


def test_the_order_is_that_of_the_contract() -> None:
    value = written(examples.READY)
    assert " ".join(value) == (
        "schema tool report_id station generated_at judged_at milliseconds command source scope"
        " platform verdict exit_code readiness readers cards findings support_code remedies"
    )
    card = value["cards"][0]
    assert " ".join(card) == (
        "id reader kind applications atr validity certificates pins safety exchange"
    )
    assert card["certificates"][1] == {
        "id": "signature",
        "status": "needs-pin",
        "issuer": "not-checked",
        "revocation": "not-checked",
    }
    assert card["atr"] == "3BDA13FF8131FB468012392F31C173C601C03B"
    assert value["judged_at"] == "2026-11-21T22:30:00Z"
    assert [finding["id"] for finding in value["findings"][:2]] == ["f0", "f1"]


@pytest.mark.parametrize("report", [examples.READY, examples.EXPIRED])
def test_nothing_personal_without_the_option(report: Report) -> None:
    text = dumps(document(report, messages=load("ja"))) + dumps(
        document(report, messages=load("en"))
    )
    for secret in (examples.PERSONAL_SERIAL, "2031", "2036", "2025", "令和", "Reiwa", "1573"):
        assert secret not in text
    for key in ("not_after", "not_before", "days_left", "valid_until", "serial", "personal"):
        assert f'"{key}"' not in text


def test_without_the_option_there_is_no_place_for_anything_personal() -> None:
    shareable = {
        documents.ReportDocument, rows.ReaderRow, rows.CardRow, rows.CertificateRow, rows.Validity,
        rows.FindingRow,
    }  # fmt: skip
    personal = {"serial", "valid_until", "not_before", "not_after", "days_left", "personal"}
    for kind in shareable:
        assert personal.isdisjoint(kind.__struct_fields__)
    value = document(examples.READY)
    assert type(value) is documents.ReportDocument
    assert {type(row) for row in value.readers} == {rows.ReaderRow}
    assert {type(row) for row in value.cards} == {rows.CardRow}
    assert {type(row) for row in value.findings} == {rows.FindingRow}


def test_what_the_option_adds() -> None:
    value = written(examples.READY, show_personal=True)
    certificate, signature = value["cards"][0]["certificates"]
    assert certificate["not_before"] == "2026-03-02T01:02:03Z"
    assert certificate["not_after"] == "2031-03-14T14:59:59Z"
    assert certificate["days_left"] == 1573
    assert signature["not_after"] is None
    assert value["cards"][0]["validity"] == {"status": "valid", "valid_until": "2036-03-14"}
    assert value["readers"][0]["serial"] == examples.PERSONAL_SERIAL
    assert {"days_left": 1573, "not_after": "2031-03-14T14:59:59Z"} in [
        finding.get("personal") for finding in value["findings"]
    ]


def test_sentences_come_with_their_advice() -> None:
    value = written(examples.EXPIRED, messages=load("ja"))
    text = next(
        finding["text"]
        for finding in value["findings"]
        if finding["advice"] == ["renew-certificate"]
    )
    assert text["advice"][0]["actor"] == "municipality"
    assert text["advice"][0]["next"] == value["summary"]["next"]
    assert (
        text["first"]
        == value["summary"]["first"]
        == "ログイン用（利用者証明用）の電子証明書の期限が切れています。"
    )


def test_untrusted_names_are_harmless_and_surrogates_can_be_written() -> None:
    reader = replace(examples.READER, name="evil\x1b[2J\u202e \udc80\x9b")
    text = dumps(document(replace(examples.READY, readers=(reader,))))
    assert '"name": "evil[2J \ufffd"' in text
    text.encode("utf-8")


def test_optional_fields_appear_only_where_they_say_something() -> None:
    value = written(examples.SIMULATED)
    assert value["simulated_profile"] == "expired"
    assert "simulated_profile" not in written(examples.READY)
    reader = replace(examples.READER, backends=("pcsc", "nfc"), why="listed")
    row = written(replace(examples.READY, readers=(reader,)))["readers"][0]
    assert row["backends"] == ["pcsc", "nfc"]
    assert row["why"] == "listed"


def test_the_text_ends_with_a_line_feed_and_keeps_japanese() -> None:
    text = dumps({"a": "カード"})
    assert text == '{\n  "a": "カード"\n}\n'
