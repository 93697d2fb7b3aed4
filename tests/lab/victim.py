# SPDX-License-Identifier: Apache-2.0
"""A login program that shares the card without transactions, in a process of its own.

usage: victim.py low|high|OpenSC AID EF PIN SEED

It selects application and PIN file, waits as for a person who types, and sends the right PIN; again
and again, until its standard input is closed. OpenSC does so by its own rules, with transactions.
"""

from __future__ import annotations

import importlib
import random
import select
import subprocess
import sys
import time
from collections.abc import Callable

Send = Callable[[list[int]], object]
LEAVE_CARD, SHARED, T1 = 0, 2, 2


def low_level() -> tuple[Send, Callable[[], object]]:
    """``smartcard.scard``: what sends to the card, and what lets go of it."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, names = scard.SCardListReaders(context, [])
    code, card, _ = scard.SCardConnect(context, names[0], SHARED, T1)
    if code:
        raise OSError(code)

    def send(command: list[int]) -> None:
        if code := scard.SCardTransmit(card, T1, command)[0]:
            raise OSError(code)

    def end() -> None:
        scard.SCardDisconnect(card, LEAVE_CARD)
        scard.SCardReleaseContext(context)

    return send, end


def high_level() -> tuple[Send, Callable[[], object]]:
    """``smartcard.System``: the same by pyscard's classes."""
    system = importlib.import_module("smartcard.System")  # it has no types

    connection = system.readers()[0].createConnection()
    connection.connect(disposition=LEAVE_CARD)
    return connection.transmit, connection.disconnect


def opensc() -> None:
    """OpenSC logs in."""
    command = ["pkcs15-tool", "--verify-pin", "--auth-id", "1", "--pin", sys.argv[4]]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def log_in(connect: Callable[[], tuple[Send, Callable[[], object]]], pause: float) -> None:
    """One login; given up where somebody else has the card or resets it in between."""
    aid, ef, pin = bytes.fromhex(sys.argv[2]), int(sys.argv[3], 16), sys.argv[4].encode()
    try:
        send, end = connect()
    except Exception:  # noqa: BLE001 - whatever the library raises
        return
    try:
        send([0, 0xA4, 4, 0x0C, len(aid), *aid])
        send([0, 0xA4, 2, 0x0C, 2, ef >> 8, ef & 0xFF])
        time.sleep(pause)
        send([0, 0x20, 0, 0x80, len(pin), *pin])
    except Exception:  # noqa: BLE001 - whatever the library raises
        pass
    finally:
        end()


def main() -> None:
    """Logs in until nobody listens any more."""
    dice = random.Random(sys.argv[5])
    connect = {"low": low_level, "high": high_level}.get(sys.argv[1])
    while not select.select([sys.stdin], [], [], dice.uniform(0.0, 0.3))[0]:
        if connect is None:
            opensc()
        else:
            log_in(connect, dice.choice([0.0, 0.05, 0.15, 0.3, 0.6]))


if __name__ == "__main__":
    main()
