# SPDX-License-Identifier: Apache-2.0
"""The one decision which language is spoken, and the option that wishes for one.

What belongs here: whose wish counts, and what the console can show. What does not: the sentences
(``catalog``).
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import click

from cardcheck.catalog.messages import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")  # of POSIX, the first that is set counts
_SILENT: Final = frozenset({"", "C", "POSIX"})  # locales that name no language
_SAMPLE: Final = "かな漢字ー「」、。"
_WISH: Final = "cardcheck.lang"


def language(wish: str | None, file: str | None = None, stream: TextIO | None = None) -> Language:
    """The language to write in.

    Args:
        wish: what ``--lang`` says, or None.
        file: the file that is written instead of a stream; it is UTF-8 and can hold everything.
        stream: the stream; standard output where None.

    Returns:
        The wish, else ``CARDCHECK_LANG``, else that of the system, else Japanese; but English
        where the stream has no Japanese characters.
    """
    from cardcheck.host.ui_language import ui_language

    wished = wished_language(wish, os.environ, ui_language)
    if wished == "en" or file:
        return wished
    from cardcheck.output.encoding import can_carry

    stream = stream or sys.stdout
    return wished if stream is None or can_carry(stream, _SAMPLE) else "en"


def wished_language(
    wish: str | None, environ: Mapping[str, str], system: Callable[[], str | None]
) -> Language:
    """The language that somebody wishes for, whatever the console can show.

    Args:
        wish: what ``--lang`` says, or None.
        environ: the environment.
        system: gives the tag of the system's own setting (``ja-JP``), or None where it has none;
            asked only where the environment names nothing.
    """
    for named in (wish, environ.get("CARDCHECK_LANG")):
        for lang in LANGUAGES:
            if named and named.lower().startswith(lang):
                return lang
    locale = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    if locale.split(".")[0].upper() in _SILENT:
        locale = system() or "ja"
    return "ja" if locale.lower().startswith("ja") else "en"


def wish_in(arguments: Sequence[str]) -> str | None:
    """The language that ``--lang`` names in a command line which is not parsed (yet): the last."""
    wish = None
    for argument, following in pairwise([*arguments, ""]):
        name, equals, value = argument.partition("=")
        named = value if equals else following
        if name == "--lang" and named in LANGUAGES:
            wish = named
    return wish


def _remembered(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001 - click's signature
    """The wish of this command, else that of the groups around it."""
    if value is not None:
        ctx.meta[_WISH] = value
    wish = ctx.meta.get(_WISH)
    assert wish is None or isinstance(wish, str)
    return wish


def _option(**how: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # noqa: ANN401 - click's
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        callback=_remembered,
        help="Language (else CARDCHECK_LANG, else the system's).",
        **how,
    )


lang_option: Final = _option()
"""``--lang`` of a command; ``lang`` is what it or a group around it was told, or None."""
group_lang_option: Final = _option(expose_value=False)
"""``--lang`` of a group, or of a command that says nothing itself but its errors."""
