# SPDX-License-Identifier: Apache-2.0
"""A document as one self-contained page: for a phone, a desk, the dark, and one A4 sheet.

What belongs here: the templates' environment, which escapes every value, and geometry for
drawings. What does not: elements (``templates/``), colours and layout (``page.css``), what is said
(``pages``). Nothing is fetched and nothing runs: no script, no link.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from cardcheck.render import drawings
from cardcheck.render.base import safe
from cardcheck.render.document import Share

if TYPE_CHECKING:
    from cardcheck.render.document import Document


def html_text(document: Document) -> str:
    """The whole page."""
    style = Markup(_file("page.css"))  # noqa: S704 - our own file
    return _environment().get_template("page.html").render(document=document, style=style)


def warm_up() -> None:
    """Compiles the templates (some 0.1 s with their libraries), where there is time to spare."""
    from importlib import import_module

    import_module("segno")
    for name in ("page.html", "blocks.html", "drawings.html"):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: _file(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.tests["share"] = lambda cell: isinstance(cell, Share)
    environment.globals["drawings"] = drawings
    return environment


def _harmless(value: object) -> object:
    """A value as one harmless line, before it is escaped; a template's own output as it is."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else safe(str(value))


def _file(name: str) -> str:
    return files("cardcheck.render").joinpath(name).read_text(encoding="utf-8")
