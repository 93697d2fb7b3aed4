# SPDX-License-Identifier: Apache-2.0
"""Counting, in DuckDB: a million reports in seconds and in bounded memory.

What belongs here: queries. What does not: files (``collect``), layout (``documents``).

DuckDB rather than SQLite or a loop in Python, because it parses JSON on all processors (3 GB in
seconds, where Python's own parser needs half a minute a processor), takes a line that is no JSON
as a row of nothing instead of an error, and spills to disk instead of growing. It is an extra
(``cardcheck[fleet]``), imported late: a terminal needs none of it.

A station fails where a check of computer, service, driver or reader found an error. What was wrong
with a card is not counted: it says something about its holder, and nothing about the station.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cardcheck.catalog.readers import clean_name
from cardcheck.errors import InputError
from cardcheck.facts.calendar import JST
from cardcheck.fleet import queries
from cardcheck.fleet.summary import Group, Incident, Refusal, Station, Summary, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from cardcheck.fleet.collect import Collection

_MEMORY: Final = "600MB"
_INSTALL: Final = "fleet needs DuckDB: install cardcheck[fleet]"


def roll_up(
    found: Collection,
    now: datetime,
    month: str | None = None,
    since: datetime | None = None,
) -> Summary:
    """The roll-up of all reports that were found.

    Args:
        found: the files.
        now: later reports than a day from now are dated in the future.
        month: only that month (``2026-11``), by Japanese time.
        since: only what was made since then.

    Raises:
        InputError: DuckDB is not installed, or there is no room for what it keeps on disk.
    """
    begin, end = _span(month)
    begin = max(begin, since.astimezone(UTC).replace(tzinfo=None)) if since else begin
    latest = datetime.fromtimestamp(now.timestamp() + 86_400, UTC).replace(tzinfo=None)
    with _connection(found.folder) as database:
        _read(database, found)
        for reason, query in queries.REFUSED.items():
            values = {"latest": latest} if "$latest" in query else {}
            for file, count in database.execute(query, values).fetchall():
                found.refuse(found.names.get(file, file), reason, count)
        database.execute(queries.GOOD, {"latest": latest, "begin": begin, "end": end})
        database.execute(queries.STEPS)
        database.execute(queries.CHARGED)
        return _summary(database, found, now, month)


def old_files(found: Collection, since: datetime) -> list[str]:
    """The files whose reports are all usable and older than ``since``: these may be purged.

    Raises:
        InputError: as ``roll_up``.
    """
    with _connection(found.folder) as database:
        _read(database, found)
        rows = database.execute(
            queries.OLD,
            {"since": since.astimezone(UTC).replace(tzinfo=None)},
        ).fetchall()
    refused = {each.file for each in found.refused if each.reason is Refusal.HUGE}
    files = [found.names.get(file, file) for (file,) in rows]
    return [file for file in files if file not in refused]


@contextmanager
def _connection(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A database in memory that loads nothing, fetches nothing and takes no other settings."""
    try:
        import duckdb
    except ImportError:
        raise InputError(_INSTALL) from None
    settings: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    database = duckdb.connect(config=settings)
    try:
        database.execute("SET enable_progress_bar = false")  # stdout is for the result
        database.execute("SET lock_configuration = true")
        yield database
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise InputError(
            f"the reports could not be rolled up: {str(error).splitlines()[0]}"
        ) from None
    finally:
        database.close()


def _read(database: DuckDBPyConnection, found: Collection) -> None:
    columns = ", ".join(
        f"'{name}': '{kind}'" for name, kind in {**queries.COLUMNS, found.key: "VARCHAR"}.items()
    )
    query = queries.READ % f"{{{columns}}}"
    database.execute(
        query.replace("coalesce(tag,", f"coalesce({found.key},"), {"files": found.files}
    )
    _clean_names(database)


def _clean_names(database: DuckDBPyConnection) -> None:
    """Takes serial numbers out of the readers' names: a report may be anybody's, or an old one."""
    names = [name for (name,) in database.execute(queries.NAMES).fetchall()]
    unlike = [(name, clean_name(name)) for name in names if clean_name(name) != name]
    if unlike:
        database.execute(queries.CLEAN_NAMES)
        database.executemany("INSERT INTO clean_names VALUES (?, ?)", unlike)
        database.execute(queries.CLEANED)


def _span(month: str | None) -> tuple[datetime, datetime]:
    """The first instant of a month in Japan and of the next, UTC without zone; else all of time."""
    if month is None:
        return datetime.min, datetime.max.replace(microsecond=0)  # noqa: DTZ901 - without zone
    year, number = (int(part) for part in month.split("-"))
    begin = datetime(year, number, 1, tzinfo=JST)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=JST)
    return begin.astimezone(UTC).replace(tzinfo=None), end.astimezone(UTC).replace(tzinfo=None)


def _summary(
    database: DuckDBPyConnection, found: Collection, now: datetime, month: str | None
) -> Summary:
    totals = database.execute("SELECT count(*), min(day), max(day) FROM good").fetchone()
    assert totals is not None
    groups = {}
    for name, (source, order) in queries.GROUPS.items():
        rows = database.execute(queries.GROUPED.format(source=source, order=order)).fetchall()
        groups[name] = tuple(Group(name=n, reports=r, failing=f, stations=s) for n, r, f, s in rows)
    incidents = [
        Incident(station=s, begin=_utc(b), end=_utc(e) if e else None, cause=c)
        for s, b, e, c in database.execute(queries.INCIDENTS).fetchall()
    ]
    return Summary(
        at=now,
        month=month,
        reports=totals[0],
        files=len(found.seen),
        first=totals[1],
        last=totals[2],
        stations=tuple(_station(row) for row in database.execute(queries.STATIONS).fetchall()),
        trials=tuple(
            Trial(station=s, command=c, readers=tuple(m or ()), at=_utc(t), outcome=o)
            for s, c, m, t, o in database.execute(queries.TRIALS).fetchall()
        ),
        groups=groups,
        incidents=tuple(reversed(incidents)),
        refused=found.refused,
    )


def _station(row: tuple[Any, ...]) -> Station:
    name, office, reports, failing, availability, incidents, swaps, last, state, cause = row
    return Station(
        name=name,
        office=office,
        reports=reports,
        failing=failing,
        availability=availability,
        incidents=incidents,
        swaps=swaps,
        last=_utc(last),
        state=state,
        cause=cause,
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
