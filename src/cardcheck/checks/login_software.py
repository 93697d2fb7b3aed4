# SPDX-License-Identifier: Apache-2.0
"""Why a login cannot begin although the reader works: system, app, add-on, browser.

What belongs here: what the pieces of the login software say of each other. In ``scan`` all of this
is information; here it is graded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Context, cause, check
from cardcheck.checks.found import Found, clear, fine, problem, unknown
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cardcheck.checks.base import Check
    from cardcheck.facts.software import NativeHost

LOGIN_SYSTEMS: Final = frozenset({"Windows", "Darwin"})
_PORTAL: Final = "jp.go.cao.mpa"
_ADDON_OF: Final = {
    _PORTAL: "fjjibalalngebiaophebgkkohaaggphf",
    "jp.go.jpki": "ddhaancdmkmeigppopkakhpbboccibla",
}
_FIRST_DARWIN: Final = (22, 6)  # macOS 13.5: the JPKI client software begins there (its plist)
_OLD_WINDOWS: Final = frozenset({"XP", "Vista", "7", "8", "8.1"})
# Releases of about the end of 2023; the official list could not be read, so this is our own line.
_OLDEST: Final = {"chrome": 120, "edge": 120, "safari": 17, "firefox": 120}
_FIT: Final = frozenset({"chrome", "edge", "safari"})


@check("host.login.supported", Layer.SOFTWARE)
def login_supported(context: Context) -> Iterator[Found]:
    """The login services are offered on this system; information where a card is looked at."""
    system = context.host.system
    if context.about_host:
        return
    if system in LOGIN_SYSTEMS:
        yield fine("supported", system=system)
    elif system == "Linux":
        yield problem("linux", Severity.INFO)
    else:
        yield unknown("unknown", system=system)


@cause("login.system.supported", Layer.SOFTWARE)
def system_supported(context: Context) -> Iterator[Found]:
    """The login is offered on this system."""
    system, release = context.host.system, context.host.release
    if system == "Linux":
        yield problem("linux", Severity.WARNING)
    elif system not in LOGIN_SYSTEMS:
        yield unknown("unknown", system=system)
    elif _is_too_old(system, release):
        yield problem("too-old", Severity.WARNING, system=system, release=release)
    else:
        yield clear()


def _is_too_old(system: str, release: str) -> bool:
    if system == "Windows":
        return release in _OLD_WINDOWS
    numbers = tuple(int(part) for part in release.split(".")[:2] if part.isdecimal())
    return bool(numbers) and numbers < _FIRST_DARWIN


@cause(
    "login.app.installed",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def app_installed(context: Context) -> Iterator[Found]:
    """The app of マイナポータル is there."""
    there = context.software.portal_app
    if there is not None:
        yield clear() if there else problem("missing")


def _hosts(context: Context, state: str, is_wrong: Callable[[NativeHost], bool]) -> Iterator[Found]:
    """A problem for each manifest that is wrong; a warning where it is not that of the portal."""
    hosts = context.software.hosts or ()
    wrong = [host for host in hosts if is_wrong(host)]
    for host in wrong:
        severity = Severity.ERROR if host.name == _PORTAL else Severity.WARNING
        yield problem(state, severity, host=host.name, browser=host.browser)
    if hosts and not wrong:
        yield clear()


@cause(
    "login.manifest.readable",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def manifest_readable(context: Context) -> Iterator[Found]:
    """A registered manifest is there."""
    return _hosts(context, "gone", lambda host: not host.readable)


@cause(
    "login.manifest.valid",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def manifest_valid(context: Context) -> Iterator[Found]:
    """It is what the browser asks for."""
    return _hosts(context, "broken", lambda host: host.readable and host.valid is False)


@cause(
    "login.manifest.program",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def manifest_program(context: Context) -> Iterator[Found]:
    """The program that it names exists."""
    return _hosts(context, "gone", lambda host: bool(host.valid) and host.program is False)


@cause(
    "login.manifest.extension",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def manifest_extension(context: Context) -> Iterator[Found]:
    """It lets the add-on in."""
    return _hosts(
        context,
        "shut-out",
        lambda host: bool(host.valid) and _ADDON_OF.get(host.name) not in host.extensions,
    )


@cause(
    "login.extension.installed",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def extension_installed(context: Context) -> Iterator[Found]:
    """A browser has the add-on of マイナポータル."""
    extensions = context.software.extensions
    # The add-on of Safari comes with the app; its state cannot be read from a file.
    if extensions is None or context.software.portal_app is False:
        return
    needed = {b.name for b in context.software.browsers or ()} & {"chrome", "edge"}
    there = any(extension.id == _ADDON_OF[_PORTAL] for extension in extensions)
    if needed:
        yield clear() if there else problem("missing", Severity.WARNING, id=_ADDON_OF[_PORTAL])


@cause(
    "login.extension.enabled",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def extension_enabled(context: Context) -> Iterator[Found]:
    """It is switched on."""
    extensions = context.software.extensions or ()
    off = [extension for extension in extensions if extension.enabled is False]
    others = {e.id for e in extensions if e.enabled}
    for extension in off:
        severity = Severity.WARNING if extension.id in others else Severity.ERROR
        yield problem("disabled", severity, browser=extension.browser, id=extension.id)
    if extensions and not off:
        yield clear()


@cause(
    "login.browser.present",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def browser_present(context: Context) -> Iterator[Found]:
    """There is a browser that logging in is made for."""
    browsers = context.software.browsers
    if browsers is not None:
        yield clear() if {b.name for b in browsers} & _FIT else problem("none")


@cause(
    "login.browser.recent",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def browser_recent(context: Context) -> Iterator[Found]:
    """No browser is years old."""
    browsers = context.software.browsers or ()
    old = [b for b in browsers if b.major is not None and b.major < _OLDEST.get(b.name, 0)]
    for browser in old:
        yield problem("old", Severity.WARNING, browser=browser.name, major=browser.major)
    if browsers and not old:
        yield clear()


@cause(
    "login.jpki.installed",
    Layer.SOFTWARE,
    systems=(
        "Windows",
        "Darwin",
    ),
)
def jpki_installed(context: Context) -> Iterator[Found]:
    """The JPKI client software is there; a mere login does without."""
    there = context.software.jpki_client
    if there is not None:
        yield clear() if there else problem("missing", Severity.INFO)


CHECKS: Final[tuple[Check, ...]] = (
    login_supported,
    system_supported,
    app_installed,
    manifest_readable,
    manifest_valid,
    manifest_program,
    manifest_extension,
    extension_installed,
    extension_enabled,
    browser_present,
    browser_recent,
    jpki_installed,
)
