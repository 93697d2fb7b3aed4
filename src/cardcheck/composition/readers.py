# SPDX-License-Identifier: Apache-2.0
"""Which reader somebody means by ``NAME|INDEX``: one answer for every command and the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cardcheck.catalog.readers import clean_name, goes_by
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def chosen(
    readers: Sequence[T], wish: str | None, name_of: Callable[[T], str], option: str = "--reader"
) -> Sequence[T]:
    """The readers that are meant: all of them where nothing is wished for, or none is there.

    Args:
        readers: what is there, in the order in which it is counted.
        wish: an index from 0, or a part of the name.
        name_of: the name of one, as its backend gives it.
        option: where the wish was given, for the message.

    Raises:
        InputError: none of those that are there.
    """
    if wish is None or not readers:
        return readers
    if wish.isascii() and wish.isdigit():
        found = readers[int(wish) : int(wish) + 1]
    else:
        found = [each for each in readers if goes_by(name_of(each), wish)]
    if not found:
        listed = "; ".join(f"{i}: {clean_name(name_of(each))}" for i, each in enumerate(readers))
        raise InputError(f"{option} {wish}: no such reader. There are: {listed}")
    return found
