# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the child that runs nfcpy, which misbehaves as its argument says.

What belongs here: the protocol, spoken well or badly. Uses nothing of cardcheck: run as a script.
"""

import json
import os
import sys
import time

SELECT_JPKI = "00a4040c0ad392f000260100000001"
HOW = sys.argv[1]


def say(**message: object) -> None:
    """Writes one answer."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(request: dict[str, str]) -> dict[str, object]:
    """The answer of a child whose card answers 9000 to everything."""
    if request["do"] == HOW.removeprefix("hang-at-"):
        time.sleep(60)
    if request["do"] == HOW.removeprefix("die-at-"):
        os._exit(3)
    if request["do"] == HOW.removeprefix("noise-at-"):
        print("hello", flush=True)
    if HOW.startswith(request["do"] + ":"):
        _, error, *kind = HOW.split(":")
        return {"error": error, "message": "told to", **({"kind": kind[0]} if kind else {})}
    if request["do"] == "poll":
        return {"card": True}
    if request["do"] == "transmit":
        return {"apdu": "9000"}
    return {}


if HOW == "import":
    say(error="ImportError", message="no module named nfc")
    sys.exit(1)
if HOW == "die":
    sys.exit(1)
if HOW == "mute":
    time.sleep(60)
say()
for line in sys.stdin:
    request = json.loads(line)
    with open(sys.argv[2], "a", encoding="ascii") as log:  # noqa: PTH123 - a script without imports
        log.write(line)
    say(**answer(request))
    if request["do"] == "close":
        break
