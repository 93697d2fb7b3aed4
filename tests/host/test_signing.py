# SPDX-License-Identifier: Apache-2.0
"""Signatures with the real ssh-keygen: only an allowed signer's own, in our namespace, count."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError
from cardcheck.host.signing import sign, signer_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def allowed(tmp_path: Path, key: Path, options: str = "") -> str:
    path = tmp_path / "allowed_signers"
    public = key.with_suffix(".pub").read_text()
    path.write_text(f"city@example.jp {options}{public}")
    return str(path)


def test_a_signature_names_its_signer(tmp_path: Path, key: Path) -> None:
    signers = allowed(tmp_path, key)
    signature = sign(b"manifest", str(key))
    assert signer_of(b"manifest", signature, signers) == "city@example.jp"
    assert signer_of(b"manifest!", signature, signers) is None


def test_another_key_another_namespace_and_an_expired_signer_do_not_pass(
    tmp_path: Path, key: Path
) -> None:
    signature = sign(b"manifest", str(key))
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    assert signer_of(b"manifest", signature, allowed(tmp_path, other)) is None
    for options in ('namespaces="git" ', 'valid-before="20200101" '):
        assert signer_of(b"manifest", signature, allowed(tmp_path, key, options)) is None
    message = tmp_path / "message"
    message.write_bytes(b"manifest")
    subprocess.run(["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", "git", message], check=True)
    foreign = message.with_suffix(".sig").read_bytes()
    assert signer_of(b"manifest", foreign, allowed(tmp_path, key)) is None


@pytest.mark.parametrize("signature", [b"", b"\0", b"-----BEGIN SSH SIGNATURE-----\n" * 1000])
def test_rubbish_is_no_signature(tmp_path: Path, key: Path, signature: bytes) -> None:
    assert signer_of(b"manifest", signature, allowed(tmp_path, key)) is None


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--seal-key"):
        sign(b"", str(tmp_path / "no-key"))
    with pytest.raises(InputError, match="allowed signers"):
        signer_of(b"", b"", str(tmp_path / "no-list"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="install OpenSSH"):
        sign(b"", "key")
