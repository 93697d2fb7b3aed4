# SPDX-License-Identifier: Apache-2.0
"""The scheduled task: what schtasks needs, with every argument whole."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.kiosk.task import task_xml

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))


def words(xml: str) -> dict[str, str | None]:
    return {e.tag.removeprefix(SPACE): e.text for e in ET.fromstring(xml.encode()).iter()}


@pytest.mark.parametrize("argument", ["", "a b", 'a"b', "C:\\x y\\", 'a\\"b', "\\\\server\\a b\\"])
def test_arguments_are_quoted_as_python_does_it(argument: str) -> None:
    told = words(task_xml([r"C:\cardcheck.exe", "watch", argument]))
    assert told["Arguments"] == subprocess.list2cmdline(["watch", argument])


@given(TEXT)
def test_whatever_is_given_arrives(argument: str) -> None:
    told = words(task_xml(["x", argument]))["Arguments"]
    assert told == subprocess.list2cmdline([argument]).replace("\r", "\n")


def test_it_runs_without_password_rights_or_end() -> None:
    told = words(task_xml(["x"]))
    assert (told["UserId"], told["RunLevel"]) == ("S-1-5-19", "LeastPrivilege")
    assert (told["ExecutionTimeLimit"], told["Interval"]) == ("PT0S", "PT1M")


def test_the_command_prints_itself_without_the_option() -> None:
    command = [sys.executable, "-m", "cardcheck", "kiosk", "watch", "--state", "C:\\a b.json"]
    done = subprocess.run([*command, "--task"], capture_output=True, check=True)
    told = words(done.stdout.decode())
    assert told["Command"] == sys.executable
    assert told["Arguments"] == '-m cardcheck kiosk watch --state "C:\\a b.json"'
