# SPDX-License-Identifier: Apache-2.0
"""Which files are meant by files, folders and patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError
from cardcheck.traces.files import found, read_trace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.apdu", "a.apdu", "note.txt", "sub/c.apdu", "sub/deep/d.apdu", "x[1].apdu"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


def names(tree: Path, *wishes: str) -> list[str]:
    top = f"{tree.as_posix()}/"
    return [name.removeprefix(top) for name in found(f"{tree}/{w}" for w in wishes)]


def test_a_folder_means_all_traces_in_and_below_it(tree: Path) -> None:
    assert names(tree, "") == ["a.apdu", "b.apdu", "sub/c.apdu", "sub/deep/d.apdu", "x[1].apdu"]


def test_a_pattern_means_what_fits(tree: Path) -> None:
    assert names(tree, "?.apdu") == ["a.apdu", "b.apdu"]
    assert names(tree, "**/d.apdu") == ["sub/deep/d.apdu"]


def test_a_name_that_exists_is_no_pattern(tree: Path) -> None:
    assert names(tree, "x[1].apdu") == ["x[1].apdu"]


def test_a_file_is_taken_once_and_whatever_its_ending(tree: Path) -> None:
    assert names(tree, "note.txt", "a.apdu", "?.apdu") == ["note.txt", "a.apdu", "b.apdu"]


def test_a_file_that_is_missing_is_found_out_when_it_is_read(tree: Path) -> None:
    assert names(tree, "none.apdu") == ["none.apdu"]
    with pytest.raises(InputError, match="No such file"):
        read_trace(f"{tree}/none.apdu")


@pytest.mark.parametrize("wish", ["*.none", "sub/empty"])
def test_a_wish_that_means_nothing_is_an_error(tree: Path, wish: str) -> None:
    (tree / "sub" / "empty").mkdir()
    with pytest.raises(InputError, match="no trace"):
        found([f"{tree}/{wish}"])
