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
        (b"", "is empty"),
        (b"\xff\xfe\x00", "neither UTF-8 nor UTF-16"),
        (b"\x80", "neither UTF-8 nor UTF-16"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": "cardcheck.host/1",\n "host": NaN}', "line 2, column 10"),
        (b'{"schema": "cardcheck.host/1", "unread": ["\\ud800"]}', "half of a character"),
        (b"[]", '"schema" is not "cardcheck.host/1"'),
        (b"{}", "schema"),
        (b'{"schema": "cardcheck.report/1"}', '"schema" is not'),
        (b'{"schema": "cardcheck.host/1"}', "required field host"),
        (b'{"schema": "cardcheck.host/1", "host": 1}', r"\$.host: expected object"),
        (
            b'{"schema": "cardcheck.host/1", "host": {"system": 1}}',
            r"\$.host.system: expected str, got int",
        ),
        (b'{"schema": "cardcheck.host/1", "host": {"now": "x"}}', r"\$.host.now: invalid"),
        (
            b'{"schema": "cardcheck.host/1", "host": {"now": "2026-11-21T00:00:00"}}',
            r"\$.host.now: expected datetime with a timezone",
        ),
        (b'{"schema": "cardcheck.host/1", "unread": {}}', r"\$.unread: expected array"),
        (b'{"schema": "cardcheck.host/1", "unread": [null]}', r"\$.unread\[0\]: expected str"),
        (
            b'{"schema": "cardcheck.host/1", "pcsc": {"stalled": 1}}',
            r"\$.pcsc.stalled: expected bool",
        ),
        (b'{"schema": "cardcheck.host/1", "pcsc": {"code": true}}', r"\$.pcsc.code: expected int"),
        (
            b'{"schema": "cardcheck.host/1", "unread": ["' + b"x" * 10_000_000 + b'"]}',
            r"\$.unread\[0\]: a text of 10000000 characters",
        ),
        (
            b'{"schema": "cardcheck.host/1", "unread": [' + b"1," * 9000 + b"1]}",
            r"\$.unread: 9001 entries",
        ),
    ],
)
def test_what_is_no_snapshot_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        loads(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


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
