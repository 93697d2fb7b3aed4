# SPDX-License-Identifier: Apache-2.0
"""cardcheck as it is where the CA of the card is pinned: for measuring a scan that remembers it.

    remembering.py FINGERPRINT ARGUMENT...

What belongs here: nothing else. cardcheck keeps a CA only if its fingerprint is pinned, and nobody
can make a card with such a CA, so this entry pins the one that is named, in this process alone. The
installed program has no such option.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from cardcheck.__main__ import main

if __name__ == "__main__":
    pinned = frozenset({sys.argv.pop(1)})
    with patch("cardcheck.catalog.authorities.pinned_fingerprints", lambda: pinned):
        sys.exit(main())
