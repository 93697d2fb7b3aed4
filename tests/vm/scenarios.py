# SPDX-License-Identifier: Apache-2.0
"""``doctor`` and ``scan`` under a real kernel, udev, logind and polkit.

What belongs here: causes that are made in a guest, and that the printed remedy, run as printed by
the person whom it was printed for, mends each, and that the undo undoes it. Not collected by
default: ``scripts/lab-vm`` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.reports import VERIFY, card_of
from vm.guest import Guest, Who
from vm.vsc import PassthruCard

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(900)

_RULES: Final = "/etc/udev/rules.d"
_RELOAD: Final = "udevadm control --reload"
_NO_KERNEL_NFC: Final = (
    "modprobe -r port100 pn533_usb; "
    "printf 'blacklist port100\\nblacklist pn533_usb\\n' >/etc/modprobe.d/lab.conf; " + _RELOAD
)
_OWN_RULE: Final = (
    'echo \'SUBSYSTEM=="usb", ATTR{{idVendor}}=="054c", ATTR{{idProduct}}=="06c3", {}\''
    f" >{_RULES}/{{}}; {_RELOAD}"
)
_VT_ACTIVATE: Final = "0x5606"
_SCREEN: Final = (
    'python3 -c \'import fcntl; fcntl.ioctl(open("/dev/tty0"), ' + _VT_ACTIVATE + ", {})'"
)
_PLUG, _LOG_IN = "plug the reader in again", "log in again"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One cause, how to make it, and what is to be seen.

    Attributes:
        check: the check that names it, with its state.
        make: what brings it about, before anything is plugged in.
        model: the device that is plugged in; ``ccid`` is QEMU's own reader.
        spoil: what brings it about afterwards.
        who: whom the computer fails, and who runs the remedy.
        by_hand: what the remedy asks for besides its commands.
        undone_by_hand: what the undo asks for besides its commands.
        returns: whether the undo brings the cause back.
        clean: what leaves the guest as it was.
    """

    check: str
    state: str
    make: str = ":"
    model: str = ""
    spoil: str = ":"
    who: Who = Who.PERSON
    by_hand: str = ""
    undone_by_hand: str = ""
    returns: bool = True
    clean: str = ":"


CAUSES: Final = {
    "port100 takes an RC-S380": Cause(
        check="driver.kernel.free",
        state="taken",
        model="rc-s380",
        by_hand=_PLUG,
        undone_by_hand=_PLUG,
    ),
    "pn533_usb takes an ACR122U": Cause(
        check="driver.kernel.free",
        state="taken",
        model="acr122u",
        by_hand=_PLUG,
        undone_by_hand=_PLUG,
    ),
    "no udev rule": Cause(
        check="access.rule.present",
        state="missing",
        make=_NO_KERNEL_NFC,
        model="rc-s380",
        by_hand=_PLUG,
        undone_by_hand=_PLUG,
    ),
    "udev rule after 73": Cause(
        check="access.rule.order",
        state="late",
        make=f"{_NO_KERNEL_NFC}; "
        + _OWN_RULE.format('MODE="0660", TAG+="uaccess"', "99-nfc.rules"),
        model="rc-s380",
        undone_by_hand=_PLUG,  # udev gives access, and never takes it back
    ),
    "udev rule opens to everybody": Cause(
        check="access.rule.narrow",
        state="open",
        make=f"{_NO_KERNEL_NFC}; " + _OWN_RULE.format('MODE="0666"', "99-nfc.rules"),
        model="rc-s380",
    ),
    "not in the group of the rule": Cause(
        check="access.group.member",
        state="outside",
        make=f"{_NO_KERNEL_NFC}; "
        + _OWN_RULE.format('MODE="0660", GROUP="plugdev"', "60-nfc.rules"),
        model="rc-s380",
        by_hand=_LOG_IN,
        undone_by_hand=_LOG_IN,
    ),
    "udev rule came after the reader": Cause(
        check="access.node.open",
        state="denied",
        make=_NO_KERNEL_NFC,
        model="rc-s380",
        spoil=_OWN_RULE.format('MODE="0660", TAG+="uaccess"', "60-nfc.rules"),
        returns=False,
    ),
    "polkit refuses a service": Cause(
        check="service.polkit.session", state="no-session", model="ccid", who=Who.SERVICE
    ),
    "polkit refuses an inactive session": Cause(
        check="service.polkit.session",
        state="inactive",
        model="ccid",
        spoil=_SCREEN.format(2) + "; sleep 2",
        clean=_SCREEN.format(1) + "; sleep 2",
    ),
    "pcscd masked": Cause(
        check="service.pcscd.unmasked",
        state="masked",
        make="systemctl disable --now pcscd.socket; "
        "systemctl mask --now pcscd.socket pcscd.service",
    ),
    "pcscd disabled": Cause(
        check="service.pcscd.enabled",
        state="disabled",
        make="systemctl disable --now pcscd.socket; systemctl stop pcscd.service",
    ),
    "pcscd stopped": Cause(
        check="service.pcscd.listening",
        state="stopped",
        make="systemctl stop pcscd.socket pcscd.service",
    ),
    "pcscd hangs": Cause(
        check="service.pcscd.listening",
        state="no-answer",
        make="systemctl start pcscd.service; until pgrep -x pcscd; do sleep 0.2; done",
        spoil="pkill -STOP -x pcscd",
        returns=False,
    ),
    "a variable hides readers": Cause(
        check="service.variable.filter",
        state="set",
        make="cp -p /etc/default/pcscd /tmp/pcscd; systemctl stop pcscd.service; "
        "echo PCSCLITE_FILTER_IGNORE_READER_NAMES=QEMU >>/etc/default/pcscd",
        model="ccid",
        clean="cp -p /tmp/pcscd /etc/default/pcscd",
    ),
}
_AS_NEW: Final = (
    f"rm -f {_RULES}/* /etc/udev/*.cardcheck /etc/modprobe.d/lab.conf /etc/modprobe.d/cardcheck* "
    f"/etc/polkit-1/rules.d/90-cardcheck*; {_RELOAD}; modprobe -r port100 pn533_usb; "
    "pkill -CONT -x pcscd; true; systemctl unmask pcscd.socket pcscd.service; "
    "systemctl stop pcscd.socket pcscd.service; systemctl reset-failed; "
    "systemctl enable --now pcscd.socket; gpasswd -d tester plugdev; true"
)


def plug(guest: Guest, model: str) -> None:
    """Plugs a device in; nothing for an empty name."""
    if model == "ccid":
        guest.plug_reader()
    elif model:
        guest.plug(model)


def unplug(guest: Guest, model: str) -> None:
    """Pulls it out."""
    if model == "ccid":
        guest.unplug_reader()
    elif model:
        guest.unplug(model)


@pytest.fixture(params=list(CAUSES.values()), ids=list(CAUSES))
def cause(request: pytest.FixtureRequest, guest: Guest) -> Iterator[Cause]:
    """A cause that has been brought about; afterwards the guest is as new."""
    made: Cause = request.param
    try:
        guest.do(made.make)
        plug(guest, made.model)
        guest.do(made.spoil)
        yield made
    finally:
        guest.run(made.clean)
        unplug(guest, made.model)
        guest.do(_AS_NEW)


def by_hand(guest: Guest, made: Cause, what: str) -> None:
    """Does what no command can."""
    if what == _PLUG:
        unplug(guest, made.model)
        plug(guest, made.model)
    elif what == _LOG_IN:
        guest.log_in_again()


def finding(report: dict[str, Any], made: Cause) -> dict[str, Any] | None:
    """The finding that names the cause, or None."""
    found = (f for f in report["findings"] if f["check"] == made.check and f["outcome"] != "ok")
    return next((f for f in found if f["state"] == made.state), None)


def test_the_printed_remedy_mends_and_the_undo_undoes(guest: Guest, cause: Cause) -> None:
    report = guest.cardcheck("doctor", cause.who)
    found = finding(report, cause)
    assert found is not None, unsound(report)
    remedy = next(r for r in report["remedies"] if r["id"] == f"{cause.check}.{cause.state}")
    assert cause.by_hand in said_next(found).lower()
    assert cause.undone_by_hand in said_next(found).lower()

    for command in remedy["commands"]:
        guest.do(command, cause.who)
    by_hand(guest, cause, cause.by_hand)
    report = guest.cardcheck("doctor", cause.who)
    assert cause.check not in {check for check, _ in unsound(report)}, unsound(report)

    for command in remedy["undo"]:
        guest.do(command, cause.who)
    by_hand(guest, cause, cause.undone_by_hand)
    report = guest.cardcheck("doctor", cause.who)
    assert (finding(report, cause) is not None) == cause.returns, unsound(report)


def said_next(found: dict[str, Any]) -> str:
    """What a finding tells the person to do."""
    return " ".join(advice["next"] for advice in found["text"]["advice"])


def unsound(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Check and state of all that is not well."""
    return [(f["check"], f["state"]) for f in report["findings"] if f["outcome"] != "ok"]


@pytest.fixture
def reader(guest: Guest) -> Iterator[Guest]:
    """The guest with QEMU's reader, which is pulled out afterwards."""
    guest.plug_reader()
    yield guest
    guest.unplug_reader()


def test_a_card_is_scanned_and_reader_and_card_come_and_go(reader: Guest) -> None:
    """QEMU's reader speaks T=0 only: the certificates are read, the counters are not asked for."""
    card = card_of("valid")
    with PassthruCard(reader.card_socket, card) as lying:
        lying.insert()
        assert scanned(reader) == ["valid", "needs-pin"]
        lying.remove()
        assert scanned(reader) == []
        lying.insert()
        assert scanned(reader) == ["valid", "needs-pin"]

    reader.unplug_reader()
    assert ("wall.machine.usb", "not-attached") in unsound(reader.cardcheck("doctor"))
    reader.plug_reader()
    with PassthruCard(reader.card_socket, card) as lying:
        lying.insert()
        assert scanned(reader) == ["valid", "needs-pin"]
    assert card.pin_attempts == 0
    assert not [command for command in card.log if command[1] == VERIFY]


def scanned(guest: Guest) -> list[str]:
    """The states of the certificates that a scan reads, once pcscd has noticed what was done."""
    guest.do("sleep 3")
    cards = guest.cardcheck("scan")["cards"]
    return [certificate["status"] for card in cards for certificate in card["certificates"]]


def test_an_rc_s380_is_read_through_the_kernels_usb(guest: Guest) -> None:
    rule = f"cardcheck doctor --udev-rules >{_RULES}/60-cardcheck.rules"
    guest.do(f"{_NO_KERNEL_NFC}; {rule}; {_RELOAD}")
    guest.plug("rc-s380")
    try:
        report = guest.cardcheck("scan --backend nfc")
        assert report["cards"], unsound(report)
        (card,) = report["cards"]
        assert [pin["state"] for pin in card["pins"]] == ["ok"] * 4, unsound(report)
        assert card["certificates"][0]["status"] == "valid"
        assert report["verdict"] == "attention"  # no site takes a login with it on Linux
    finally:
        guest.unplug("rc-s380")
        guest.do(_AS_NEW)
