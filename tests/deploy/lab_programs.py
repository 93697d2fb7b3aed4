# SPDX-License-Identifier: Apache-2.0
"""What is shipped for other programs, read by those programs. Run by ``scripts/lab`` alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cardcheck.kiosk.monitoring import metrics_of_check, metrics_of_health
from cardcheck.render.prometheus import prometheus_text
from kiosk.examples import GOOD, LOST, morning
from kiosk.test_monitoring import HEALTH

UNIT = Path(__file__).parents[2] / "deploy/systemd/cardcheck-watch.service"


def needed(program: str) -> str:
    """Where ``program`` is; the test fails where it is not."""
    path = shutil.which(program)
    assert path is not None, f"install {program}"
    return path


@pytest.mark.parametrize(
    "text",
    [
        prometheus_text(metrics_of_health(HEALTH)),
        prometheus_text(metrics_of_check(morning(GOOD, LOST))),
    ],
)
def test_promtool_finds_nothing_to_complain_of(text: str) -> None:
    done = subprocess.run(
        [needed("promtool"), "check", "metrics"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_unit_is_valid_and_hardened(tmp_path: Path) -> None:
    analyze = needed("systemd-analyze")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/usr/bin/cardcheck", "/bin/true"))
    subprocess.run([analyze, "verify", unit], check=True)
    done = subprocess.run(
        [analyze, "security", "--offline=yes", unit], capture_output=True, text=True, check=True
    )
    exposure = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= 1.0


DEPLOY = UNIT.parents[1]


@pytest.mark.parametrize("command", [["check", "rules"], ["test", "rules"]])
def test_promtool_takes_the_rules(command: list[str]) -> None:
    name = "cardcheck.rules.yml" if command[0] == "check" else "cardcheck.rules.test.yml"
    folder = DEPLOY / "prometheus"
    subprocess.run([needed("promtool"), *command, name], cwd=folder, check=True)


def test_nagios_takes_the_definitions(tmp_path: Path) -> None:
    host = (
        "define timeperiod {\n timeperiod_name 24x7\n alias always\n monday 00:00-24:00\n}\n"
        "define command {\n command_name mail\n command_line /bin/true\n}\n"
        "define contact {\n contact_name admin\n service_notification_commands mail\n"
        " host_notification_commands mail\n service_notification_period 24x7\n"
        " host_notification_period 24x7\n}\n"
        "define contactgroup {\n contactgroup_name admins\n members admin\n}\n"
        "define host {\n host_name window-1\n address 192.0.2.1\n max_check_attempts 3\n"
        " check_period 24x7\n contact_groups admins\n notification_period 24x7\n}\n"
        "define service {\n use cardcheck-service\n host_name window-1\n}\n"
    )
    (tmp_path / "host.cfg").write_text(host)
    main = tmp_path / "nagios.cfg"
    main.write_text(
        f"cfg_file={DEPLOY}/nagios/cardcheck.cfg\ncfg_file={tmp_path}/host.cfg\n"
        f"log_file={tmp_path}/log\ncheck_result_path={tmp_path}\ntemp_path={tmp_path}\n"
        f"temp_file={tmp_path}/t\nobject_cache_file={tmp_path}/o\nstatus_file={tmp_path}/s\n"
        "nagios_user=root\nnagios_group=root\n"  # who may read this folder
        "illegal_macro_output_chars=`~$&|'\"<>\n"
    )
    done = subprocess.run(
        [needed("nagios4"), "-v", str(main)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Total Errors: +0", done.stdout)


def test_icinga_takes_the_definitions(tmp_path: Path) -> None:
    main = tmp_path / "icinga2.conf"
    main.write_text(
        f'include "{DEPLOY}/icinga/cardcheck.conf"\nobject CheckCommand "up" {{\n'
        '  command = [ "/bin/true" ]\n}\nobject Host "window-1" {\n  check_command = "up"\n'
        "  vars.cardcheck = true\n}\n"
    )
    done = subprocess.run(
        [needed("icinga2"), "daemon", "-C", "-c", str(main)],
        env={**os.environ, "ICINGA2_USER": "root", "ICINGA2_GROUP": "root"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 Service" in done.stdout
