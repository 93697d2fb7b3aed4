# SPDX-License-Identifier: Apache-2.0
"""What was observed of the programs around a login: browsers, add-ons, native hosts, modules.

What belongs here: whether, where and which version. What does not: anything of a browser profile
but the two add-ons that logging in needs.
"""

from __future__ import annotations

from msgspec import Struct


class Browser(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One installed browser.

    Attributes:
        name: ``chrome``, ``edge``, ``safari`` or ``firefox``.
        major: the first number of its version, or None.
    """

    name: str
    major: int | None = None


class Extension(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One add-on that logging in needs, in one browser.

    Attributes:
        id: its id in the store.
        browser: ``chrome`` or ``edge``.
        enabled: whether it is switched on; None where the profile does not say.
    """

    id: str
    browser: str
    enabled: bool | None = None


class NativeHost(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One manifest through which a browser starts a program of the login software.

    Attributes:
        name: ``jp.go.cao.mpa`` or ``jp.go.jpki``.
        browser: ``chrome`` or ``edge``: who looks there.
        readable: whether the manifest file is there and can be read.
        valid: whether it is JSON with what Chrome asks for; None where it cannot be read.
        program: whether the program that it names exists; None where that cannot be told.
        extensions: ids of the add-ons that it lets in.
    """

    name: str
    browser: str
    readable: bool = True
    valid: bool | None = None
    program: bool | None = None
    extensions: tuple[str, ...] = ()


class PythonModules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the libraries of this program can be found.

    Attributes:
        nfcpy: whether nfcpy is installed.
        libusb: whether the USB library that nfcpy needs is installed; None where not looked for.
    """

    nfcpy: bool = True
    libusb: bool | None = None


class SoftwareFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it; None in a field where nobody looked.

    Attributes:
        modules: libraries of this program.
        browsers: installed browsers.
        extensions: the add-ons found in any profile.
        hosts: the manifests found.
        portal_app: whether the program of マイナポータル is installed.
        jpki_client: whether the JPKI client software is installed.
        jpki_needs_rosetta: whether that client was built for x86_64 only.
    """

    modules: PythonModules | None = None
    browsers: tuple[Browser, ...] | None = None
    extensions: tuple[Extension, ...] | None = None
    hosts: tuple[NativeHost, ...] | None = None
    portal_app: bool | None = None
    jpki_client: bool | None = None
    jpki_needs_rosetta: bool | None = None
