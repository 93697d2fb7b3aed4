# SPDX-License-Identifier: Apache-2.0
"""``python -m cardcheck``, and where the installed command begins.

Signals are taken in charge before anything else is imported, so that Ctrl-C never shows a
traceback.
"""

from __future__ import annotations

import sys

from cardcheck import signals


def main() -> int:
    """Runs the command line and returns the exit code of the contract."""
    if sys.argv[1:] == ["--contactless-child"]:  # how a frozen cardcheck starts the child for nfcpy
        from cardcheck.transports.contactless_child import main as serve

        serve()
    signals.install()
    from cardcheck.cli.main import run

    return signals.end(run(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
