# SPDX-License-Identifier: Apache-2.0
"""The causes: complete in both languages, sourced, and with commands that a shell can read."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from cardcheck.catalog.doctor import cause_table, filled, load_doctor, remedy_of
from cardcheck.catalog.messages import LANGUAGES, Language, check_table, load
from cardcheck.report.model import Actor, Layer

STATES = [
    (c.id, state, remedy) for c in cause_table().values() for state, remedy in c.states.items()
]
IDS = [f"{check}.{state}" for check, state, _ in STATES]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)\}", text.replace("{{", "").replace("}}", "")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_its_sentences(lang: Language) -> None:
    table = load_doctor(lang).table
    end = {"ja": "。", "en": "."}[lang]
    for check, state, remedy in STATES:
        texts = table["check"][check][state]
        assert set(texts) == {"first", "technical", "next"}, check
        assert placeholders("".join(texts.values())) <= set(remedy.values), check
        assert not placeholders(texts["next"]), check  # advice is looked up without values
        assert texts["first"].endswith(end), check
        assert texts["next"].endswith(end), check
        assert len(texts["first"]) <= {"ja": 60, "en": 110}[lang], check
    declared = {c.id: {"title", *c.states} for c in cause_table().values()}
    ours = {key: set(value) for key, value in table["check"].items() if key in declared}
    assert ours == declared


def test_both_languages_name_the_same_values() -> None:
    for check, state, _ in STATES:
        ja, en = (load_doctor(lang).table["check"][check][state] for lang in LANGUAGES)
        for part in ("first", "technical", "next"):
            assert placeholders(ja[part]) == placeholders(en[part]), (check, state)
        assert "".join(en.values()).isascii()
        "".join(ja.values()).encode("cp932")
        assert not ja["first"].isascii()


def test_no_id_means_two_things() -> None:
    assert not set(cause_table()) & {row.id for row in check_table()}
    for lang in LANGUAGES:
        assert set(load(lang).table["check"]) < set(load_doctor(lang).table["check"])


def test_causes_say_where_they_come_from() -> None:
    for cause in cause_table().values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z-]+\.[a-z-]+", cause.id)
        assert cause.layer in set(Layer)
        assert cause.confidence in {"high", "medium", "low"}
        assert set(cause.systems) <= {"Linux", "Darwin", "Windows"}
        assert cause.source
        assert cause.states


@pytest.mark.parametrize(("check", "state", "remedy"), STATES, ids=IDS)
def test_commands_are_shell(check: str, state: str, remedy: object) -> None:
    found = remedy_of(check, state)
    assert found is not None
    assert found.actor in set(Actor)
    assert placeholders("".join((*found.commands, *found.undo))) <= set(found.values)
    assert not found.undo or found.commands
    values = dict.fromkeys(found.values, "1-5")
    script = "\n".join((*filled(found.commands, values), *filled(found.undo, values), ""))
    if cause_table()[check].systems != ("Windows",):
        plain = re.sub(r"<[A-Z .]+>", "X", script)
        done = subprocess.run(["sh", "-n"], input=plain.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_changes_a_computer_can_be_undone() -> None:
    changing = re.compile(r"\b(sudo (?!udevadm trigger|modprobe -r x)|sc\.exe config|>> )")
    for check, state, remedy in STATES:
        if any(changing.search(command) for command in remedy.commands):
            assert remedy.undo, (check, state)


def test_a_value_is_never_a_command() -> None:
    remedy = remedy_of("driver.kernel.free", "taken")
    assert remedy is not None
    nasty = "x; touch /tmp/owned $(id) `id` '"
    for command in filled(remedy.commands[:1], {"driver": nasty}):
        assert shlex.split(command) == ["sudo", "modprobe", "-r", nasty]


def test_the_rule_for_polkit_names_this_user_alone() -> None:
    remedy = remedy_of("service.polkit.session", "ssh")
    assert remedy is not None
    (command,) = filled(remedy.commands, {})
    script = command.replace("sudo tee /etc/polkit-1/rules.d/90-cardcheck-pcsc.rules", "cat")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    assert f'subject.user == "{user}"' in done.stdout
    assert done.stdout.count("{") == done.stdout.count("}") == 2


def test_a_scan_does_not_load_the_causes() -> None:
    script = (
        "import sys, cardcheck.checks.registry; print('cardcheck.catalog.doctor' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
