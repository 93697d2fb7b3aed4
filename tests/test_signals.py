# SPDX-License-Identifier: Apache-2.0
"""Signals in a process of its own: noted, raised, too late, and the end that nothing can delay."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import os, signal, sys, threading, time
from cardcheck import signals
signals.install()

def send(number=signal.SIGTERM, after=0.0):
    time.sleep(after)
    if sys.platform == "win32":  # os.kill ends a process there
        signal.raise_signal(number)
    else:
        os.kill(os.getpid(), number)
"""


def run(code: str) -> tuple[int, str]:
    """Exit code and output of ``code`` in a process that has taken signals in charge."""
    done = subprocess.run(
        [sys.executable, "-c", START + code],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


CASES = {
    "noted": ("send(); print(signals.pending()); sys.exit(signals.end(0))", 143, "SIGTERM\n"),
    "SIGINT": ("send(signal.SIGINT); sys.exit(signals.end(1))", 130, ""),
    "the first counts": ("send(); send(signal.SIGINT); sys.exit(signals.end(0))", 143, ""),
    "none": ("print(signals.pending()); sys.exit(signals.end(4))", 4, "None\n"),
    "raised": (
        """
try:
    with signals.raising():
        send()
        time.sleep(9)
except signals.Interruption as interruption:
    print(interruption.signal)
sys.exit(signals.end(0))
""",
        143,
        "SIGTERM\n",
    ),
    "raised where it has come before": (
        """
send()
try:
    with signals.raising():
        print("never")
except signals.Interruption:
    print("raised")
sys.exit(signals.end(0))
""",
        143,
        "raised\n",
    ),
    "not raised outside": (
        """
with signals.raising():
    pass
send()
print("goes on")
sys.exit(signals.end(0))
""",
        143,
        "goes on\n",
    ),
    "too late to change what was reported": (
        "print(signals.settle()); send(); sys.exit(signals.end(1))",
        1,
        "None\n",
    ),
    "in time to be reported": (
        "send(); print(signals.settle()); sys.exit(signals.end(143))",
        143,
        "SIGTERM\n",
    ),
    "a hang after the signal": ("send(); time.sleep(15); print('never')", 143, ""),
    "a hang after the report": (
        "signals.settle(); send(); time.sleep(15); print('never')",
        143,
        "",
    ),
    "a thread that hangs": (
        """
threading.Thread(target=time.sleep, args=(15,)).start()
print("done", end="")
sys.exit(signals.end(3))
""",
        3,
        "done",
    ),
    "a closed stream": (
        """
threading.Thread(target=time.sleep, args=(15,)).start()
sys.stdout.close()
sys.stderr = None
sys.exit(signals.end(3))
""",
        3,
        "",
    ),
    "a busy end gets overtime": (
        """
send()
end = time.monotonic() + 1.6
while time.monotonic() < end:
    pass
print("done")
sys.exit(signals.end(0))
""",
        143,
        "done\n",
    ),
}


@pytest.mark.parametrize(("code", "expected", "output"), CASES.values(), ids=CASES)
def test_signals(code: str, expected: int, output: str) -> None:
    assert run(code) == (expected, output)


@pytest.mark.skipif(sys.platform != "win32", reason="a console of Windows")
@pytest.mark.parametrize("event", [1, 2, 5, 6], ids=["break", "close", "log-off", "shutdown"])
def test_what_a_console_tells_is_an_interruption(event: int) -> None:
    """Windows calls the handler in a thread of its own; so does the test."""
    code = (
        "import sys, threading, time; from cardcheck import signals; signals.install();"
        f"threading.Thread(target=lambda: signals._kept[0]({event}), daemon=True).start()\n"
        "try:\n with signals.raising():\n  for _ in range(50): time.sleep(0.1)\n"
        "except signals.Interruption as error:\n sys.exit(signals.end(0))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 130
