# SPDX-License-Identifier: Apache-2.0
"""Looks for what no file of the repository may hold.

What belongs here: rules that no other linter has, about any kind of file. What does not: rules
about Python code.

    python scripts/lint_repository.py [FILE...]

Without arguments: every file that git tracks or would track.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
MOST_BYTES: Final = 200_000
SPDX: Final = "SPDX-License-Identifier: Apache-2.0"

# Kinds of files with comments. Texts, fixtures and JSON have none, or have a fixed first line.
WITH_SPDX: Final = {".py", ".pyi", ".sh", ".toml", ".yml", ".yaml", ".rules", ".cfg", ".ini"}

# Written so that they do not match themselves.
FORBIDDEN: Final = (
    (
        re.compile(r"(?<![\w.~-])/(?:(?:home|Users)/\w{2}|(?:root|work)/\w)"),
        "a path of one machine",
    ),
    (
        re.compile(
            r"python[h]osted|p[y]pi\.org|npm[j]s\.|(?<!emit)[-]index-url|[-]-find-links|deb\.[d]ebian"
        ),
        "a package index",
    ),
)


def tracked() -> list[Path]:
    """Every file that git tracks or would track, that is still there."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    paths = sorted({ROOT / name for name in names.split("\0") if name})
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def complaints(path: Path) -> Iterator[str]:
    """What is wrong with one file, one line each."""
    content = path.read_bytes()
    if b"\0" in content:
        if len(content) > MOST_BYTES:
            yield f"{path}: binary and larger than {MOST_BYTES} bytes"
        return
    text = content.decode("utf-8", "replace")
    if (path.suffix in WITH_SPDX or text.startswith("#!")) and SPDX not in text[:300]:
        yield f"{path}: no SPDX line"
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, what in FORBIDDEN:
            if pattern.search(line):
                yield f"{path}:{number}: {what}: {line.strip()[:80]}"


def main(arguments: list[str]) -> int:
    """The exit code: 0 when nothing was found, else 1."""
    paths = [Path(argument) for argument in arguments] or tracked()
    found = [complaint for path in paths for complaint in complaints(path)]
    print("\n".join(found) or f"{len(paths)} files, nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
