# SPDX-License-Identifier: Apache-2.0
"""What a card says of its holder is found in no output, in no writing that anybody would think of.

What belongs here: secrets planted in virtual cards, and the search for them in all that a run
writes. What does not: what is redacted and how (``tests/cards``, ``tests/transports``).
"""

from __future__ import annotations

import base64
import importlib
import io
import re
import shutil
import subprocess
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.cli.main import run
from cardcheck.simulation.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Places = pytest.TempPathFactory

AT = "2026-11-22T12:00:00+09:00"
CARDS = [name for name, profile in PROFILES.items() if any(r.make_card for r in profile.readers)]
SCREENS = ["valid", "expiring", "expired", "pin-locked", "child", "new-generation"]
# What --show-personal adds, by the contract.
SHOWN = {"certificate-not-before", "certificate-not-after", "card-expiry", "card-expiry-iso"}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def secrets_of(name: str) -> dict[str, bytes]:
    """What the card of a profile was planted with, for the instant ``AT``."""
    reader = next(reader for reader in PROFILES[name].readers if reader.make_card)
    assert reader.make_card is not None
    return reader.make_card(datetime.fromisoformat(AT)).secrets


def writings(secret: bytes) -> Iterator[str]:
    """Regular expressions for a secret in every writing, as text of Latin-1."""
    for text in {secret.decode("latin-1"), secret.decode("ascii", "replace")}:
        yield r"(?<![0-9A-Za-z])" + re.escape(text) + r"(?![0-9A-Za-z])"
    yield r"(?i)" + r"[\s:]?".join(f"{byte:02x}" for byte in secret)
    yield rf"(?<!\d){int.from_bytes(secret, 'big')}(?!\d)"
    for shift in range(3):  # base64 at each of its three alignments, without the ends
        middle = base64.b64encode(b"\0" * shift + secret).decode().rstrip("=")[shift + 1 : -1]
        if len(middle) > 5:
            yield re.escape(middle)
    day = day_of(secret)
    if day is not None:
        yield from writings_of_day(day)


def day_of(secret: bytes) -> date | None:
    """The day that a secret is, or None."""
    text = secret.decode("latin-1")
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def writings_of_day(day: date) -> Iterator[str]:
    """A day written in figures, in Japanese and in English; month and day alone, too."""
    month, number = day.month, day.day
    yield rf"(?<![\w-])[MTSHR]?\d{{1,4}}[-/.]0?{month}[-/.]0?{number}(?!\d)"
    yield rf"(?<![\w-]){day:%Y%m%d}(?![\w-])"
    for japanese in (f"{month}\u6708{number}\u65e5", f"{month}\u6708 {number}\u65e5"):
        yield rf"(?<!\d)0?{japanese}"
        yield rf"(?<!\d)0?{japanese}".encode().decode("latin-1")
    yield rf"(?i)\b{number}(st|nd|rd|th)?\s+{day:%b}"
    yield rf"(?i)\b{day:%b}\w*\s+{number}\b"


def leaks(secrets: dict[str, bytes], text: str) -> dict[str, str]:
    """The secrets found in ``text``, and as what."""
    found = {}
    for name, secret in secrets.items():
        for pattern in writings(secret):
            if match := re.search(pattern, text):
                found[name] = match[0]
    return found


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Runs cardcheck and gives all that it wrote: both streams, and every file."""
    return Written(tmp_path, monkeypatch)


class Written:
    """Runs cardcheck in a place of its own."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self._patch = place, monkeypatch
        for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR"):
            monkeypatch.setenv(name, str(place))

    def __call__(self, *arguments: str, stream: type[io.StringIO] = io.StringIO) -> str:
        stdout, stderr = stream(), stream()
        with self._patch.context() as patch:
            patch.setattr("sys.stdout", stdout)
            patch.setattr("sys.stderr", stderr)
            code = run([*arguments, "--at", AT])
        assert code in ({0, 1, 2, 3} if "nagios" in arguments else {0, 1, 3, 4, 70}), (
            stderr.getvalue()
        )
        files = (path for path in sorted(self.place.rglob("*")) if path.is_file())
        parts = [path.read_bytes().decode("latin-1") for path in files]
        return "\n".join([stdout.getvalue(), stderr.getvalue(), *parts])


@pytest.mark.parametrize("name", CARDS)
def test_json_page_and_trace(name: str, written: Written) -> None:
    """Every card: JSON with sentences, HTML and the recorded trace, in one run."""
    place = written.place
    text = written(
        "scan", "--json", "--with-text", "--simulate", name, "--station", "counter 1",
        "--html", str(place / "page.html"), "--record", str(place / "trace.apdu"),
    )  # fmt: skip
    assert len(list(place.iterdir())) == 2
    assert leaks(secrets_of(name), text) == {}


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
@pytest.mark.parametrize("name", CARDS)
def test_sealed_archive(name: str, written: Written, tmp_path_factory: Places) -> None:
    """Nothing in it is compressed, so what is searched is what is inside."""
    key = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    archive = written.place / "run.zip"
    sealing = ("--seal", str(archive), "--seal-key", str(key))
    text = written("scan", "--simulate", name, "--json", "--with-text", *sealing)
    assert list(written.place.iterdir()) == [archive]
    assert b"cardcheck-apdu 1" in archive.read_bytes()
    assert leaks(secrets_of(name), text) == {}


@pytest.mark.parametrize("name", CARDS)
def test_line_for_monitoring(name: str, written: Written) -> None:
    """Neither a secret nor the state of a PIN."""
    text = written("scan", "--simulate", name, "--format", "nagios")
    assert leaks(secrets_of(name), text) == {}
    assert not re.search(r"pin|signature|locked|absent|expir", text)


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_screens(name: str, language: str, written: Written) -> None:
    """Plain text and colours, piped and on a terminal."""
    common = ("scan", "--simulate", name, "--lang", language)
    for text in (
        written(*common),
        written(*common, "--plain", stream=Terminal),
        written(*common, stream=Terminal),
    ):
        assert leaks(secrets_of(name), text) == {}


@pytest.mark.parametrize("options", [("--json", "--with-text"), (), ("--quick", "--json")])
def test_pins_that_another_program_has_verified(options: tuple[str, ...], written: Written) -> None:
    """Name, address and number could be read now; nobody asks for them."""
    trace = str(written.place / "trace.apdu")
    common = ("scan", "--simulate", "valid", "--fault", "verified", "--record", trace)
    text = written(*common, *options)
    assert leaks(secrets_of("valid"), text) == {}


@pytest.mark.parametrize("options", [("--json", "--with-text"), ("--lang", "ja"), ("--lang", "en")])
def test_what_is_asked_for_is_shown_and_no_more(options: tuple[str, ...], written: Written) -> None:
    """``--show-personal``: the dates of the contract, and nothing else; no page and no trace."""
    shown = written("scan", "--simulate", "valid", "--show-personal", *options)
    found = leaks(secrets_of("valid"), shown)
    assert "certificate-not-after" in found
    assert set(found) <= SHOWN
    place = written.place
    written(
        "scan", "--simulate", "valid", "--show-personal", "--output", str(place / "out.json"),
        "--html", str(place / "page.html"), "--record", str(place / "trace.apdu"),
    )  # fmt: skip
    (place / "out.json").unlink()
    files = "\n".join(path.read_text("latin-1") for path in place.iterdir())
    assert leaks(secrets_of("valid"), files) == {}


@pytest.mark.parametrize("where", ["cards.certificate.parse", "checks.diagnosis.diagnose"])
def test_a_bug_tells_nothing(where: str, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash of a check, or of us, says type and place, not what the exception says."""
    everything = repr(secrets_of("valid"))

    def crash(*_: object, **__: object) -> None:
        raise ValueError(everything)

    module, _, name = f"cardcheck.{where}".rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    monkeypatch.setattr(f"{module}.{name}", crash)
    text = written("scan", "--json", "--simulate", "valid")
    assert "ValueError" in text
    assert leaks(secrets_of("valid"), text) == {}


@given(st.binary(min_size=8, max_size=16), st.integers(0, 5))
def test_the_search_finds_what_is_there(secret: bytes, writing: int) -> None:
    """The search itself: raw, hexadecimal in three ways, decimal, base64."""
    text = (
        secret.decode("latin-1"),
        secret.hex(),
        secret.hex(" ").upper(),
        secret.hex(":"),
        str(int.from_bytes(secret, "big")),
        base64.b64encode(b"x" + secret + b"yz").decode(),
    )[writing]
    assert leaks({"it": secret}, f"<{text}>")


@pytest.mark.parametrize(
    "text",
    [
        "2034-01-30",
        "R16/1/30",
        "2034\u5e741\u670830\u65e5",
        "30 January 2034",
        "Jan 30",
        "20340130",
    ],
)
def test_the_search_finds_days(text: str) -> None:
    assert leaks({"day": b"20340130"}, f" {text} ")
