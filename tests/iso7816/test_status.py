# SPDX-License-Identifier: Apache-2.0
"""Status words: every one of the 65,536 is a value, and only 9000 is success."""

from __future__ import annotations

import pytest

from cardcheck.iso7816.status import StatusWord


def test_classes_of_all_status_words() -> None:
    words = [StatusWord(value) for value in range(0x10000)]
    assert [word for word in words if word.is_success] == [0x9000]
    assert [word for word in words if word.has_more] == list(range(0x6100, 0x6200))
    assert [word for word in words if word.is_wrong_length] == list(range(0x6C00, 0x6D00))
    assert {w: w.tries_left for w in words if w.tries_left is not None} == {
        0x63C0 + left: left for left in range(16)
    }


@pytest.mark.parametrize(("value", "text"), [(0x9000, "9000"), (0x6A82, "6A82"), (1, "0001")])
def test_as_text(value: int, text: str) -> None:
    assert str(StatusWord(value)) == text
    assert repr(StatusWord(value)) == f"StatusWord(0x{text})"
