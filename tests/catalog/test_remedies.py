# SPDX-License-Identifier: Apache-2.0
"""The commands of advice: such as a shell can read, and that can be undone."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from cardcheck.catalog.messages import Advice, advice_table, check_table, filled

REMEDIES = [advice for advice in advice_table().values() if advice.commands]
VALUES = {
    f"{row.id}.{state}": set(names) for row in check_table() for state, names in row.open.items()
}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)\}", text.replace("{{", "").replace("}}", "")))


def test_what_undoes_has_something_to_undo() -> None:
    assert len(REMEDIES) > 40
    assert all(advice.commands for advice in advice_table().values() if advice.undo)


@pytest.mark.parametrize("remedy", REMEDIES, ids=[remedy.id for remedy in REMEDIES])
def test_commands_are_shell(remedy: Advice) -> None:
    names = placeholders("".join((*remedy.commands, *remedy.undo)))
    assert names <= VALUES[remedy.id]
    values = dict.fromkeys(names, "1-5")
    script = "\n".join((*filled(remedy.commands, values), *filled(remedy.undo, values), ""))
    if remedy.systems != ("Windows",):
        plain = re.sub(r"<[A-Z .]+>", "X", script)
        done = subprocess.run(["sh", "-n"], input=plain.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_changes_a_computer_can_be_undone() -> None:
    changing = re.compile(r"\b(sudo (?!udevadm trigger|modprobe -r x)|sc\.exe config|>> )")
    for remedy in REMEDIES:
        if any(changing.search(command) for command in remedy.commands):
            assert remedy.undo, remedy.id


def test_a_value_is_never_a_command() -> None:
    remedy = advice_table()["driver.kernel.free.taken"]
    nasty = "x; touch /tmp/owned $(id) `id` '"
    for command in filled(remedy.commands[:1], {"driver": nasty}):
        assert shlex.split(command) == ["sudo", "modprobe", "-r", nasty]


def test_the_rule_for_polkit_names_this_user_alone() -> None:
    remedy = advice_table()["service.polkit.session.ssh"]
    (command,) = filled(remedy.commands, {})
    script = command.replace("sudo tee /etc/polkit-1/rules.d/90-cardcheck-pcsc.rules", "cat")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    assert f'subject.user == "{user}"' in done.stdout
    assert done.stdout.count("{") == done.stdout.count("}") == 2


def test_a_scan_without_a_fault_does_not_read_the_remedies() -> None:
    script = (
        "import sys; opened = [];"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])));"
        "from cardcheck.testing import diagnose, virtual_card; diagnose(virtual_card('valid'));"
        "print([name.rpartition('/')[2] for name in opened if name.endswith('.toml')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "advice.toml" in done.stdout
    assert "remedies.toml" not in done.stdout
    assert "computer-" not in done.stdout
