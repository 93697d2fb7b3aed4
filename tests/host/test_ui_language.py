# SPDX-License-Identifier: Apache-2.0
"""What Windows and macOS say of the user's language, from values as they give them."""

from __future__ import annotations

import pytest

from cardcheck.host.ui_language import first_language, tag_of_langid, ui_language


@pytest.mark.parametrize(
    ("langid", "tag"),
    [
        (0x0411, "ja"),
        (0x0011, "ja"),
        (0x0409, "en"),
        (0x0809, "en"),
        (0x0412, "en"),
        (0x0400, None),
    ],
)
def test_language_identifiers_of_windows(langid: int, tag: str | None) -> None:
    assert tag_of_langid(langid) == tag


@pytest.mark.parametrize(
    ("listed", "tag"),
    [
        ('(\n    "ja-JP",\n    "en-JP"\n)\n', "ja-JP"),
        ('(\n    "en-US",\n    "ja-JP"\n)\n', "en-US"),
        ("(\n    ja,\n    en\n)\n", "ja"),
        ("(\n)\n", None),
        ("", None),
        (None, None),
    ],
)
def test_the_list_of_macos(listed: str | None, tag: str | None) -> None:
    assert first_language(listed) == tag


def test_linux_has_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert ui_language() is None
