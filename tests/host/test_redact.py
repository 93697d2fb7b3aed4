# SPDX-License-Identifier: Apache-2.0
"""A snapshot names no person and no computer."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.facts.doctor import DoctorFacts, PcscFacts, PcscReader
from cardcheck.facts.host import DriverBundle, HostFacts, UsbDevice
from cardcheck.facts.linux import LinuxFacts, PcscdFacts
from cardcheck.facts.snapshot import dumps
from cardcheck.host.redact import _cleaned, own_names, redacted

NAMES = ("hanako", "hanako-pc")


def facts(text: str, owner: str | None = None) -> DoctorFacts:
    ids = frozenset({("054c", "0dc9"), ("072f", "2200")})
    return DoctorFacts(
        host=HostFacts(
            system="Linux",
            release="6",
            python="3",
            now=datetime(2026, 11, 21, tzinfo=UTC),
            bundles=(DriverBundle(name="x", version=None, ids=ids),),
            usb=(UsbDevice(vendor_id="054c", product_id="0dc9", product=text, node_owner=owner),),
        ),
        pcsc=PcscFacts(readers=(PcscReader(name=text),)),
        linux=LinuxFacts(pcscd=PcscdFacts(libraries=(text,))),
    )


@given(
    st.sampled_from(
        [
            f"/{'home'}/hanako/lib",
            r"C:\Users\Hanako\x",
            f"/{'Users'}/other/lib",
            "HANAKO-PC",
            "xhanakox",
        ]
    )
)
def test_names_and_homes_go(text: str) -> None:
    written = dumps(redacted(facts(text), NAMES)).lower()
    assert "hanako" not in written
    assert "other" not in written


def test_owners_of_nodes() -> None:
    for owner, expected in (
        ("root:plugdev 0660", "root:plugdev 0660"),
        ("hanako:taro 0600", "<user>:<user> 0600"),
        ("1000:1000 0600", "<user>:<user> 0600"),
        ("something else", None),
        (None, None),
    ):
        device = (redacted(facts("x", owner), NAMES).host.usb or ())[0]
        assert device.node_owner == expected


def test_only_the_ids_of_attached_devices_are_kept() -> None:
    bundle = (redacted(facts("x"), NAMES).host.bundles or ())[0]
    assert bundle.ids == {("054c", "0dc9")}


def test_common_words_are_no_names() -> None:
    assert redacted(facts("root linux pc"), ("root", "linux", "pc")) == redacted(
        facts("root linux pc"), ()
    )


def test_own_names_are_words() -> None:
    assert all(re.fullmatch(r"\S+", name) for name in own_names())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (r"C:\Users\Taro Yamada\reader.dll", r"C:\Users\<user>\reader.dll"),
        (r"d:/users/taro/x", "d:/users/<user>/x"),
        (r"C:\\Users\\taro\\x", r"C:\\Users\\<user>\\x"),
        (r"\\TARO-PC\share\x", r"\\<computer>\share\x"),
        (r"\\TARO-PC\Users\taro\x", r"\\<computer>\Users\<user>\x"),
        (r"\\?\C:\Users\taro\x", r"\\?\C:\Users\<user>\x"),
        (r"C:\Documents and Settings\taro\x", r"C:\Documents and Settings\<user>\x"),
        (f"/{'home'}/taro yamada/x", f"/{'home'}/<user>/x"),
    ],
)
def test_no_home_and_no_computer_is_named_in_any_spelling(text: str, left: str) -> None:
    assert _cleaned(text, None) == left
