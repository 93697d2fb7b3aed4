# SPDX-License-Identifier: Apache-2.0
"""Which NFC devices may be opened, and which paths lead to another computer."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.facts.host import HostFacts, UsbDevice, UsbInterface
from cardcheck.facts.reader import Backend, ReaderIdentity
from cardcheck.host.holders import usb_clients
from cardcheck.host.nfc_devices import clients_of, nfc_readers, parse_path, unlisted

if TYPE_CHECKING:
    from pathlib import Path

LOADED = """
import sys, cardcheck.host.nfc_devices as devices
devices.parse_path("udp")
sys.exit(bool({"nfc", "usb1", "serial"} & set(sys.modules)))
"""


def device(usb: str, address: int = 2, **more: Any) -> UsbDevice:  # noqa: ANN401 - fields of it
    vendor, product = usb.split(":")
    return UsbDevice(
        vendor_id=vendor, product_id=product, bus=1, address=address, node_readable=True, **more
    )


def host(*devices: UsbDevice, system: str = "Linux") -> HostFacts:
    return HostFacts(
        system=system, release="1", python="3.11", now=datetime.now(UTC), usb=devices or None
    )


def pcsc(name: str) -> ReaderIdentity:
    return ReaderIdentity(name=name, backend=Backend.PCSC, path=name)


RC_S380 = device("054c:06c3", manufacturer="SONY", product="RC-S380/P")
RC_S300 = device("054c:0dc9", 3)
ACR122U = device("072f:2200", 4)


def test_what_nfcpy_drives_is_found_and_nothing_else() -> None:
    (found,) = nfc_readers(host(RC_S380, RC_S300))
    assert found == ReaderIdentity(
        name="SONY RC-S380/P", backend=Backend.NFC, path="usb:001:002", usb=("054c", "06c3")
    )


def test_a_device_without_a_name_has_that_of_its_model() -> None:
    (found,) = nfc_readers(host(device("04e6:5591")))
    assert found.name == "SCM Microsystems SCL3711"


@pytest.mark.parametrize(
    "taken",
    [
        device(
            "054c:06c3", interfaces=(UsbInterface(number=0, interface_class=255, driver="port100"),)
        ),
        device("054c:06c3", holders=("other (9)",)),
        device("054c:0193"),
    ],
    ids=["kernel", "program", "pn531"],
)
def test_what_has_an_obstacle_is_not_opened(taken: UsbDevice) -> None:
    assert nfc_readers(host(taken)) == ()


def test_elsewhere_nfc_is_for_those_who_ask() -> None:
    windows = host(RC_S380, system="Windows")
    assert nfc_readers(windows) == ()
    assert nfc_readers(windows, asked=True) != ()
    assert nfc_readers(windows, parse_path("usb:054c:06c3")) != ()
    assert nfc_readers(None, asked=True) == ()


def test_without_a_place_the_ids_are_the_path() -> None:
    bare = UsbDevice(vendor_id="054c", product_id="06c1")
    (found,) = nfc_readers(host(bare, system="Darwin"), asked=True)
    assert found.path == "usb:054c:06c1"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("usb", 2),
        ("usb:054c", 1),
        ("usb:054c:06c3", 1),
        ("usb:054C:06C3", 1),
        ("usb:054c:06c1", 0),
        ("usb:001", 2),
        ("usb:001:002", 1),
        ("usb:1:2", 1),
        ("usb:002:002", 0),
    ],
)
def test_a_path_names_devices_in_all_the_ways_of_nfcpy(path: str, found: int) -> None:
    assert len(nfc_readers(host(RC_S380, ACR122U), parse_path(path))) == found


def test_serial_and_udp_are_taken_as_they_are() -> None:
    (serial,) = nfc_readers(None, parse_path("tty:USB0:pn532"))
    assert (serial.path, serial.virtual) == ("tty:USB0:pn532", False)
    (udp,) = nfc_readers(host(RC_S380), parse_path("udp:localhost:5000"))
    assert (udp.name, udp.path, udp.virtual) == (
        "nfcpy udp:localhost:5000",
        "udp:127.0.0.1:5000",
        True,
    )


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("udp", "udp:127.0.0.1:54321"),
        ("udp:", "udp:127.0.0.1:54321"),
        ("udp::5000", "udp:127.0.0.1:5000"),
        ("udp:127.0.0.1", "udp:127.0.0.1:54321"),
        ("udp:127.8.9.1:1", "udp:127.8.9.1:1"),
        ("udp:[::1]:5000", "udp:127.0.0.1:5000"),
        ("udp:::1:5000", "udp:127.0.0.1:5000"),
    ],
)
def test_every_name_of_this_computer_is_known(path: str, meant: str) -> None:
    assert parse_path(path).text == meant


@pytest.mark.parametrize(
    "path",
    [
        *("udp:192.0.2.1:5000", "udp:example.org:5000", "udp:0.0.0.0", "udp:localhost.evil:1"),
        *("udp:[2001:db8::1]:1", "udp:localhost:0", "udp:localhost:65536", "udp:localhost:x"),
        *("", "usb:", "usb:054c:06c3:1", "tty", "tty:USB0", "tty:../../etc:pn532", "file:x"),
        *("usb:054c:06c3\n", "udp:127.0.0.1:1\n", "udpx"),
    ],
)
def test_what_is_no_path_or_leads_away_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="--nfc-path"):
        parse_path(path)


@given(st.text(max_size=30))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        path = parse_path(text)
    except InputError:
        return
    if path.kind == "udp":
        assert path.text.startswith("udp:127.")


@given(st.from_regex(r"udp:[a-z0-9.:\[\]]{0,20}(:[0-9]{1,6})?", fullmatch=True))
def test_no_udp_path_leads_away(text: str) -> None:
    with suppress(InputError):
        assert parse_path(text).text.startswith("udp:127.")


def test_a_device_that_pcsc_lists_is_not_opened_a_second_time() -> None:
    (acr,) = nfc_readers(host(ACR122U))
    assert not unlisted(acr, [pcsc("ACS ACR122U PICC Interface 00 00")])
    assert unlisted(acr, [pcsc("Gemalto PC Twin Reader 00 00")])
    assert unlisted(acr, [])
    (sony,) = nfc_readers(host(RC_S380))
    assert unlisted(sony, [pcsc("ACS ACR122U PICC Interface 00 00")])
    assert not unlisted(sony, [pcsc("Sony FeliCa Port/PaSoRi 3.0 0")])
    (udp,) = nfc_readers(None, parse_path("udp"))
    assert unlisted(udp, [pcsc("Virtual PCD 00 00")])


@pytest.mark.posix("/proc")
def test_programs_with_the_node_open_are_named(tmp_path: Path) -> None:
    process = tmp_path / "812"
    (process / "fd").mkdir(parents=True)
    (process / "fd" / "7").symlink_to("/dev/bus/usb/001/004")
    (process / "comm").write_text("pcscd\n")
    other = tmp_path / "900"
    (other / "fd").mkdir(parents=True)
    (other / "fd" / "7").symlink_to("/dev/bus/usb/001/005")
    (other / "comm").write_text("other\n")
    assert usb_clients(1, 4, tmp_path) == (("pcscd", 812),)
    assert usb_clients(9, 4, tmp_path) == ()
    assert usb_clients(1, 4, tmp_path / "nowhere") == ()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_a_path_without_a_place_has_no_clients() -> None:
    assert clients_of(nfc_readers(None, parse_path("udp"))[0]) == ()
    nowhere = ReaderIdentity(name="x", backend=Backend.NFC, path="usb:250:250")
    assert clients_of(nowhere) == ()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_we_ourselves_are_no_holder(tmp_path: Path) -> None:
    mine = tmp_path / str(os.getpid()) / "fd"
    mine.mkdir(parents=True)
    (mine / "1").symlink_to("/dev/bus/usb/001/002")
    assert usb_clients(1, 2, tmp_path) == ()


def test_the_module_needs_neither_nfcpy_nor_libusb() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", LOADED], env=env, check=False).returncode == 0
