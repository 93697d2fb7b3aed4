# SPDX-License-Identifier: Apache-2.0
"""Readers and cards in what people type or paste: model names, USB ids, reader names, ATRs.

What belongs here: recognising them, and what the catalogue says of them. What does not: the
catalogue itself (``readers``), other codes (``codes``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.codes import Code, plain_text
from cardcheck.catalog.knowledge import labels
from cardcheck.catalog.messages import LANGUAGES
from cardcheck.catalog.reader_table import Interface, NameKind, ReaderModel, reader_table
from cardcheck.catalog.readers import match_name, models_for_usb
from cardcheck.errors import MalformedAtrError
from cardcheck.iso7816.atr import Atr

if TYPE_CHECKING:
    from collections.abc import Iterator

_USB: Final = re.compile(
    r"(?:VID_|\b)([0-9A-F]{4})(?::|[&_ ]{1,2}PID_|\s*,\s*(?:PID\s*)?)(?:0X)?([0-9A-F]{4})\b"
)
_READER_LINE: Final = re.compile(
    r"^\s*(?:reader )?\d{1,2}: (.{4,}?)(?: *\(.*\))*(?: [0-9a-f]{2} [0-9a-f]{2})?\s*$",
    re.IGNORECASE,
)
_PCSC_NAME: Final = re.compile(r"^(.{4,}) [0-9a-f]{2} [0-9a-f]{2}\s*$", re.IGNORECASE)
_MODEL_WORD: Final = re.compile(r"[A-Z]+[-A-Z0-9]*\d[-A-Z0-9]*")
_ATR: Final = re.compile(r"(?<![0-9A-F])3[BF](?:[ :,-]?[0-9A-F]{2}){7,40}(?![0-9A-F])")
_NO_SIGN: Final = re.compile(r"[^A-Z0-9]")
_LEAST: Final = 5  # characters of a model name, without hyphens
_UNSUITABLE: Final = ("reader-incompatible", "reader-model", "reader-driver")
_MODEL: Final = ("reader-model", *(key for key in _UNSUITABLE if key != "reader-model"))
_CARD: Final = ("card-atr", "card-wrong")

_MY_NUMBER: Final = frozenset(bytes.fromhex(text) for text in ("000005E0", "000041E0"))
"""Application data in ATQB (ISO/IEC 14443-3, 7.9.3) that My Number cards share: pcsc-tools
smartcard_list.txt and users' logs."""
_JUKICARD: Final = bytes.fromhex("000014E0")
_UNLISTED: Final = re.compile(r"(?:\bID |VID_)([0-9A-F]{4})(?::|[&_ ]{1,2}PID_)([0-9A-F]{4})\b")
_TABLE: Final = "the table of readers of this program"
_SOURCE: Final = "LudovicRousseau/pcsc-tools smartcard_list.txt"


def devices_in(text: str) -> tuple[Code, ...]:
    """The readers and cards that a text names, as codes with what is known of each."""
    plain = plain_text(text)
    models = {model.id: model for model in _models(plain)}
    cards = [card for match in _ATR.finditer(plain) for card in _card(match[0])]
    found = (*map(_model, models.values()), *cards)
    unlisted = None if found else _UNLISTED.search(plain)
    return found if unlisted is None else (_unlisted(unlisted),)


def _models(plain: str) -> Iterator[ReaderModel]:
    for match in _USB.finditer(plain):
        yield from models_for_usb(match[1], match[2])
    for line in plain.splitlines():
        name = _READER_LINE.match(line) or _PCSC_NAME.match(line)
        found = match_name(name[1]) if name else None
        if found is not None and found.kind is NameKind.READER:
            yield from found.models
    words = {_NO_SIGN.sub("", word) for word in _MODEL_WORD.findall(plain)}
    words = {word for word in words if len(word) >= _LEAST}
    if words:
        yield from (model for model in reader_table().models if words & _names_of(model))


def _names_of(model: ReaderModel) -> frozenset[str]:
    """The model's names as people write them: without what stands after a slash or hyphen too."""
    names: set[str] = set()
    for word in re.findall(r"[A-Z0-9][-A-Z0-9./]*", model.model.upper()):
        parts = [word, word.split("/")[0], *word.split("/")]
        names |= {_NO_SIGN.sub("", part) for part in parts}
    return frozenset(name for name in names if len(name) >= _LEAST and re.search(r"\d", name))


def _model(model: ReaderModel) -> Code:
    unsuitable = model.type_b == "no" or model.interface is Interface.VIRTUAL
    texts = {}
    for lang in LANGUAGES:
        words = labels(lang)
        known = model.type_b or ("contact" if model.interface is Interface.CONTACT else "unknown")
        texts[lang] = words["model"].format(
            kind=words[f"model-{model.interface.value}"], says=words[f"type-b-{known}"]
        )
    return Code(
        key=model.title,
        name=":".join(model.usb) if model.usb else None,
        entries=_UNSUITABLE if unsuitable else _MODEL,
        texts=texts,
        source="; ".join(model.sources),
        confidence=model.confidence,
        as_of=model.as_of,
    )


def _unlisted(match: re.Match[str]) -> Code:
    return Code(
        key=f"{match[1]}:{match[2]}".lower(),
        name=None,
        entries=_UNSUITABLE,
        texts={lang: labels(lang)["model-unlisted"] for lang in LANGUAGES},
        source=_TABLE,
        confidence="low",
        as_of=reader_table().as_of,
    )


def _card(text: str) -> Iterator[Code]:
    try:
        atr = Atr.parse(bytes.fromhex(re.sub("[^0-9A-F]", "", text)))
    except (MalformedAtrError, ValueError):
        return
    data = None if atr.type_b is None else atr.type_b.application_data
    kind = "my-number" if data in _MY_NUMBER else "jukicard" if data == _JUKICARD else "other"
    yield Code(
        key="ATR",
        name=None,
        entries=("card-juki", *_CARD) if kind == "jukicard" else _CARD,
        texts={lang: labels(lang)[f"atr-{kind}"] for lang in LANGUAGES},
        source=_SOURCE,
        confidence="medium",
        as_of="2026-11",
    )
