# SPDX-License-Identifier: Apache-2.0
"""Cards through nfcpy: the only module that knows it, and one that runs in the child alone.

What belongs here: sensing, activation, exchanges, and nfcpy's errors in ours. What does not: the
process around it (``child``), what is sent.

nfcpy's own ideas about tags stay out: ``tag.ndef`` would select files by itself, and activation of
anything but ISO-DEP reads memory. An error that is not expected here ends the child, which is how
cardcheck learns of it.
"""

from __future__ import annotations

import errno
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cardcheck import errors
from cardcheck.iso7816.polling import is_felica, type_a_supports_iso14443_4, type_b_activation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nfc.clf import RemoteTarget
    from nfc.tag.tt4 import Type4Tag

_TECHNOLOGIES: Final = ("106B", "106A", "212F", "424F")
"""In the order of polling: a My Number card is Type B (ISO/IEC 14443-3), so it comes first."""
_ACTIVATIONS: Final = 3
_SENSINGS: Final = 2
_REPEATABLE: Final = (
    4.0  # seconds of frame waiting time up to which a lost block is asked for again
)
_ERRNO: Final[dict[int, type[errors.LinkError]]] = {
    errno.EACCES: errors.AccessDeniedError,
    errno.EPERM: errors.AccessDeniedError,
    errno.EBUSY: errors.SharingViolationError,
    errno.ENODEV: errors.NoReaderError,
    errno.ENOENT: errors.NoReaderError,
    errno.ETIMEDOUT: errors.LinkTimeoutError,
}


def preload() -> None:
    """Loads nfcpy and the libraries under it (about 0.15 s).

    Raises:
        ImportError: one of them cannot be loaded.
    """
    import nfc.tag.tt4  # noqa: F401
    import usb1  # noqa: F401


class ContactlessDevice:
    """A reader that nfcpy drives, and the card in its field."""

    def __init__(self, path: str) -> None:
        """Opens the device at an nfcpy path (``usb:001:004``, ``tty:USB0:pn532``, ``udp:…``).

        Raises:
            AccessDeniedError: this user may not use the device.
            SharingViolationError: a driver or another program holds it.
            NoReaderError: there is no such device.
            LinkError: it cannot be opened.
        """
        import nfc

        self._path = path
        self._noise = _Noise()
        self._target: RemoteTarget | None = None
        with _translated(path):
            self._frontend = nfc.ContactlessFrontend(path)

    def poll(self) -> bool:
        """Whether there is a card in the field; it stays in it, ready to be activated.

        Raises:
            GarbledCardError: something answers that cannot be understood.
            LinkError: the device does not do as it is told.
        """
        from nfc.clf import RemoteTarget

        self._target = None
        for _ in range(_SENSINGS):
            with self._noise.listening() as heard, _translated(self._path):
                targets = [RemoteTarget(technology) for technology in _TECHNOLOGIES]
                self._target = self._frontend.sense(*targets, iterations=1)
            if self._target is not None:
                return True
            if not heard:
                return False
        raise errors.GarbledCardError("answers that collide: several cards, or one out of place")

    def connect(self) -> ContactlessLink:
        """The card in the field, activated and unguarded: the child's own affair.

        Raises:
            NoCardError: there is none.
            ForeignCardError: it takes no commands of ISO/IEC 7816.
            UnresponsiveCardError: it is there and does not answer.
        """
        return ContactlessLink(self, self.activate())

    def activate(self) -> Type4Tag:
        """The card in the field with ISO/IEC 14443-4 switched on; as ``connect``."""
        import nfc.clf
        import nfc.tag.tt4

        for _ in range(_ACTIVATIONS):
            if self._target is None and not self.poll():
                raise errors.NoCardError("nothing answers polling")
            target, self._target = self._target, None
            assert target is not None
            _require_iso_dep(target)
            try:
                with _translated(self._path):
                    tag = nfc.tag.tt4.activate(self._frontend, target)
            except nfc.clf.CommunicationError:
                continue  # a frame was lost, or another card lies there now: sense again
            if tag is not None:
                _allow_repetition(tag)
                return tag
        raise errors.UnresponsiveCardError("answers polling and not activation")

    def exchange(self, tag: Type4Tag, command: bytes) -> bytes:
        """The card's answer.

        Raises:
            CardRemovedError: it does not answer any more.
            MalformedResponseError: what it answered is no response.
            LinkError: the device does not do as it is told.
        """
        import nfc.clf
        from nfc.tag.tt4 import Type4TagCommandError

        try:
            with _translated(self._path):
                answer = tag.transceive(bytearray(command))
        except (nfc.clf.CommunicationError, Type4TagCommandError) as error:
            raise errors.CardRemovedError(f"no answer: {type(error).__name__}") from None
        if answer is None or len(answer) < 2:
            raise errors.MalformedResponseError(f"an answer of {len(answer or b'')} bytes")
        return bytes(answer)

    def release(self) -> None:
        """Switches the field off, so that the card forgets all."""
        self._target = None
        with _translated(self._path):
            self._frontend.sense()  # without a target: nothing but the field

    def close(self) -> None:
        """Lets go of the device."""
        self._frontend.close()


class ContactlessLink:
    """An activated card, without the guard."""

    protocol = "ISO-DEP"
    atr = b""

    def __init__(self, device: ContactlessDevice, tag: Type4Tag) -> None:
        """Talks to ``tag`` through ``device``."""
        self._device = device
        self._tag = tag
        self._fresh = True

    def transmit(self, command: bytes) -> bytes:
        """The card's answer.

        The first command is sent once more to a card that was found anew: nothing was selected yet
        that could have been lost. nfcpy itself repeats nothing for cards with a long frame waiting
        time (FWI 12 and more).
        """
        fresh, self._fresh = self._fresh, False
        try:
            return self._device.exchange(self._tag, command)
        except errors.CardRemovedError:
            if not fresh:
                raise
        try:
            self._tag = self._device.activate()
        except (errors.NoCardError, errors.UnresponsiveCardError):
            raise errors.CardRemovedError("gone before it answered anything") from None
        return self._device.exchange(self._tag, command)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing to do: nfcpy holds the device for itself."""
        yield

    def close(self) -> None:
        """Switches the field off."""
        self._device.release()


class _Noise(logging.Handler):
    """Hears from nfcpy's log that something answered which its drivers could not use.

    ``sense`` says "no card" to that as to an empty field. What is logged is looked at and dropped.
    """

    _WORDS = ("COLLISION", "CRC", "PARITY", "PROTOCOL", "LENGTH")

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the name of an error of the air interface."""
        if isinstance(record.msg, Exception) and any(w in str(record.msg) for w in self._WORDS):
            self._heard.append(type(record.msg).__name__)

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Gives what is heard meanwhile."""
        logger = logging.getLogger("nfc.clf")
        self._heard = []
        before, logger.propagate = (logger.level, logger.propagate), False
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        try:
            yield self._heard
        finally:
            logger.removeHandler(self)
            logger.setLevel(before[0])
            logger.propagate = before[1]


def _require_iso_dep(target: RemoteTarget) -> None:
    """Passes silently for a card that speaks ISO/IEC 14443-4.

    Raises:
        ForeignCardError: it does not.
    """
    if target.brty.endswith("F"):
        kind = "felica" if is_felica(bytes(target.sensf_res or b"")) else "unknown"
        raise errors.ForeignCardError("answers FeliCa polling", kind=kind)
    if target.brty.endswith("B"):
        supports_iso14443_4 = type_b_activation(bytes(target.sensb_res or b"")).iso14443_4
    else:
        supports_iso14443_4 = type_a_supports_iso14443_4(bytes(target.sel_res or b""))
    if not supports_iso14443_4:
        raise errors.ForeignCardError("speaks no ISO/IEC 14443-4", kind="unknown")


def _allow_repetition(tag: Type4Tag) -> None:
    """Lets nfcpy ask once for a lost block also where the waiting time makes it give up at once.

    Its number of repetitions is a second over the frame waiting time, rounded down: none from FWI
    12 on. R(NAK) makes a card repeat its answer, never a command (ISO/IEC 14443-4, 7.5.4.3).
    """
    blocks = tag._dep  # noqa: SLF001 - nfcpy has no other way to it
    if blocks.fwt <= _REPEATABLE:
        blocks.n_retry_nak = max(1, blocks.n_retry_nak)
        blocks.n_retry_ack = max(1, blocks.n_retry_ack)


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Turns errors of the device into ours.

    Raises:
        LinkError: the one that an OSError or an error of libusb stands for.
    """
    import usb1

    try:
        yield
    except usb1.USBErrorAccess as error:
        raise errors.AccessDeniedError(_said(path, error)) from None
    except usb1.USBErrorBusy as error:
        raise errors.SharingViolationError(_said(path, error)) from None
    except (usb1.USBErrorNoDevice, usb1.USBErrorNotFound) as error:
        raise errors.NoReaderError(_said(path, error)) from None
    except (OSError, usb1.USBError) as error:
        kind = _ERRNO.get(getattr(error, "errno", None) or 0, errors.LinkError)
        if kind is errors.LinkError and _unplugged(path):
            kind = errors.NoReaderError
        raise kind(_said(path, error)) from None


def _said(path: str, error: Exception) -> str:
    return f"{path}: {type(error).__name__} {getattr(error, 'errno', None) or ''}".rstrip()


def _unplugged(path: str) -> bool:
    """Whether the USB device at ``path`` is not there any more."""
    from nfc.clf.transport import USB

    return path.startswith("usb") and USB.find(path) == []
