# SPDX-License-Identifier: Apache-2.0
"""The table of authorities is whole, and only what is known is pinned."""

from __future__ import annotations

import re

from cardcheck.catalog.authorities import authorities, pinned_fingerprints


def test_three_generations_of_each_purpose() -> None:
    assert [(row.purpose, row.generation) for row in authorities()] == [
        (purpose, generation)
        for purpose in ("authentication", "signature")
        for generation in (1, 2, 3)
    ]
    assert all(row.id == f"{row.purpose}-{row.generation}" for row in authorities())


def test_the_authentication_ca_of_2019_alone_is_not_pinned() -> None:
    assert [row.id for row in authorities() if row.sha256 is None] == ["authentication-2"]
    assert len(pinned_fingerprints()) == 5


def test_values_are_upper_case_hexadecimal_of_the_right_length() -> None:
    for row in authorities():
        assert re.fullmatch(r"([0-9A-F]{2})+", row.serial)
        assert row.sha256 is None or re.fullmatch(r"[0-9A-F]{64}", row.sha256)
        assert row.ski is None or re.fullmatch(r"[0-9A-F]{40}", row.ski)
        assert (row.sha256 is None) == (row.ski is None)


def test_every_row_says_where_it_comes_from_and_how_sure_it_is() -> None:
    for row in authorities():
        assert row.sources
        assert row.confidence in {"A", "B"}
        assert row.sha256 is None or (row.confidence == "A" and len(row.sources) >= 2)


def test_a_row_as_published() -> None:
    newest = authorities()[2]
    assert newest.serial == "06D18006"
    assert newest.sha256 == "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5"
