# SPDX-License-Identifier: Apache-2.0
"""``docs/checks.md`` is what the catalogue says."""

from __future__ import annotations

from cardcheck.catalog.messages import advice_table, check_table
from checks_page import checks_page


def test_every_check_and_state_is_on_it() -> None:
    text = checks_page()
    for row in check_table():
        assert not row.layer or f"### `{row.id}`\n" in text
        assert not row.layer or all(f"| `{state}` | " in text for state in row.open)
    for advice in advice_table().values():
        assert all(command.split("\n")[0].replace("{{", "{") in text for command in advice.commands)


def test_commands_stand_in_blocks_of_their_own() -> None:
    text = checks_page()
    assert text.count("  ```") % 2 == 0
    assert "{{" not in text
