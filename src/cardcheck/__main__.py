# SPDX-License-Identifier: Apache-2.0
"""``python -m cardcheck``, and where the installed command begins.

Signals are taken in charge before anything else is imported, so that Ctrl-C never shows a
traceback.
"""

from __future__ import annotations

import sys

# ``python -m`` puts the current folder before everything else, where an ``nfc.py`` of anybody may
# lie; what is imported from here on comes from where cardcheck is installed.
if __name__ == "__main__" and __spec__ is not None and not sys.flags.safe_path:
    del sys.path[:1]

from cardcheck import __version__, signals


def main() -> int:
    """Runs the command line and returns the exit code of the contract."""
    if sys.argv[1:] == ["--nfc-child"]:  # how a frozen cardcheck starts the child for nfcpy
        from cardcheck.transports.nfc.child import main as serve

        serve()
    signals.install()
    if sys.argv[1:] in (["--version"], ["-V"]) and _version_said():
        return signals.end(0) if signals.pending() else 0
    from cardcheck.cli.main import run

    return signals.end(run(sys.argv[1:]))


def _version_said() -> bool:
    """Prints the version as the command line would; False where that fails, for it to explain.

    Scripts ask for it again and again, and it needs nothing that takes time to load.
    """
    try:
        sys.stdout.write(f"cardcheck, version {__version__}\n")
        sys.stdout.flush()
    except (OSError, AttributeError):  # closed, full, or no standard output at all
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
