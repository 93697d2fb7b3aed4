# SPDX-License-Identifier: Apache-2.0
"""NFC devices that PC/SC does not list, through a child process that runs nfcpy.

What belongs here: the child's life, deadlines, the guard. What does not: nfcpy (``contactless``,
in the child), and which devices there are (``host``).

A device that hangs costs its deadline and its child: the child is killed, the caller gets a
``LinkError``. No child is started before a device is asked for something.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from cardcheck.errors import (
    GarbledCardError,
    LinkError,
    LinkTimeoutError,
    NoCardError,
    UnresponsiveCardError,
)
from cardcheck.facts.reader import SlotState
from cardcheck.transports.guard import guarded
from cardcheck.transports.nfc.wire import ARGUMENT, checked, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.nfc.wire import Message
    from cardcheck.transports.record import Recorder

START_SECONDS: Final = 9
"""A child may take so long to load nfcpy; 0.3 s is usual."""
OPEN_SECONDS: Final = 4
POLL_SECONDS: Final = 6
"""nfcpy's ``udp`` waits a second for each of four technologies; real readers take 0.1 s in all."""
EXCHANGE_SECONDS: Final = 9
"""The longest frame waiting time is 4.95 s (ISO/IEC 14443-4, 7.2), twice that is silence."""
_CLOSE_SECONDS: Final = 0.5
_POLL_PAUSE: Final = 0.3  # between two looks for a card: the field is off, and the card rests
_MODULE: Final = "cardcheck.transports.nfc.child"


def child_command() -> list[str]:
    """What starts the child: this Python with its module, or a frozen cardcheck once more."""
    if getattr(sys, "frozen", False):
        return [sys.executable, ARGUMENT]
    return [sys.executable, "-P", "-m", _MODULE]  # -P: nothing from the current directory


class _Child:
    """A process that drives one device."""

    def __init__(self, command: Sequence[str], path: str) -> None:
        """Starts it and opens the device at ``path``.

        Raises:
            LinkError: the child does not come up, or the device cannot be opened.
        """
        import subprocess

        self.alive = True
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self._process = subprocess.Popen(
                list(command),
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self.alive = False
            raise LinkError(f"the NFC child cannot be started: {error.strerror}") from None
        threading.Thread(target=self._listen, name="nfc-child", daemon=True).start()
        try:
            checked(self._answer(START_SECONDS))
            self.ask({"do": "open", "path": path}, OPEN_SECONDS)
        except LinkError:
            self.kill()
            raise

    def ask(self, request: Message, seconds: float) -> Message:
        """The child's answer.

        Raises:
            LinkTimeoutError: none came in time; the child has been killed.
            LinkError: the one that the child reports, or the child has died.
        """
        with self._lock:
            if not self.alive:
                raise LinkError("the NFC child has ended")
            assert self._process.stdin is not None
            try:
                self._process.stdin.write(encode(request))
                self._process.stdin.flush()
            except OSError:
                pass  # it has died; its last answer says so
            return checked(self._answer(seconds))

    def close(self) -> None:
        """Lets it go of its device, or kills it where it takes its time; never raises."""
        if self.alive and self._lock.acquire(blocking=False):
            try:
                assert self._process.stdin is not None
                with suppress(OSError):
                    self._process.stdin.write(encode({"do": "close"}))
                    self._process.stdin.flush()
                with suppress(LinkError):
                    self._answer(_CLOSE_SECONDS)
                self._reap()
            finally:
                self._lock.release()
        self.kill()

    def kill(self) -> None:
        """Ends it at once and takes away what is left of it."""
        self.alive = False
        self._process.kill()
        self._reap()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _reap(self) -> None:
        import subprocess

        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_CLOSE_SECONDS)

    def _answer(self, seconds: float) -> Message:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.kill()
            raise LinkTimeoutError("the NFC device hangs", seconds=round(seconds)) from None
        if not line:
            self.kill()
            raise LinkError(f"the NFC child ended by itself ({self._process.returncode})")
        return decode(line)

    def _listen(self) -> None:
        """Hands answers on; an empty one is the end."""
        assert self._process.stdout is not None
        with self._process.stdout as answers, suppress(OSError, ValueError):
            for line in answers:
                self._answers.put(line)
        self._answers.put(b"")


class NfcWorld:
    """The NFC devices of this computer, one child each; shared by all backends of a survey."""

    def __init__(
        self,
        devices: Callable[[], Sequence[ReaderIdentity]],
        *,
        command: Sequence[str] | None = None,
    ) -> None:
        """Knows how to find devices; starts nothing.

        Args:
            devices: lists the devices that may be opened.
            command: what to start instead of ``child_command()``.
        """
        self.devices = devices
        self._command = command
        self._children: dict[str, _Child] = {}
        self._lock = threading.Lock()
        self._closed = False

    def open(self, recorder: Recorder | None = None) -> NfcBackend:
        """A backend over these devices."""
        return NfcBackend(self, recorder)

    def child(self, path: str) -> _Child:
        """The child that drives the device at ``path``, started anew where it has ended.

        Raises:
            LinkError: the device cannot be opened.
        """
        with self._lock:
            known = self._children.get(path)
        if known is not None and known.alive:
            return known
        child = _Child(self._command or child_command(), path)
        with self._lock:
            if not self._closed:
                self._children[path] = child
                return child
        child.close()
        raise LinkError("the survey has ended")

    def close(self) -> None:
        """Ends all children; never raises."""
        with self._lock:
            self._closed = True
            children, self._children = list(self._children.values()), {}
        for child in children:
            child.close()


class NfcBackend:
    """Lists NFC devices and connects the cards in their fields."""

    def __init__(self, world: NfcWorld, recorder: Recorder | None = None) -> None:
        """Looks at ``world``; ``recorder`` takes down the exchanges of cards connected here."""
        self._world = world
        self._recorder = recorder

    def readers(self) -> Sequence[ReaderIdentity]:
        """All devices that may be opened; none of them is touched."""
        return self._world.devices()

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """Whether there is a card in the field."""
        try:
            found = self._ask(reader, {"do": "poll"}, POLL_SECONDS)["card"]
        except GarbledCardError:
            raise
        except UnresponsiveCardError:
            return SlotState.MUTE
        return SlotState.CARD if found else SlotState.EMPTY

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Whether a card came within ``seconds``: looks again and again."""
        end = time.monotonic() + seconds
        while True:
            if any(self.slot_state(reader) is not SlotState.EMPTY for reader in readers):
                return True
            if (left := end - time.monotonic()) <= 0:
                return False
            time.sleep(min(_POLL_PAUSE, left))

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link to the card in the field.

        Raises:
            NoCardError: there is none.
            ForeignCardError: it takes no commands of ISO/IEC 7816.
            UnresponsiveCardError: it is there and does not answer.
            LinkError: the device cannot be used.
        """
        child = self._world.child(reader.path)
        child.ask({"do": "connect"}, EXCHANGE_SECONDS)
        return guarded(_ChildLink(child), meter=meter, recorder=self._recorder)

    def close(self) -> None:
        """Nothing: the children are the world's, which is closed once."""

    def _ask(self, reader: ReaderIdentity, request: Message, seconds: float) -> Message:
        return self._world.child(reader.path).ask(request, seconds)


class _ChildLink:
    """A card that the child has connected, without our own guard."""

    protocol = "ISO-DEP"
    atr = b""

    def __init__(self, child: _Child) -> None:
        self._child = child
        self._open = True

    def transmit(self, command: bytes) -> bytes:
        """The card's answer."""
        if not self._open:
            raise NoCardError("the link is closed")
        request: Message = {"do": "transmit", "apdu": command.hex()}
        answer = self._child.ask(request, EXCHANGE_SECONDS)
        return bytes.fromhex(str(answer.get("apdu", "")))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nobody else can come in between; the child's guard knows of it."""
        self._child.ask({"do": "begin"}, EXCHANGE_SECONDS)
        try:
            yield
        except BaseException:
            with suppress(LinkError):
                self._child.ask({"do": "end"}, _CLOSE_SECONDS)
            raise
        self._child.ask({"do": "end"}, EXCHANGE_SECONDS)

    def close(self) -> None:
        """Switches the field off."""
        if self._open:
            self._open = False
            with suppress(LinkError):
                self._child.ask({"do": "release"}, _CLOSE_SECONDS)
