# SPDX-License-Identifier: Apache-2.0
"""Importing cardcheck does nothing: it only reads its own files, and loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Imports every module but __main__ under an audit hook, and prints what that should not have done.
IMPORT_ALL = """
import importlib, os, pkgutil, sys, threading

import cardcheck

done = []
WATCHED = {
    "subprocess.Popen", "socket.connect", "socket.bind", "os.system", "os.mkdir", "os.remove"
}

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if event in WATCHED or (writes and not str(arguments[0]).rpartition(".")[2].startswith("pyc")):
        done.append(f"{event} {arguments!r}")

sys.dont_write_bytecode = True
sys.addaudithook(watch)
for module in pkgutil.walk_packages(cardcheck.__path__, "cardcheck."):
    if module.name != "cardcheck.__main__":
        importlib.import_module(module.name)
if threading.active_count() > 1:
    done.append("a thread runs")
# Not jinja2: render.html needs it at its top, and is itself imported late.
heavy = {"cryptography", "nfc", "serial", "smartcard", "usb1"}
done.extend(f"imports {name}" for name in sorted(heavy & set(sys.modules)))
print("\\n".join(done))
"""


def test_importing_everything_has_no_side_effects() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "", "")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_short_ways_import_nothing_heavy(option: str) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cardcheck", option],
        capture_output=True,
        text=True,
        check=False,
    )
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()
    }
    assert run.returncode == 0, run.stderr[-2000:]
    assert (
        imported & {"cryptography", "jinja2", "nfc", "prometheus_client", "smartcard", "usb1"}
        == set()
    )
