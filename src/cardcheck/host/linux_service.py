# SPDX-License-Identifier: Apache-2.0
"""How pcscd is set up on Linux, and who we are to it: files under /etc, /run and /proc alone.

What belongs here: reading. What does not: what it means (``checks``). Every function takes
``root``; no program is started, and ``systemctl`` is not asked: its answers are links and files.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from cardcheck.facts.linux import PcscdFacts, PcscdProcess, SessionFacts
from cardcheck.host.linux import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

UNIT_PLACES: Final = (
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)
_LIBRARY_PLACES: Final = (
    *("usr/lib", "usr/lib64", "usr/local/lib", "usr/local/lib64", "opt/pcsc/lib"),
    *("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/arm-linux-gnueabihf"),
)
_DEFAULTS: Final = "etc/default/pcscd"
_POLICY: Final = "usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
_FILTERS: Final = ("PCSCLITE_FILTER_IGNORE_READER_NAMES", "PCSCLITE_FILTER_EXTEND_READER_NAMES")
_GROUPS: Final = frozenset({"plugdev", "pcscd", "scard"})
_VARIABLE: Final = re.compile(r"^\s*(?:export\s+)?(\w+)=\S", re.MULTILINE)
_USER: Final = re.compile(r"^\s*User=(\S+)", re.MULTILINE)
_LIMIT: Final = 64 * 1024  # bytes of a configuration file


def pcscd(root: Path = ROOT) -> PcscdFacts:
    """The daemon as files and processes show it."""
    variables = set(_VARIABLE.findall(text_of(root / _DEFAULTS)))
    unit = next(iter(_unit_files("pcscd.service", root)), None)
    user = _USER.search(text_of(unit)) if unit else None
    return PcscdFacts(
        systemd=(root / "run/systemd/system").is_dir(),
        socket_unit=unit_state("pcscd.socket", root),
        service_unit=unit_state("pcscd.service", root),
        service_user=user[1] if user and user[1] in {"root", "pcscd"} else None,
        processes=tuple(_processes(root / "proc")),
        polkit=(root / _POLICY).exists(),
        filters=tuple(name for name in _FILTERS if name in variables),
        dropdir="PCSCLITE_HP_DROPDIR" in variables,
        libraries=tuple(_libraries(root)),
    )


def unit_state(name: str, root: Path = ROOT) -> str:
    """``enabled``, ``disabled``, ``masked`` or ``absent``, as ``systemctl is-enabled`` says."""
    files = _unit_files(name, root)
    if not files:
        return "absent"
    if _is_masked(files[0]):
        return "masked"
    for place in UNIT_PLACES:
        wanted = (root / place).glob(f"*.wants/{name}")
        if next(wanted, None) is not None:
            return "enabled"
    return "disabled"


def session(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> SessionFacts:
    """Who asks, as polkit and udev see it."""
    import grp

    names = {group.gr_name: group.gr_gid for group in grp.getgrall() if group.gr_name in _GROUPS}
    ours = {os.getegid(), *os.getgroups()}
    state = _logind(root, environment)
    return SessionFacts(
        root=os.geteuid() == 0,
        ssh=bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY")),
        session=None if state is None else bool(state),
        active=_flag(state, "ACTIVE"),
        remote=_flag(state, "REMOTE"),
        groups=tuple(sorted(name for name, gid in names.items() if gid in ours)),
        plugdev="plugdev" in names,
        hidepid=_hides_processes(root),
    )


def settings(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Names of the variables that change what libpcsclite does; never their values."""
    return tuple(
        sorted(
            name
            for name, value in environment.items()
            if value and name.startswith(("PCSCLITE_", "LIBPCSCLITE_"))
        )
    )


def text_of(path: Path) -> str:
    """A small text file, ``""`` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode("utf-8", errors="replace")
    except (OSError, ValueError):
        return ""


def _unit_files(name: str, root: Path) -> list[Path]:
    """The unit's files, the one that counts first; a link to nowhere counts too."""
    paths = (root / place / name for place in UNIT_PLACES)
    return [path for path in paths if path.is_symlink() or path.exists()]


def _is_masked(path: Path) -> bool:
    try:
        return str(path.readlink()) == "/dev/null"
    except OSError:
        try:
            return path.stat().st_size == 0
        except OSError:
            return False


def _processes(proc: Path) -> Iterator[PcscdProcess]:
    ours = _link(proc / "self/ns/mnt")
    try:
        entries = sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal())
    except OSError:
        return
    for pid in entries:
        folder = proc / str(pid)
        if text_of(folder / "comm").strip() == "pcscd":
            theirs = _link(folder / "ns/mnt")
            same = theirs == ours if theirs and ours else None
            yield PcscdProcess(user=_owner(folder), same_namespace=same)


def _owner(folder: Path) -> str:
    import pwd

    try:
        name = pwd.getpwuid(folder.stat().st_uid).pw_name
    except (OSError, KeyError):
        return "other"
    return name if name in {"root", "pcscd"} else "other"


def _link(path: Path) -> str | None:
    try:
        return str(path.readlink())
    except OSError:
        return None


def _libraries(root: Path) -> Iterator[str]:
    """Each different file that a program could load as libpcsclite."""
    seen: set[Path] = set()
    for place in _LIBRARY_PLACES:
        path = root / place / "libpcsclite.so.1"
        if path.exists() and path.resolve() not in seen:
            seen.add(path.resolve())
            yield f"/{place}/libpcsclite.so.1"


def _logind(root: Path, environment: Mapping[str, str]) -> dict[str, str] | None:
    """What logind keeps of our session; empty where we have none, None where there is no logind."""
    folder = root / "run/systemd/sessions"
    if not folder.is_dir():
        return None
    name = environment.get("XDG_SESSION_ID", "")
    text = text_of(folder / name) if re.fullmatch(r"\w+", name) else ""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _flag(state: Mapping[str, str] | None, key: str) -> bool | None:
    value = (state or {}).get(key)
    return None if value is None else value == "1"


def _hides_processes(root: Path) -> bool:
    mounts = text_of(root / "proc/self/mounts")
    lines = (line.split() for line in mounts.splitlines())
    return any(
        len(line) > 3 and line[1] == "/proc" and re.search(r"hidepid=(2|invisible)", line[3])
        for line in lines
    )
