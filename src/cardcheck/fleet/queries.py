# SPDX-License-Identifier: Apache-2.0
"""The queries of the roll-up, in DuckDB's SQL.

What belongs here: SQL, of constants alone: what is anybody's arrives as a parameter. What does not:
running it (``rollup``).
"""

from __future__ import annotations

from typing import Final

from cardcheck.catalog.aliases import old_checks
from cardcheck.fleet.collect import MOST_BYTES
from cardcheck.fleet.summary import Refusal

MOST_INCIDENTS: Final = 10_000
_LAYERS: Final = "('computer', 'service', 'driver', 'reader')"
_SCHEMAS: Final = "('cardcheck.report/1', 'cardcheck.doctor/1', 'cardcheck.kiosk/1')"
_STATES: Final = "('ok', 'warning', 'critical', 'unknown', 'not-in-service', 'stale')"
_TRIALS: Final = "('kiosk accept', 'kiosk check')"
_VERDICTS: Final = "('passed', 'passed-with-remarks', 'not-passed', 'inconclusive')"

_RENAMED: Final = " ".join(f"WHEN '{old}' THEN '{now}'" for old, now in old_checks().items())
_NOW: Final = f"CASE f.check {_RENAMED} ELSE f.check END"  # by the ids of today

COLUMNS: Final = {
    "schema": "VARCHAR",
    "report_id": "VARCHAR",
    "station": "VARCHAR",
    "generated_at": "VARCHAR",
    "command": "VARCHAR",
    "source": "VARCHAR",
    "state": "VARCHAR",
    "platform": "STRUCT(system VARCHAR, release VARCHAR)",
    "readers": "STRUCT(name VARCHAR, model VARCHAR)[]",
    "reader": "STRUCT(name VARCHAR, model VARCHAR)",
    "findings": 'STRUCT("check" VARCHAR, layer VARCHAR, outcome VARCHAR, severity VARCHAR)[]',
    "problems": "VARCHAR[]",
    "passed": "BOOLEAN",
    "verdict": "VARCHAR",
}

# One row a line, of NULLs where the line is no JSON object. Names are cut: they are anybody's.
READ: Final = f"""
CREATE TEMP TABLE seen AS
WITH raw AS MATERIALIZED (
  SELECT schema, report_id, station, command, source, state, platform, readers, reader, problems,
    passed, verdict,
    coalesce(tag, filename) AS file, generated_at,
    make_timestamp(epoch_us(try_cast(generated_at AS TIMESTAMPTZ))) AS made,
    list_filter(findings, lambda f: f.outcome = 'problem' AND f.severity <> 'info'
      AND f.layer IN {_LAYERS}) AS bad
  FROM read_json($files, format = 'newline_delimited', ignore_errors = true, filename = true,
    maximum_object_size = {2 * MOST_BYTES}, columns = %s)
)
SELECT file, made, coalesce(source, 'hardware') = 'hardware' AS hardware,
  CASE WHEN schema = 'cardcheck.kiosk/1' AND command IN {_TRIALS} AND passed IS NOT NULL
    THEN command END AS trial,
  CASE WHEN verdict IN {_VERDICTS} THEN verdict WHEN passed THEN 'passed' ELSE 'not-passed' END
    AS outcome,
  schema IN {_SCHEMAS} AND made IS NOT NULL AS usable,
  substr(coalesce(report_id, concat_ws('|', command, station, generated_at)), 1, 128) AS id,
  substr(coalesce(station, ''), 1, 128) AS station,
  CASE
    WHEN schema = 'cardcheck.kiosk/1' AND state IN {_STATES} THEN state
    WHEN schema = 'cardcheck.kiosk/1' THEN 'unknown'
    WHEN len(list_filter(bad, lambda f: f.severity = 'error')) > 0 THEN 'critical'
    WHEN len(list_filter(bad, lambda f: f.severity = 'warning')) > 0 THEN 'warning'
    ELSE 'ok'
  END AS state,
  list_sort(list_transform(
    list_filter(coalesce(readers, [reader]), lambda r: r.name IS NOT NULL OR r.model IS NOT NULL),
    lambda r: substr(coalesce(r.model, r.name), 1, 128))) AS models,
  substr(concat_ws(' ', platform.system, platform.release), 1, 128) AS driver,
  list_filter(
    coalesce(list_transform(list_filter(bad, lambda f: f.severity = 'error'),
      lambda f: {_NOW}), problems, []),
    lambda c: regexp_full_match(c, '[a-z0-9.-]{{1,80}}')) AS causes
FROM raw
"""  # noqa: S608 - made of constants

NAMES: Final = "SELECT DISTINCT unnest(models) FROM seen WHERE models IS NOT NULL"
CLEAN_NAMES: Final = "CREATE TEMP TABLE clean_names (name VARCHAR, clean VARCHAR)"
CLEANED: Final = """
UPDATE seen SET models = (
  SELECT list_sort(list(coalesce(clean, each))) FROM (SELECT unnest(models) AS each)
  LEFT JOIN clean_names ON name = each
) WHERE len(models) > 0
"""

GOOD: Final = """
CREATE TEMP TABLE good AS
SELECT station, made, state, models, driver, causes, state = 'critical' AS failing, trial, outcome,
  split_part(station, '/', 1) AS office, CAST(made + INTERVAL 9 HOUR AS DATE) AS day
FROM (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY file) AS duplicate
  FROM seen WHERE usable AND hardware AND made <= $latest
) WHERE duplicate = 1 AND made >= $begin AND made < $end
"""

REFUSED: Final = {
    Refusal.MALFORMED: """
SELECT file, count(*) FROM seen WHERE usable IS NOT TRUE GROUP BY file
""",
    Refusal.NOT_HARDWARE: """
SELECT file, count(*) FROM seen WHERE usable AND NOT hardware GROUP BY file
""",
    Refusal.FUTURE: """
SELECT file, count(*) FROM seen WHERE usable AND hardware AND made > $latest GROUP BY file
""",
    Refusal.DUPLICATE: """
SELECT file, count(*) FROM (
  SELECT file, row_number() OVER (PARTITION BY id ORDER BY file) AS duplicate
  FROM seen WHERE usable AND hardware AND made <= $latest
) WHERE duplicate > 1 GROUP BY file
""",
}

# An incident begins where the report before was not failing.
STEPS: Final = """
CREATE TEMP TABLE steps AS
SELECT station, office, made, state, failing, causes, driver,
  failing AND lag(failing, 1, false) OVER w IS NOT TRUE AS begins,
  len(models) > 0 AND lag(models) OVER w IS DISTINCT FROM models
    AND lag(models) OVER w IS NOT NULL AND len(lag(models) OVER w) > 0 AS swapped
FROM good WINDOW w AS (PARTITION BY station ORDER BY made)
"""

STATIONS: Final = """
WITH causes AS (
  SELECT station, mode(cause) AS cause FROM (SELECT station, unnest(causes) AS cause FROM good)
  GROUP BY station
)
SELECT steps.station, any_value(office), count(*), count_if(failing),
  100 * count_if(state IN ('ok', 'warning')) / nullif(count_if(state IN ('ok', 'warning',
  'critical')), 0), count_if(begins), count_if(swapped), max(made), arg_max(state, made),
  any_value(cause)
FROM steps LEFT JOIN causes USING (station)
GROUP BY steps.station
ORDER BY arg_max(failing, made) DESC, count_if(failing) / count(*) DESC, count_if(begins) DESC,
steps.station
"""

# The last acceptance and the last morning check of each station, with each set of readers.
TRIALS: Final = """
SELECT station, trial, models, max(made), arg_max(outcome, made) FROM good
WHERE trial IS NOT NULL GROUP BY station, trial, models ORDER BY station, trial, models
"""

# A report with the service down or a reader gone lists fewer readers than belong there. It is
# charged to those that are gone, by the last report that was fine; failing this, the nearest one.
CHARGED: Final = """
CREATE TEMP TABLE charged AS
WITH known AS (
  SELECT station, coalesce(models, []) AS models, failing, CASE WHEN station <> '' THEN coalesce(
    last_value(CASE WHEN NOT failing THEN nullif(models, []) END IGNORE NULLS) OVER before,
    last_value(nullif(models, []) IGNORE NULLS) OVER before,
    first_value(nullif(models, []) IGNORE NULLS) OVER later) END AS known
  FROM good
  WINDOW before AS (PARTITION BY station ORDER BY made ROWS BETWEEN UNBOUNDED PRECEDING
    AND CURRENT ROW),
  later AS (PARTITION BY station ORDER BY made ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
), split AS (
  SELECT station, models, failing, CASE WHEN len(known) > len(models)
    THEN list_filter(known, lambda m: NOT list_contains(models, m)) ELSE [] END AS gone
  FROM known
)
SELECT unnest(list_distinct(gone)) AS name, failing, station FROM split
UNION ALL
SELECT unnest(list_distinct(models)), failing AND len(gone) = 0, station FROM split
"""

GROUPED: Final = """
SELECT name, count(*), count_if(failing), count(DISTINCT station) FROM ({source})
WHERE name IS NOT NULL AND name <> '' GROUP BY name ORDER BY {order}
"""
_WORST_FIRST: Final = "count_if(failing) / count(*) DESC, count(*) DESC, name"
GROUPS: Final = {
    "office": ("SELECT office AS name, failing, station FROM good", _WORST_FIRST),
    "model": ("SELECT name, failing, station FROM charged", _WORST_FIRST),
    "driver": ("SELECT driver AS name, failing, station FROM good", _WORST_FIRST),
    "cause": (
        "SELECT unnest(list_distinct(causes)) AS name, failing, station FROM good",
        "count(*) DESC, name",
    ),
    "day": ("SELECT CAST(day AS VARCHAR) AS name, failing, station FROM good", "name"),
}

INCIDENTS: Final = f"""
WITH numbered AS (
  SELECT *, sum(CAST(begins AS INTEGER)) OVER (PARTITION BY station ORDER BY made) AS number FROM
  steps
)
SELECT station, min(made) FILTER (failing), min(made) FILTER (NOT failing), arg_min(causes[1], made)
FROM numbered WHERE number > 0 GROUP BY station, number
ORDER BY min(made) DESC, station DESC LIMIT {MOST_INCIDENTS}
"""  # noqa: S608 - made of constants


OLD: Final = """
SELECT file FROM seen GROUP BY file
HAVING bool_and(coalesce(usable, false)) AND max(made) < $since ORDER BY file
"""
