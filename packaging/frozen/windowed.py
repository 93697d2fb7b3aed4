# SPDX-License-Identifier: Apache-2.0
"""Where the windowed program begins: ``cardcheck-window.exe``, what the Start menu opens."""

from __future__ import annotations

import sys

from window import show

if __name__ == "__main__":
    sys.exit(show())
