# SPDX-License-Identifier: Apache-2.0
"""Another program that uses PC/SC: a remote-controlled pyscard process, for tests.

What belongs here: the process and the calls to it; run as a script, this file is that process. What
does not: any judgement of what PC/SC answers. libpcsclite reads the path of its daemon's socket
once in a process, so a test that speaks with private daemons does it through processes like this
one. It holds a card, selects in between, dies in a transaction, or only looks, as the test says.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

# winscard.h and pcsclite.h.
SHARE_EXCLUSIVE, SHARE_SHARED = 1, 2
LEAVE_CARD, RESET_CARD, UNPOWER_CARD = 0, 1, 2
PROTOCOL_T1, PROTOCOL_ANY = 2, 3
STATE_EMPTY, STATE_PRESENT = 0x10, 0x20
STATE_EXCLUSIVE, STATE_IN_USE, STATE_MUTE = 0x80, 0x100, 0x200


class ClientError(Exception):
    """The client process raised, died or did not answer in time."""


class PcscError(Exception):
    """A PC/SC call failed.

    Attributes:
        code: what it returned, unsigned.
    """

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function}: 0x{code:08X}")
        self.code = code


class PcscClient:
    """A pyscard process; a context manager that starts it and kills it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Starts a process with ``env`` (see ``PcscDaemon.env``) on top of our environment."""
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._context: int | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, function: str, *arguments: object) -> None:
        """Has the process call ``function`` of ``smartcard.scard``; see ``answer``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([function, *arguments]).encode() + b"\n")

    def answer(self, timeout: float = 60.0) -> list[Any]:
        """What the last call returned; its first item, the PC/SC code, is unsigned.

        Raises:
            ClientError: no answer within ``timeout`` seconds, or the call raised.
        """
        assert self._process.stdout is not None
        line, deadline = b"", time.monotonic() + timeout
        while not line.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                raise ClientError(f"no answer within {timeout} s")
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise ClientError("the client process has died")
            line += piece
        answer = json.loads(line)
        if isinstance(answer, str):
            raise ClientError(answer)
        code, *values = answer if isinstance(answer, list) else [answer]
        return [code & 0xFFFFFFFF, *values]

    def call(self, function: str, *arguments: object, timeout: float = 60.0) -> list[Any]:
        """``send`` and ``answer`` in one."""
        self.send(function, *arguments)
        return self.answer(timeout)

    def checked(self, function: str, *arguments: object) -> list[Any]:
        """What ``function`` returned after its code.

        Raises:
            PcscError: the code is not 0.
        """
        code, *values = self.call(function, *arguments)
        if code:
            raise PcscError(function, code)
        return values

    def context(self) -> int:
        """A context of this process, made at the first call."""
        if self._context is None:
            self._context = int(self.checked("SCardEstablishContext", 0)[0])
        return self._context

    def forget_context(self) -> None:
        """Lets the next call make a new context, as is needed after a restart of the daemon."""
        self._context = None

    def readers(self) -> list[str]:
        """The names of the readers."""
        names: list[str] = self.checked("SCardListReaders", self.context(), [])[0]
        return names

    def state(self, reader: str) -> tuple[int, bytes]:
        """The event state of ``reader`` (SCardGetStatusChange) and the answer to reset."""
        [[(_, flags, atr)]] = self.checked("SCardGetStatusChange", self.context(), 0, [(reader, 0)])
        return flags, bytes(atr)

    def connect(self, reader: str, share: int = SHARE_SHARED) -> int:
        """A handle to the card in ``reader``."""
        return int(self.checked("SCardConnect", self.context(), reader, share, PROTOCOL_ANY)[0])

    def transmit(self, handle: int, command: bytes) -> bytes:
        """The card's answer to ``command`` over T=1."""
        return bytes(self.checked("SCardTransmit", handle, PROTOCOL_T1, list(command))[0])

    def kill(self) -> None:
        """Kills the process where it stands, handles and transactions open."""
        self._process.kill()
        self._process.wait(timeout=5)

    def close(self) -> None:
        """Kills the process and closes its pipes."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _serve() -> None:
    """Answers each line ``[function, argument…]`` with what it returned, or a text if it raised."""
    from smartcard import scard

    for line in sys.stdin:
        function, *arguments = json.loads(line)
        if function == "SCardGetStatusChange":  # JSON has no tuples, and pyscard takes nothing else
            arguments[-1] = [tuple(state) for state in arguments[-1]]
        try:
            answer = getattr(scard, function)(*arguments)
        except (SystemError, UnicodeError, TypeError, ValueError) as error:
            answer = repr(error)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
