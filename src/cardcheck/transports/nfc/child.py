# SPDX-License-Identifier: Apache-2.0
"""The process in which nfcpy runs, because a reader that hangs blocks it for ever.

What belongs here: requests in, answers out, and the end of the process. What does not: nfcpy
(``device``), deadlines (``backend``, which kills this process). Every command
passes a guard here as well, so that there is no way to a card around it.

The process ends with its parent, whatever it is doing: a thread of its own sees the pipe close.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn

from cardcheck.errors import CardcheckError, LinkError, NoCardError, NoReaderError
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.transports.guard import ReadOnlyGuard
from cardcheck.transports.nfc.wire import Message, decode, encode, failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.transports.link import CardLink
    from cardcheck.transports.nfc.device import ContactlessDevice

_END: Final = b""
_FAREWELL: Final = 0.3  # seconds that a driver gets to let go of its device


class Server:
    """Does what requests ask for, one after the other."""

    def __init__(self, open_device: Callable[[str], ContactlessDevice]) -> None:
        """Prepares a server; nothing is opened yet."""
        self._open = open_device
        self._device: ContactlessDevice | None = None
        self._link: CardLink | None = None
        self._transaction = ExitStack()

    def answer(self, request: Message) -> Message:
        """What came of ``request``; errors of ours are answers, others end the process."""
        duties = {
            "open": self._do_open,
            "poll": self._do_poll,
            "connect": self._do_connect,
            "begin": self._do_begin,
            "end": self._do_end,
            "transmit": self._do_transmit,
            "release": self._do_release,
        }
        try:
            return duties[str(request.get("do"))](request)
        except CardcheckError as error:
            return failure(error)

    def close(self) -> None:
        """Lets go of the card, on a harmless file, and of the device."""
        self._drop()
        if self._device is not None:
            self._device.close()

    def _do_open(self, request: Message) -> Message:
        self._device = self._open(str(request["path"]))
        return {}

    def _do_poll(self, _request: Message) -> Message:
        self._drop()
        return {"card": self._opened.poll()}

    def _do_connect(self, _request: Message) -> Message:
        self._drop()
        self._link = ReadOnlyGuard(self._opened.connect())
        return {}

    def _do_begin(self, _request: Message) -> Message:
        self._transaction.close()
        self._transaction.enter_context(self._connected.transaction())
        return {}

    def _do_end(self, _request: Message) -> Message:
        self._transaction.close()
        return {}

    def _do_transmit(self, request: Message) -> Message:
        return {"apdu": self._connected.transmit(bytes.fromhex(str(request["apdu"]))).hex()}

    def _do_release(self, _request: Message) -> Message:
        link = self._link
        self._drop()
        if link is not None:
            link.close()
        return {}

    def _drop(self) -> None:
        """Forgets the card that was connected."""
        self._transaction.close()
        self._link = None

    @property
    def _connected(self) -> CardLink:
        if self._link is None:
            raise NoCardError("no card is connected")
        return self._link

    @property
    def _opened(self) -> ContactlessDevice:
        if self._device is None:
            raise NoReaderError("no device is open")
        return self._device


def main() -> NoReturn:
    """Serves until the parent closes the pipe or says ``close``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair, which ends us
    answers = _take_stdout()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    from cardcheck.transports.nfc.device import ContactlessDevice, preload

    try:
        preload()
    except ImportError as error:
        answers.write(
            encode({"error": LinkFailure.NO_BINDING, "message": str(error).splitlines()[0]})
        )
        os._exit(1)
    answers.write(encode({}))
    server = Server(ContactlessDevice)
    while (line := requests.get()) != _END:
        request = decode(line)
        if request.get("do") == "close":
            break
        answers.write(encode(server.answer(request)))
    with suppress(LinkError):
        server.close()
    answers.write(encode({}))
    os._exit(0)  # the listening thread holds stdin, for which an orderly end would wait


def _listen(source: BinaryIO, requests: queue.SimpleQueue[bytes]) -> None:
    """Hands requests on; ends the process with its parent, also while a driver hangs."""
    for line in source:
        requests.put(line)
    requests.put(_END)
    time.sleep(_FAREWELL)
    os._exit(0)


def _take_stdout() -> BinaryIO:
    """Standard output for answers alone: what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a file
        os.dup2(nowhere.fileno(), 1)
    return answers


if __name__ == "__main__":
    main()
