# SPDX-License-Identifier: Apache-2.0
"""What a data set may hold, and what makes it refused before a signature is thought of."""

from __future__ import annotations

from datetime import date

import pytest

from cardcheck import BUILD_DATE
from cardcheck.catalog.data import packaged
from cardcheck.catalog.data_set import HEADER, REPLACEABLE, files_of, tables_in
from cardcheck.errors import InputError

NEWER = date(2027, 3, 1)
TODAY = date(2027, 3, 2)


def test_the_tables_come_back_under_their_own_names() -> None:
    as_of, tables = tables_in(files_of(NEWER), TODAY)
    assert as_of == "2027-03-01"
    assert set(tables) == set(REPLACEABLE.values())
    assert tables["knowledge/pin.toml"] == packaged("knowledge/pin.toml")


def test_nothing_that_decides_can_be_replaced() -> None:
    assert len(set(REPLACEABLE.values())) == len(REPLACEABLE)
    assert not {"checks.toml", "data_signers"} & set(REPLACEABLE.values())
    assert all("/" not in flat for flat in REPLACEABLE)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ('schema = 2\nas_of = 2027-03-01\nrelease = "9.0"', "form is 2"),
        (f'schema = 1\nas_of = {BUILD_DATE}\nrelease = "9.0"', "not newer"),
        ('schema = 1\nas_of = 2020-01-01\nrelease = "9.0"', "not newer"),
        ('schema = 1\nas_of = 2027-03-04\nrelease = "9.0"', "has not come"),
        ('schema = 1\nas_of = 2027-03-01\nrelease = "0.0.9"', "made for 0.0.9"),
        ('schema = 1\nas_of = "2027-03-01"\nrelease = "9.0"', "damaged"),
        ("schema = 1\nas_of = 2027-03-01T00:00:00Z\nrelease = '9.0'", "damaged"),
        ("schema = 1\nas_of = 2027-03-01\nrelease = 9", "damaged"),
        ("schema = 1", "damaged"),
        ("", "damaged"),
        ("\0", "damaged"),
    ],
)
def test_a_set_is_refused_by_what_it_says_of_itself(header: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        tables_in({**files_of(NEWER), HEADER: header.encode()}, TODAY)


@pytest.mark.parametrize("name", ["checks.toml", "guard.py", "../evil", "/etc/passwd"])
def test_a_file_more_or_less_is_refused(name: str) -> None:
    files = files_of(NEWER)
    with pytest.raises(InputError, match="tables"):
        tables_in({**files, name: b""}, TODAY)
    del files["authorities.toml"]
    with pytest.raises(InputError, match="tables"):
        tables_in(files, TODAY)
