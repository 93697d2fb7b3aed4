# SPDX-License-Identifier: Apache-2.0
"""A sealed run: the same bytes each time, and every change is seen."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.output.archive import MANIFEST, SIGNATURE, archive, manifest_of, opened

FILES = {"b.json": b"{}\n", "a.csv": b"1,2\n"}


def repacked(changes: dict[str, bytes | None], **how: int) -> bytes:
    """The archive of FILES with some of its entries replaced, added or left out."""
    with zipfile.ZipFile(io.BytesIO(archive(FILES, b"signed"))) as packed:
        content: dict[str, bytes | None] = {name: packed.read(name) for name in packed.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **how) as packed:  # type: ignore[call-overload]
        for name, data in {**content, **changes}.items():
            if data is not None:
                packed.writestr(name, data)
    return out.getvalue()


def test_the_same_files_give_the_same_bytes() -> None:
    assert archive(FILES, b"signed") == archive(dict(reversed(FILES.items())), b"signed")
    assert opened(archive(FILES, b"signed")) == (manifest_of(FILES), b"signed")


def test_the_manifest_is_that_of_sha256sum() -> None:
    # echo -n | sha256sum
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert manifest_of({"x": b""}) == f"{empty}  x\n".encode()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"a.csv": b"1,3\n"}, "a.csv was changed"),
        ({"a.csv": None}, "a.csv is missing"),
        ({"new": b""}, "new is not in the manifest"),
        ({MANIFEST: None}, "no manifest"),
        ({SIGNATURE: None}, "no manifest or no signature"),
        ({MANIFEST: b"x\n"}, "damaged manifest"),
        ({"../evil": b""}, "no sealed run has"),
        ({"/etc/passwd": b""}, "no sealed run has"),
    ],
)
def test_every_change_is_seen(changes: dict[str, bytes | None], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        opened(repacked(changes))


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(InputError, match="no sealed run has"):
        opened(repacked({"zeros": b"\0" * (1 << 20)}, compression=zipfile.ZIP_DEFLATED))


@given(st.integers(0, len(archive(FILES, b"signed")) - 1), st.integers(1, 255))
def test_a_flipped_byte_changes_nothing_unnoticed(place: int, flip: int) -> None:
    data = bytearray(archive(FILES, b"signed"))
    data[place] ^= flip
    try:
        manifest, signature = opened(bytes(data))
    except InputError:
        return
    # what is left to change is the signature itself, which ssh-keygen judges, or padding of ZIP
    assert manifest == manifest_of(FILES)
    assert len(signature) == len(b"signed")


@given(st.binary(max_size=200))
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        opened(data)
