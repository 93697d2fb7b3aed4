# SPDX-License-Identifier: Apache-2.0
"""Signatures by ``ssh-keygen -Y``, the tool that signs and verifies files with SSH keys.

What belongs here: running it. What does not: what is signed (``output.archive``).

Chosen over minisign and sigstore because it is already there (Linux, macOS and Windows ship
OpenSSH), because a municipality that reaches its terminals by SSH has such keys, in agents and on
hardware tokens too, and because it needs neither a network nor a public log.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from cardcheck.errors import InputError
from cardcheck.inputs import is_regular

NAMESPACE: Final = "cardcheck-run"
"""Keeps a signature made for anything else from passing here (PROTOCOL.sshsig)."""
_SECONDS: Final = 60.0  # a hardware token waits for a touch
_MISSING: Final = "ssh-keygen is not there; install OpenSSH (openssh-client)"


def sign(message: bytes, key: str, namespace: str = NAMESPACE) -> bytes:
    """The armoured signature of ``message`` by the private key in file ``key`` (or its agent).

    Raises:
        InputError: no such key, no ssh-keygen, or it refused.
    """
    with tempfile.TemporaryDirectory(prefix="cardcheck-") as folder:
        path = Path(folder) / "manifest"
        path.write_bytes(message)
        error = _run(
            ["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", namespace, str(path)], b""
        )[1]
        try:
            return path.with_suffix(".sig").read_bytes()
        except OSError:
            raise InputError(
                f"--seal-key {key}: could not sign ({error or 'no signature came'})"
            ) from None


def signer_of(
    message: bytes, signature: bytes, allowed: str, namespace: str = NAMESPACE
) -> str | None:
    """Who of the allowed signers file ``allowed`` signed ``message``; None where nobody did.

    Raises:
        InputError: the file cannot be read, or there is no ssh-keygen.
    """
    if not is_regular(allowed):
        raise InputError(
            f"allowed signers {allowed}: no such file; see ALLOWED SIGNERS in ssh-keygen(1)"
        )
    with tempfile.TemporaryDirectory(prefix="cardcheck-") as folder:
        path = Path(folder) / "manifest.sig"
        path.write_bytes(signature)
        found, _ = _run(
            ["ssh-keygen", "-Y", "find-principals", "-s", str(path), "-f", allowed], b""
        )
        for who in found.splitlines():
            verify = [
                "ssh-keygen",
                "-Y",
                "verify",
                "-f",
                allowed,
                "-I",
                who,
                "-n",
                namespace,
                "-s",
                str(path),
            ]
            if _run(verify, message)[0].startswith("Good "):
                return who
    return None


def _run(command: list[str], message: bytes) -> tuple[str, str]:
    """Standard output, empty where the program failed, and its last line of complaint."""
    try:
        done = subprocess.run(
            command, input=message, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise InputError(_MISSING) from None
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return "", type(error).__name__
    complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return ("" if done.returncode else done.stdout.decode("utf-8", "replace")), "".join(
        complaint[-1:]
    )
