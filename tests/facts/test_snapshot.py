# SPDX-License-Identifier: Apache-2.0
"""Host snapshots: read whatever program saved them, refused where they are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.facts.doctor import DoctorFacts, PcscFacts, PcscReader
from cardcheck.facts.host import DriverBundle, HostFacts, UsbDevice, UsbInterface
from cardcheck.facts.snapshot import dumps, loads

FACTS = DoctorFacts(
    host=HostFacts(
        system="Linux",
        release="6",
        python="3.11",
        now=datetime(2026, 11, 21, tzinfo=UTC),
        bundles=(DriverBundle(name="x", version=None, ids=frozenset({("054c", "0dc9")})),),
        usb=(
            UsbDevice(
                vendor_id="054c",
                product_id="0dc9",
                product="パソリ",
                interfaces=(UsbInterface(number=0, interface_class=11),),
            ),
        ),
    ),
    pcsc=PcscFacts(readers=(PcscReader(name="x 00 00", slot="card"),)),
)
TEXT = dumps(FACTS)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "bom", "crlf", "utf-16-le", "utf-16-be"],
)
def test_any_editor_may_have_saved_it(data: bytes) -> None:
    assert loads(data) == FACTS


def test_what_is_not_known_is_passed_over() -> None:
    document = {**json.loads(TEXT), "later": 1}
    document["host"]["also"] = {"x": []}
    assert loads(json.dumps(document).encode()) == FACTS


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"\x80", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no host snapshot"),
        (b'{"schema": "cardcheck.report/1"}', "no host snapshot"),
        (b'{"schema": "cardcheck.host/1"}', "host missing"),
        (b'{"schema": "cardcheck.host/1", "host": 1}', "snapshot.host: expected an object"),
        (
            b'{"schema": "cardcheck.host/1", "host": {"system": 1}}',
            "snapshot.host.system: expected",
        ),
        (b'{"schema": "cardcheck.host/1", "host": {"now": "x"}}', "expected an instant"),
        (b'{"schema": "cardcheck.host/1", "unread": {}}', "snapshot.unread: expected a list"),
        (b'{"schema": "cardcheck.host/1", "unread": [null]}', r"snapshot.unread\[0\]"),
        (b'{"schema": "cardcheck.host/1", "pcsc": {"stalled": 1}}', "pcsc.stalled: expected bool"),
        (b'{"schema": "cardcheck.host/1", "pcsc": {"code": true}}', "pcsc.code: expected int"),
    ],
)
def test_what_is_no_snapshot_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        loads(data)


KEYS = st.sampled_from(["host", "pcsc", "linux", "readers", "unread", "usb", "name"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(KEYS, values),
)


@given(VALUES)
def test_nothing_but_an_input_error_comes_out(value: object) -> None:
    document = {"schema": "cardcheck.host/1", "host": value, "pcsc": value, "unread": value}
    try:
        loads(json.dumps(document).encode())
    except InputError:
        return
    raise AssertionError("a host without its system was taken")
