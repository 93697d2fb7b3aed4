# SPDX-License-Identifier: Apache-2.0
"""The language in which the system speaks to its user, where the environment does not tell it.

What belongs here: asking Windows and macOS. What does not: which language cardcheck speaks
(``cli``).
"""

from __future__ import annotations

import sys
from typing import Final

from cardcheck.host.run import output_of

_PRIMARY: Final = 0x3FF  # bits of a LANGID: PRIMARYLANGID, winnt.h
_JAPANESE: Final = 0x11  # LANG_JAPANESE, winnt.h
_SECONDS: Final = 1.0
_APPLE: Final = ("/usr/bin/defaults", "read", "-g", "AppleLanguages")


def ui_language() -> str | None:
    """The tag of the user's language, such as ``ja``; None where only the environment has one."""
    if sys.platform == "win32":
        import ctypes

        return tag_of_langid(ctypes.windll.kernel32.GetUserDefaultUILanguage())
    if sys.platform == "darwin":
        return first_language(output_of(_APPLE, _SECONDS))
    return None


def tag_of_langid(langid: int) -> str | None:
    """The tag of a Windows language identifier: ``ja``, or ``en`` for every other; None for 0."""
    if not langid & _PRIMARY:
        return None  # neutral: no language
    return "ja" if langid & _PRIMARY == _JAPANESE else "en"


def first_language(listed: str | None) -> str | None:
    """The first tag of the list that ``defaults`` prints (``("ja-JP", "en-JP")``, a line each)."""
    for line in (listed or "").splitlines():
        tag = line.strip(' \t",')
        if tag and tag not in {"(", ")"}:
            return tag
    return None
