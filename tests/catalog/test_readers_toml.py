# SPDX-License-Identifier: Apache-2.0
"""Lint of readers.toml: what every row must have, and what none may claim."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from cardcheck.catalog.reader_table import (
    Interface,
    NameKind,
    ReaderModel,
    name_families,
    name_patterns,
    reader_table,
)
from cardcheck.catalog.usb_devices import usb_devices

TEXT = files("cardcheck.catalog").joinpath("readers.toml").read_text(encoding="utf-8")
DOCUMENT = tomllib.loads(TEXT)
NAMES = tomllib.loads(
    files("cardcheck.catalog").joinpath("reader_names.toml").read_text(encoding="utf-8")
)
MODELS = reader_table().models
NFCPY_DRIVERS = {"rcs380", "rcs956", "pn531", "pn533", "acr122"}
READER_KEYS = {
    *("id", "vendor", "model", "usb", "shared", "interface", "type_b", "libccid", "linux_driver"),
    *("nfcpy", "linux", "windows", "macos", "caution", "notes", "confidence", "sources", "as_of"),
}
NAME_KEYS = {"pattern", "kind", "meaning", "interface", "readers", "slots", "source"}


def by_id(model: ReaderModel) -> str:
    return model.id


def test_every_row_of_the_research_is_there() -> None:
    assert len(MODELS) >= 108


def test_no_key_is_misspelt() -> None:
    assert set().union(*DOCUMENT["reader"]) <= READER_KEYS
    assert set().union(*NAMES["name"], *NAMES["family"]) <= NAME_KEYS


def test_ids_are_unique_slugs() -> None:
    ids = [model.id for model in MODELS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in ids)


def test_usb_ids_are_two_times_four_digits() -> None:
    usb = [row["usb"] for row in DOCUMENT["reader"] if "usb" in row]
    assert all(re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", value) for value in usb)


def test_usb_ids_are_shared_exactly_where_declared() -> None:
    for models in reader_table().by_usb.values():
        assert all(model.shared == (len(models) > 1) for model in models), models


@pytest.mark.parametrize("model", MODELS, ids=by_id)
def test_a_row_says_how_sure_it_is_and_why(model: ReaderModel) -> None:
    assert model.confidence in {"high", "medium", "low"}
    assert model.sources
    assert all(source.strip() for source in model.sources)
    assert re.fullmatch(r"20\d\d-[01]\d", model.as_of)


@pytest.mark.parametrize("model", MODELS, ids=by_id)
def test_a_row_uses_known_words(model: ReaderModel) -> None:
    assert model.type_b in {None, "yes", "no", "partial"}
    assert model.nfcpy in {None, *NFCPY_DRIVERS}
    assert model.libccid_section in {None, "supported", "shouldwork", "unsupported", "disabled"}
    listed = model.libccid_section not in {None, "disabled"}
    assert bool(model.libccid_since) == listed
    assert re.fullmatch(r"(after-)?\d+\.\d+\.\d+", model.libccid_since or "0.0.0")
    assert model.linux_driver in {None, "none", "libacsccid1", "ezusb", "vpcd"}
    assert not (model.linux_driver == "none" and listed)


@pytest.mark.parametrize("model", MODELS, ids=by_id)
def test_what_is_known_by_usb_only_has_usb_ids(model: ReaderModel) -> None:
    if model.libccid_section or model.nfcpy:
        assert model.usb is not None


@pytest.mark.parametrize("model", MODELS, ids=by_id)
def test_type_b_is_for_readers_with_an_antenna(model: ReaderModel) -> None:
    if model.interface in {Interface.CONTACT, Interface.VIRTUAL}:
        assert model.type_b is None
    if model.interface in {Interface.CONTACTLESS, Interface.DUAL}:
        assert model.type_b is not None


def test_nothing_is_called_officially_listed_and_the_list_is_linked() -> None:
    rows = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#"))
    assert not re.search(r"official(ly)? (listed|supported)|certified|J-LIS|公式|対応確認", rows)
    assert reader_table().official_list.startswith("https://www.jpki.go.jp/")


def test_no_reader_serial_number_is_kept() -> None:
    assert not re.search(r"\(\d{5,}\)|\([0-9A-F]{8}\)", TEXT)


def test_name_patterns_compile_and_none_is_hidden_by_an_earlier_one() -> None:
    rows = (*name_patterns(), *name_families())
    patterns = [row.pattern for row in rows]
    assert len(patterns) == len(set(patterns))
    for row in rows:
        groups = re.compile(row.pattern).groups
        assert all(int(number) <= groups for number in re.findall(r"\\(\d)", row.meaning))


def test_the_list_of_devices_is_well_formed() -> None:
    """Every line is an id of its own, with names; what is no reader has no side."""
    text = files("cardcheck.catalog").joinpath("usb_devices.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[0-9a-f]{4}:", line)]
    assert len(lines) == len(usb_devices()) > 600
    for entry in usb_devices().values():
        assert all(name and name == name.strip() for name in entry.names)
        assert not any(re.search(r"\d{8,}", name) for name in entry.names)
        assert entry.kind is NameKind.READER or entry.interface is Interface.UNKNOWN
