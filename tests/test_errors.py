# SPDX-License-Identifier: Apache-2.0
"""What an exception says of itself, and what it never says."""

from __future__ import annotations

import pytest

from cardcheck.checks import runner
from cardcheck.checks.registry import every_check
from cardcheck.cli import main
from cardcheck.errors import InputError, TraceSyntaxError, place_of
from cardcheck.survey import engine


def raised_in(file: str) -> Exception:
    """An exception that a program at ``file`` raised in its third line."""
    try:
        exec(compile("\n\n{}['secret']", file, "exec"), {})
    except KeyError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (f"/{'home'}/taro/cardcheck/card.py", "card.py:3"),
        (r"C:\Users\taro\cardcheck\card.py", "card.py:3"),
        (r"C:\Users\taro/cardcheck/card.py", "card.py:3"),
        (r"\\TARO-PC\share\card.py", "card.py:3"),
        (r"\\?\C:\Users\taro\card.py", "card.py:3"),
        ("C:card.py", "card.py:3"),
        (r"C:\Users\taro", "?:3"),
        (f"/{'home'}/taro", "?:3"),
        ("<taro>", "?:3"),
        ("", "?:3"),
    ],
)
def test_the_place_is_a_module_and_a_line_on_any_system(file: str, place: str) -> None:
    assert place_of(raised_in(file)) == place


def test_what_was_never_raised_has_no_place() -> None:
    assert place_of(ValueError()) == "?"


def test_no_line_about_a_crash_has_a_path_or_a_message() -> None:
    error = raised_in(r"C:\Users\taro\card.py")
    item = every_check()[0]
    said = (main._bug(error), str(engine._crash_of(error)), str(runner._crash(item, error)))
    for line in said:
        assert "KeyError" in line
        assert "card.py:3" in line
        assert not any(word in line for word in ("taro", "Users", "secret"))


@pytest.mark.parametrize("kind", [InputError, lambda text: TraceSyntaxError(1, text)])
def test_a_complaint_is_one_harmless_line(kind: type[InputError]) -> None:
    said = str(kind("a\x1b[2J\u202eb\n::error::forged\udc80"))
    assert said.endswith(r"a\u001b[2J\u202eb\n::error::forged\udc80")
    assert said.isprintable()
