# SPDX-License-Identifier: Apache-2.0
"""The table as typed rows."""

from __future__ import annotations

from cardcheck.catalog.reader_table import (
    Interface,
    ReaderModel,
    Support,
    name_patterns,
    reader_table,
)


def test_a_row_with_everything() -> None:
    row = {
        "id": "x", "vendor": "V", "model": "M", "usb": "054c:0dc9", "shared": True,
        "interface": "dual", "type_b": "yes", "libccid": "shouldwork 1.4.35", "nfcpy": "rcs380",
        "linux_driver": "libacsccid1", "windows": "claimed", "caution": True, "notes": "n",
        "confidence": "high", "sources": ["a", "b"], "as_of": "2026-12",
    }  # fmt: skip
    model = ReaderModel.from_row(row, "2026-11")
    assert model.usb == ("054c", "0dc9")
    assert (model.libccid_section, model.libccid_since) == ("shouldwork", "1.4.35")
    assert model.support == {
        "Linux": Support.UNKNOWN,
        "Windows": Support.CLAIMED,
        "Darwin": Support.UNKNOWN,
    }
    assert model.as_of == "2026-12"
    assert model.title == "V M"
    assert model.reads_type_b


def test_a_row_with_next_to_nothing() -> None:
    row = {"id": "x", "vendor": "V", "model": "M", "interface": "contact"}
    model = ReaderModel.from_row({**row, "confidence": "low", "sources": ["a"]}, "2026-11")
    assert model.usb is None
    assert (model.libccid_section, model.linux_driver, model.nfcpy) == (None, None, None)
    assert model.as_of == "2026-11"
    assert not model.reads_type_b


def test_the_table_is_loaded_once() -> None:
    assert reader_table() is reader_table()


def test_names_point_to_rows() -> None:
    felica = next(row for row in name_patterns() if "RC-S300" in row.pattern)
    assert [model.id for model in felica.models] == ["pasori-rc-s300-s", "pasori-rc-s300-p"]
    assert felica.interface is Interface.CONTACTLESS
