# SPDX-License-Identifier: Apache-2.0
"""Every JSON document has a schema, and what the commands write follows it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from cardcheck.cli.main import run
from cardcheck.cli.schemas import DOCUMENTS, schema
from cardcheck.simulation.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., Any]

ROOT = Path(__file__).parents[2]
HOSTS = sorted((ROOT / "fixtures" / "hosts").glob("*.json"))
STORED = ROOT / "fixtures" / "documents"
AT_COUNTER = ("--station", "office/1", "--reader", "0")


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    """Runs a command line and gives the JSON that it wrote."""

    def call(*arguments: str) -> Any:  # noqa: ANN401 - a JSON value
        capsys.readouterr()
        run([*arguments, "--lang", "en"])
        return json.loads(capsys.readouterr().out)

    return call


@cache
def validator(name: str, *, strict: bool = True) -> jsonschema.Draft202012Validator:
    """What checks a document; strict: only fields and values of today."""
    described = schema(name)
    return jsonschema.Draft202012Validator(closed(described) if strict else described)


def closed(node: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The schema as it is today: only the values listed, only the fields listed."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "enum" in node.get("anyOf", [{}])[0]:
        return node["anyOf"][0]
    result = {key: closed(value) for key, value in node.items()}
    return {"additionalProperties": False, **result} if "properties" in node else result


def follows(name: str, document: object) -> None:
    """The document is as its schema says, and no more.

    Raises:
        jsonschema.ValidationError: it is not.
    """
    validator(name, strict=False).validate(document)
    validator(name).validate(document)


def simulated(profile: str) -> tuple[str, ...]:
    return "--simulate", profile, "--json", "--timeout", "3", "--no-cache"


@pytest.mark.parametrize("profile", PROFILES)
def test_scan_and_readers_of_every_profile(written: Written, profile: str) -> None:
    follows("report", written("scan", *simulated(profile), "--with-text", "--show-personal"))
    follows("report", written("scan", *simulated(profile), "--quick"))
    follows("report", written("readers", *simulated(profile)))


@pytest.mark.parametrize("profile", PROFILES)
def test_place_and_isolate_of_every_profile(written: Written, profile: str) -> None:
    placed = written("place", "--simulate", profile, "--json", "--timeout", "0.5")
    follows("report", placed)
    answers = ("--answers", ",s,q", "--timeout", "0.5")
    follows("report", written("isolate", "--simulate", profile, "--json", *answers))


@pytest.mark.parametrize("profile", PROFILES)
def test_check_and_watch_of_every_profile(written: Written, profile: str) -> None:
    at = ("--simulate", profile, "--json", *AT_COUNTER)
    follows("kiosk", written("kiosk", "check", *at, "--seconds", "1"))
    follows("kiosk", written("kiosk", "watch", *at[:3], "--cycles", "1", "--interval", "0.1"))


@pytest.mark.parametrize("profile", ["valid", "mute", "no-reader", "no-service"])
def test_acceptance_and_its_baseline(written: Written, profile: str, tmp_path: Path) -> None:
    baseline = tmp_path / "base.json"
    at = ("--simulate", profile, "--json", *AT_COUNTER)
    follows("kiosk", written("kiosk", "accept", *at, "--baseline", str(baseline)))
    assert baseline.exists() == (profile == "valid")
    if baseline.exists():
        follows("kiosk-baseline", json.loads(baseline.read_text("utf-8")))


@pytest.mark.parametrize("host", HOSTS, ids=[host.stem for host in HOSTS])
def test_doctor_of_every_host(written: Written, host: Path, tmp_path: Path) -> None:
    again = tmp_path / "host.json"
    given = ("--host-snapshot", str(host), "--snapshot", str(again))
    follows("doctor", written("doctor", *given, "--json", "--with-text"))
    for snapshot in (host, again):
        follows("snapshot", json.loads(snapshot.read_text("utf-8")))


@pytest.mark.parametrize(
    "query",
    [("pin", "locked"), ("0x8010001D",), ("6984", "0x12345"), ("zzqqq",), ("CC-2222-2222",)],
)
def test_explain(written: Written, query: tuple[str, ...]) -> None:
    follows("explain", written("explain", *query, "--json"))


def test_explain_of_a_support_code(written: Written) -> None:
    made = written("doctor", "--host-snapshot", str(HOSTS[0]), "--json")
    code = made["support_code"] or "CC-2222-2222"
    follows("explain", written("explain", code, "--json"))


def test_reference(written: Written) -> None:
    follows("checks", written("checks", "--json"))
    follows("overdue", written("checks", "--overdue", "--json", "--at", "2029-01-01"))


def test_replay(written: Written) -> None:
    follows("replay", written("replay", str(ROOT / "fixtures" / "apdu"), "--json", "--jobs", "1"))


def test_compare_and_fleet(written: Written, tmp_path: Path) -> None:
    paths = [tmp_path / f"{profile}.json" for profile in ("valid", "expired", "no-service")]
    for path in paths:
        made = written("scan", *simulated(path.stem), "--station", "office/1")
        made["source"] = "hardware"
        path.write_text(json.dumps(made), "utf-8")
    follows("compare", written("compare", str(paths[0]), str(paths[1]), "--json"))
    follows("compare", written("compare", str(paths[2]), str(paths[0]), "--json"))
    follows("fleet", written("fleet", "summary", str(tmp_path), "--json"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_printed_and_is_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == schema(name)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert "tolerate" in printed["description"]
    assert printed["$id"].startswith(f"urn:cardcheck:schema:{name}:")


def test_the_schema_of_the_report_comes_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema("report")
    assert run(["schema", "--list"]) == 0
    assert capsys.readouterr().out.split() == list(DOCUMENTS)
    assert run(["schema", "nonsense"]) == 2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_is_described_and_every_enumeration_open(name: str) -> None:
    def walk(node: Any, place: str) -> None:  # noqa: ANN401 - a JSON value
        if isinstance(node, list):
            for item in node:
                walk(item, place)
        if not isinstance(node, dict):
            return
        assert node.get("additionalProperties") is not False, place
        if "enum" in node:
            assert place.endswith("anyOf"), f"{place} is closed"
        for key, value in node.items():
            walk(value, f"{place}.{key}")

    walk(schema(name), name)
    for title, kind in schema(name)["$defs"].items():
        assert kind.get("description"), f"{name}: {title}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_later_version_is_tolerated(name: str) -> None:
    """New fields and values pass the schema that is printed, and only that one."""
    sample = {"schema": schema(name)["title"], "later": 1}
    complaints = [error.validator for error in validator(name, strict=False).iter_errors(sample)]
    assert "additionalProperties" not in complaints


@pytest.mark.parametrize("stored", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_a_stored_document_still_follows_its_schema(stored: Path) -> None:
    document = json.loads(stored.read_text("utf-8"))
    validator(stored.stem.partition(".")[0], strict=False).validate(document)
