#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fuzzes one target with atheris, guided by coverage; ``scripts/fuzz`` calls this.

usage: fuzz/run.py TARGET CORPUS [options of libFuzzer]
       fuzz/run.py --keep TARGET CORPUS

Seeds are lines of hexadecimal digits in fuzz/seeds/TARGET.hex, so that they can be read and
compared. They are unpacked into CORPUS first; --keep packs some of CORPUS up again.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MOST_KEPT = 60  # seeds of a target
LONGEST_KEPT = 2_000  # bytes


def seeds_of(target: str) -> list[bytes]:
    """The seeds of a target; traces and logs of the repository are added to its own."""
    file = HERE / "seeds" / f"{target}.hex"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    own = [bytes.fromhex(line) for line in lines if line and not line.startswith("#")]
    return own + elsewhere(target)


def elsewhere(target: str) -> list[bytes]:
    """The seeds of a target that stand in the repository as something else."""
    root, seeds = HERE.parent, list[bytes]()
    if target == "trace":
        seeds += [path.read_bytes() for path in sorted((root / "fixtures" / "apdu").glob("*.apdu"))]
    if target == "import":
        logs = sorted((root / "tests" / "traces" / "importing").glob("*.log"))
        seeds += [bytes((number,)) + log.read_bytes() for log in logs for number in range(4)]
        told = sorted((root / "fixtures" / "reports" / "logs").glob("*.log"))
        seeds += [_of_its_format(log.read_bytes()) for log in told]
    return seeds


def _of_its_format(log: bytes) -> bytes:
    """A log behind the byte that chooses its format."""
    from cardcheck.traces.importing.conversion import NAMES, format_of

    return bytes((NAMES.index(format_of(io.BytesIO(log))),)) + log


def unpack(target: str, corpus: Path) -> None:
    """Writes the seeds of a target into its corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds_of(target):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


def keep(target: str, corpus: Path) -> None:
    """Writes inputs of a corpus as seeds, some of each length."""
    inputs = {path.read_bytes() for path in corpus.iterdir()} - set(elsewhere(target))
    found = sorted(inputs, key=lambda data: (len(data), data))
    found = [data for data in found if 0 < len(data) <= LONGEST_KEPT]
    kept = found[:: max(len(found) // MOST_KEPT, 1)]
    text = "# SPDX-License-Identifier: Apache-2.0\n" + "".join(f"{data.hex()}\n" for data in kept)
    (HERE / "seeds" / f"{target}.hex").write_text(text, "ascii")


def fuzz(target: str, corpus: Path, options: list[str]) -> None:
    """Never comes back but by the end of the process."""
    import atheris

    with atheris.instrument_imports(include=["cardcheck"]):
        from targets import TARGETS
    atheris.Setup([sys.argv[0], str(corpus), *options], TARGETS[target])
    atheris.Fuzz()


def main(arguments: list[str]) -> None:
    """Unpacks and fuzzes, or keeps."""
    if arguments[0] == "--keep":
        keep(arguments[1], Path(arguments[2]))
        return
    target, corpus, *options = arguments
    unpack(target, Path(corpus))
    fuzz(target, Path(corpus), options)


if __name__ == "__main__":
    main(sys.argv[1:])
