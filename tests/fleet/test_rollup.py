# SPDX-License-Identifier: Apache-2.0
"""What is counted and what is not: generated stations, and files that somebody made to do harm."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cardcheck.errors import InputError
from cardcheck.fleet.collect import MOST_BYTES, collect
from cardcheck.fleet.presence import is_alarm, stations_in, with_presence
from cardcheck.fleet.rollup import old_files, roll_up
from cardcheck.fleet.summary import Presence, Refusal, Summary

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def report(number: int = 0, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a report
    """A report that finds nothing wrong, made ``number`` hours before noon."""
    return {
        "schema": "cardcheck.report/1",
        "report_id": f"id-{number}-{changes.get('station', '')}",
        "station": "city/one",
        "generated_at": (NOW - timedelta(hours=number)).isoformat(),
        "command": "scan",
        "source": "hardware",
        "platform": {"system": "Linux", "release": "6.1"},
        "readers": [{"name": "Reader A 00 00", "model": "Reader A"}],
        "findings": [finding("ok", "info", "reader")],
        **changes,
    }


def finding(
    outcome: str, severity: str, layer: str, check: str = "reader.slot.responding"
) -> dict[str, str]:
    return {"check": check, "layer": layer, "outcome": outcome, "severity": severity}


BAD = [finding("problem", "error", "reader")]


def rolled_up(
    tmp_path: Path, *reports: object, month: str | None = None, **files: bytes
) -> Summary:
    """The roll-up of reports in one file and of further files (``name_suffix``)."""
    place, work = tmp_path / "reports", tmp_path / "work"
    place.mkdir()
    work.mkdir()
    if reports:
        (place / "all.jsonl").write_text("".join(json.dumps(each) + "\n" for each in reports))
    for name, data in files.items():
        (place / name.replace("_", ".")).write_bytes(data)
    return roll_up(collect([str(place)], work), NOW, month)


def refused(summary: Summary) -> dict[tuple[str, Refusal], int]:
    return {(Path(each.file).name, each.reason): each.reports for each in summary.refused}


def test_the_worst_station_is_first(tmp_path: Path) -> None:
    summary = rolled_up(
        tmp_path,
        *(report(n, station="city/good") for n in range(4)),
        *(report(n, station="town/bad", findings=BAD if n < 2 else []) for n in range(4)),
        *(report(n, station="town/mended", findings=BAD if n in {1, 3} else []) for n in range(4)),
    )
    names = [station.name for station in summary.stations]
    assert names == ["town/bad", "town/mended", "city/good"]
    bad, mended, good = summary.stations
    assert (bad.state, bad.availability, bad.incidents, bad.cause) == (
        "critical", 50.0, 1, "reader.slot.responding",
    )  # fmt: skip
    assert (mended.state, mended.incidents, good.availability) == ("ok", 2, 100.0)
    assert [(i.station, i.begin.hour, i.end and i.end.hour) for i in summary.incidents] == [
        ("town/mended", 9, 10), ("town/bad", 11, None), ("town/mended", 11, 12),
    ]  # fmt: skip
    offices = [(group.name, group.failing, group.reports) for group in summary.groups["office"]]
    assert offices == [("town", 4, 8), ("city", 0, 4)]
    assert [(g.name, g.stations) for g in summary.groups["cause"]] == [
        ("reader.slot.responding", 2)
    ]


def test_what_is_wrong_with_a_card_is_nobodys_business(tmp_path: Path) -> None:
    findings = [
        finding("problem", "error", layer, f"{layer}.x.y")
        for layer in ("card", "certificate", "pin")
    ]
    summary = rolled_up(tmp_path, report(findings=findings, verdict="problem", exit_code=1))
    assert summary.stations[0].state == "ok"
    assert "pin" not in repr(summary)


def test_readers_that_were_swapped_are_counted(tmp_path: Path) -> None:
    models = ["A", "A", "B", None, "B", "A"]
    readers = [[{"name": model}] if model else [] for model in models]
    summary = rolled_up(tmp_path, *(report(n, readers=each) for n, each in enumerate(readers)))
    assert summary.stations[0].swaps == 2


def test_watches_and_checks_are_reports_as_well(tmp_path: Path) -> None:
    def kiosk(number: int, state: str) -> dict[str, Any]:
        return report(number, schema="cardcheck.kiosk/1", state=state, findings=None)

    states = ["critical", "ok", "not-in-service", "nonsense"]
    summary = rolled_up(tmp_path, *(kiosk(n, state) for n, state in enumerate(states)))
    assert (summary.stations[0].state, summary.stations[0].availability) == ("critical", 50.0)


def models(summary: Summary) -> dict[str, tuple[int, int]]:
    return {each.name: (each.failing, each.reports) for each in summary.groups["model"]}


def test_a_report_without_a_reader_is_charged_to_the_one_that_was_last_there(
    tmp_path: Path,
) -> None:
    fleet = [
        *(report(n, station="a/1") for n in range(6)),
        *(
            report(
                n,
                station="a/2",
                readers=[] if n % 2 else [{"name": "B"}],
                findings=BAD if n % 2 else [],
            )
            for n in range(6)
        ),
    ]
    assert models(rolled_up(tmp_path, *fleet)) == {"B": (3, 6), "Reader A": (0, 6)}


def test_of_two_readers_the_one_that_is_gone_is_charged(tmp_path: Path) -> None:
    both = [{"name": "A"}, {"name": "B"}]
    fleet = [report(0, readers=both[:1], findings=BAD), report(1, readers=both)]
    assert models(rolled_up(tmp_path, *fleet)) == {"B": (1, 2), "A": (0, 2)}


def test_a_new_reader_that_fails_is_not_the_fault_of_the_one_before(tmp_path: Path) -> None:
    fleet = [report(0, readers=[{"name": "B"}], findings=BAD), report(1, readers=[{"name": "A"}])]
    assert models(rolled_up(tmp_path, *fleet)) == {"B": (1, 1), "A": (0, 1)}


def test_a_station_that_has_only_ever_failed_is_charged_to_nobody(tmp_path: Path) -> None:
    assert models(rolled_up(tmp_path, report(0, readers=[], findings=BAD))) == {}


def test_silent_stations_and_those_that_never_reported_have_states_of_their_own(
    tmp_path: Path,
) -> None:
    summary = rolled_up(
        tmp_path,
        report(0, station="a/1"),
        report(24 * 40, station="a/2"),
        report(0, station="a/3", findings=BAD),
    )
    found = with_presence(summary, ("a/1", "a/2", "b/9"))
    assert [(s.name, s.presence, s.silent_days, s.listed) for s in found.stations] == [
        ("a/3", Presence.REPORTING, 0, False),
        ("a/2", Presence.SILENT, 40, True),
        ("b/9", Presence.NEVER, None, True),
        ("a/1", Presence.REPORTING, 0, True),
    ]
    assert [is_alarm(each) for each in found.stations] == [True, True, True, False]
    assert not any(is_alarm(each) for each in with_presence(summary).stations[1:])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff", "UTF-8"),
        (b"# none\n", "names no station"),
        (b"a/1\n\na/1 # again\n", "line 3: a/1 stands in line 1"),
        (b"x" * 129, "line 1: longer"),
    ],
)
def test_a_list_of_stations_that_cannot_be_meant_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        stations_in(data)


def test_how_acceptances_and_checks_ended_is_told(tmp_path: Path) -> None:
    def trial(number: int, command: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        kiosk = {"schema": "cardcheck.kiosk/1", "findings": None, "command": command}
        return report(number, **kiosk, **more)

    summary = rolled_up(
        tmp_path,
        trial(3, "kiosk accept", passed=False),
        trial(2, "kiosk accept", passed=True, verdict="passed-with-remarks"),
        trial(1, "kiosk check", passed=False),
        trial(0, "kiosk check", passed=None),
    )
    assert [(t.command, t.outcome, t.readers) for t in summary.trials] == [
        ("kiosk accept", "passed-with-remarks", ("Reader A",)),
        ("kiosk check", "not-passed", ("Reader A",)),
    ]


def test_a_month_is_a_month_in_japan(tmp_path: Path) -> None:
    times = [
        "2026-10-31T14:59:59Z",
        "2026-10-31T15:00:00Z",
        "2026-11-30T23:59:59+09:00",
        "2026-12-01T00:00:00+09:00",
    ]
    reports = [report(n, generated_at=time) for n, time in enumerate(times)]
    summary = roll_up(_collected(tmp_path, reports), datetime(2027, 1, 1, tzinfo=UTC), "2026-11")
    assert summary.reports == 2
    assert str(summary.first) == "2026-11-01"


def _collected(tmp_path: Path, reports: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    place = tmp_path / "r.jsonl"
    place.write_text("\n".join(json.dumps(each) for each in reports))
    (tmp_path / "work").mkdir()
    return collect([str(place)], tmp_path / "work")


def test_what_is_not_counted_is_counted_and_named(tmp_path: Path) -> None:
    line = (json.dumps(report(1)) + "\n").encode()
    summary = rolled_up(
        tmp_path,
        report(0),
        report(0),
        report(2, generated_at="2030-01-01T00:00:00Z"),
        report(3, generated_at="yesterday"),
        report(4, source="simulation"),
        report(5, schema="other/1"),
        broken_jsonl=b"{nonsense\n\x00\x00\n\xff\xfe\n[1]\nnull\n7\n\n"
        + b"[" * 100_000
        + b"\n"
        + line,
        huge_jsonl=b'{"station": "' + b"x" * (3 * MOST_BYTES) + b'"}\n' + line,
        huge_json=b" " * (MOST_BYTES + 1),
        deep_json=b"[" * 100_000,
        empty_json=b"",
        empty_jsonl=b"",
        text_json=b'"text"',
    )
    assert refused(summary) == {
        ("all.jsonl", Refusal.DUPLICATE): 1,
        ("all.jsonl", Refusal.FUTURE): 1,
        ("all.jsonl", Refusal.MALFORMED): 2,
        ("all.jsonl", Refusal.NOT_HARDWARE): 1,
        ("broken.jsonl", Refusal.MALFORMED): 7,
        ("deep.json", Refusal.MALFORMED): 1,
        ("empty.json", Refusal.MALFORMED): 1,
        ("huge.json", Refusal.HUGE): 1,
        ("huge.jsonl", Refusal.HUGE): 1,
        ("huge.jsonl", Refusal.DUPLICATE): 1,
        ("text.json", Refusal.MALFORMED): 1,
    }
    assert summary.reports == 2


def test_files_of_other_programs_are_read(tmp_path: Path) -> None:
    """One report a file, with and without byte order mark, and what Windows PowerShell writes."""
    summary = rolled_up(
        tmp_path,
        one_json=json.dumps(report(1), indent=2).encode(),
        list_json=json.dumps([report(2), report(3)]).encode(),
        mark_json=b"\xef\xbb\xbf" + json.dumps(report(4)).encode(),
        wide_json=json.dumps(report(5)).encode("utf-16"),
        mark_jsonl=b"\xef\xbb\xbf" + json.dumps(report(6)).encode() + b"\r\n",
        wide_jsonl=(json.dumps(report(7, station="市役所/1")) + "\r\n").encode("utf-16"),
    )
    assert (summary.reports, summary.refused) == (7, ())
    assert {station.name for station in summary.stations} == {"city/one", "市役所/1"}


@pytest.mark.posix("os.mkfifo")
def test_links_pipes_and_odd_names_do_no_harm(tmp_path: Path) -> None:
    place, secret = tmp_path / "reports", tmp_path / "secret.json"
    place.mkdir()
    secret.write_text(json.dumps(report(9, station="secret")))
    (place / "link.json").symlink_to(secret)
    os.mkfifo(place / "pipe.jsonl")
    (place / "folder.json").mkdir()
    (place / "a*[b]?.jsonl").write_text(json.dumps(report(1)))
    (place / "'; DROP TABLE seen; --.jsonl").write_text(json.dumps(report(2)))
    (place / "other.txt").write_text("{}")
    (tmp_path / "work").mkdir()
    summary = roll_up(collect([str(place)], tmp_path / "work"), NOW)
    assert summary.reports == 2
    assert refused(summary) == {
        ("link.json", Refusal.NOT_A_FILE): 1,
        ("pipe.jsonl", Refusal.NOT_A_FILE): 1,
    }


VALUES: tuple[object, ...] = (
    None,
    7,
    1e308,
    "x" * 1000,
    [],
    [[[]]],
    {"a": {}},
    [None],
    True,
    "infinity",
)


@pytest.mark.parametrize("key", sorted(report()))
def test_no_value_of_any_member_is_fatal(tmp_path: Path, key: str) -> None:
    odd = [report(n, **{"report_id": f"{key}-{n}", key: value}) for n, value in enumerate(VALUES)]
    summary = rolled_up(tmp_path, report(50), *odd)
    counted = summary.reports + sum(each.reports for each in summary.refused)
    assert counted == 1 + len(VALUES)
    assert all(len(station.name) <= 128 for station in summary.stations)


def test_nothing_at_all_is_a_summary_of_nothing(tmp_path: Path) -> None:
    summary = rolled_up(tmp_path)
    assert (summary.reports, summary.stations, summary.first) == (0, (), None)


def test_only_files_whose_reports_are_all_old_may_be_purged(tmp_path: Path) -> None:
    place, work = tmp_path / "reports", tmp_path / "work"
    place.mkdir()
    work.mkdir()
    old, new = json.dumps(report(48)), json.dumps(report(1))
    for name, text in {
        "old.jsonl": old, "old.json": old, "new.jsonl": new, "mixed.jsonl": f"{old}\n{new}",
        "broken.jsonl": f"{old}\nnonsense", "empty.jsonl": "", "letter.json": '{"to": "you"}',
    }.items():  # fmt: skip
        (place / name).write_text(text)
    found = collect([str(place)], work)
    files = old_files(found, NOW - timedelta(days=1))
    assert sorted(Path(file).name for file in files) == ["old.json", "old.jsonl"]


def test_the_database_prints_nothing_and_loads_nothing(tmp_path: Path) -> None:
    """After two seconds DuckDB would show its progress, on the stream that carries the result."""
    from cardcheck.fleet.rollup import _connection

    with _connection(tmp_path) as database:
        names = ("enable_progress_bar", "autoinstall_known_extensions", "autoload_known_extensions")
        query = ", ".join(f"current_setting('{name}')" for name in names)
        assert database.execute(f"SELECT {query}").fetchone() == (False, False, False)


def test_a_cause_of_an_older_version_counts_under_its_name_of_today(tmp_path: Path) -> None:
    old = finding("problem", "error", "driver", "pcsc.binding.importable")
    new = finding("problem", "error", "driver", "python.pyscard.importable")
    summary = rolled_up(
        tmp_path, report(0, station="a/1", findings=[old]), report(1, station="a/2", findings=[new])
    )
    causes = [(group.name, group.stations) for group in summary.groups["cause"]]
    assert causes == [("python.pyscard.importable", 2)]
