# SPDX-License-Identifier: Apache-2.0
"""What was observed of a Mac beyond ``facts.host``: which reader driver, which processor."""

from __future__ import annotations

from msgspec import Struct


class BundleBinary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For which processors the program of one PC/SC driver was built.

    Attributes:
        name: file name of the bundle (``ifd-ccid.bundle``).
        architectures: ``arm64``, ``arm64e``, ``x86_64``.
    """

    name: str
    architectures: tuple[str, ...]


class MacosFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it; None in a field where nothing was told.

    Attributes:
        use_ifd_ccid: whether the preference chooses ``ifd-ccid`` over Apple's own driver.
        architecture: ``arm64`` or ``x86_64``: the processor, not this Python.
        rosetta: whether Rosetta 2 is installed; None on other processors.
        bundles: for which processors the installed drivers were built.
    """

    use_ifd_ccid: bool | None = None
    architecture: str | None = None
    rosetta: bool | None = None
    bundles: tuple[BundleBinary, ...] | None = None
