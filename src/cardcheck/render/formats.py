# SPDX-License-Identifier: Apache-2.0
"""The one table of formats: what a format needs to know of a result, and which module writes it.

What belongs here: ``Format``, ``Views`` and the way from one to the other. A new format is one
module and one member here; every command whose result has the view that it needs then has it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, assert_never

from msgspec import Struct

from cardcheck.render.base import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.render.document import Document, Table
    from cardcheck.render.junit import Suite
    from cardcheck.render.nagios import Status
    from cardcheck.render.prometheus import Family

_T = TypeVar("_T")


class View(StrEnum):
    """Ways to look at a result; the values are the attributes of ``Views``."""

    SCREEN = "screen"
    PAGE = "page"
    DATA = "data"
    TABLE = "table"
    SUITE = "suite"
    STATUS = "status"
    METRICS = "metrics"


class Format(StrEnum):
    """How a result is written; the values are those of ``--format``."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    HTML = "html"
    CSV = "csv"
    JUNIT = "junit"
    NAGIOS = "nagios"
    PROMETHEUS = "prometheus"

    @property
    def view(self) -> View:
        """What it needs to know of a result."""
        match self:
            case Format.TEXT:
                return View.SCREEN
            case Format.HTML:
                return View.PAGE
            case Format.JSON | Format.JSONL:
                return View.DATA
            case Format.CSV:
                return View.TABLE
            case Format.JUNIT:
                return View.SUITE
            case Format.NAGIOS:
                return View.STATUS
            case Format.PROMETHEUS:
                return View.METRICS
            case _:
                assert_never(self)


def formats_for(views: Sequence[View], *, log: bool = False) -> tuple[Format, ...]:
    """The formats that a command with these views can have; JSON in one line only for a ``log``."""
    return tuple(
        each for each in Format if each.view in views and (log or each is not Format.JSONL)
    )


class Views(Struct, frozen=True, kw_only=True):
    """A result as each format needs it, made only when that format is asked for.

    Attributes:
        screen: for text.
        page: for a page; None: the same as for text.
        data: what becomes JSON.
        table: rows.
        suite: test cases.
        status: for monitoring plugins.
        metrics: for monitoring by metrics.
        source: ``simulation`` or ``replay``, or None where it is real; marks formats whose view
            cannot say so itself.
    """

    screen: Callable[[], Document]
    data: Callable[[], object]
    page: Callable[[], Document] | None = None
    table: Callable[[], Table] | None = None
    suite: Callable[[], Suite] | None = None
    status: Callable[[], Status] | None = None
    metrics: Callable[[], Sequence[Family]] | None = None
    source: str | None = None


class Medium(Struct, frozen=True, kw_only=True):
    """Where text goes.

    Attributes:
        width: columns.
        encoding: which signs it has.
        terminal: whether a frame may be drawn.
        colour: whether escape sequences may be written.
    """

    width: int = WIDTH
    encoding: str = "utf-8"
    terminal: bool = False
    colour: bool = False


FILE = Medium()
"""A file, or whatever is read by a program."""


class UnsupportedError(ValueError):
    """A format that needs a view which the result does not have."""


def written(form: Format, views: Views, medium: Medium = FILE) -> str:
    """The result in one format.

    Raises:
        UnsupportedError: the result lacks the view; the command should not offer the format.
    """
    match form:
        case Format.TEXT:
            return text_of(views.screen(), medium)
        case Format.HTML:
            from cardcheck.render.html import html_text

            return html_text((views.page or views.screen)())
        case Format.JSON | Format.JSONL:
            from cardcheck.render.json_report import dumps

            return dumps(views.data(), one_line=form is Format.JSONL)
        case Format.CSV:
            from cardcheck.render.csv import csv_text

            return csv_text(_view(views.table, form), views.source)
        case Format.JUNIT:
            from cardcheck.render.junit import junit_text

            return junit_text(_view(views.suite, form))
        case Format.NAGIOS:
            from cardcheck.render.nagios import nagios_text

            return nagios_text(_view(views.status, form))
        case Format.PROMETHEUS:
            from cardcheck.render.prometheus import prometheus_text

            return prometheus_text(_view(views.metrics, form))
        case _:
            assert_never(form)


def exit_code(form: Format, views: Views, code: int) -> int:
    """``code``, or that of a plugin: monitoring has exit codes of its own."""
    if form is Format.NAGIOS and views.status is not None:
        return views.status().state.value
    return code


def text_of(document: Document, medium: Medium) -> str:
    """A document for a terminal, or plain."""
    if medium.terminal:
        from cardcheck.render.terminal import terminal_text

        return terminal_text(
            document, width=medium.width, encoding=medium.encoding, colour=medium.colour
        )
    from cardcheck.render.plain import plain_text

    return plain_text(document, width=medium.width, encoding=medium.encoding)


def _view(view: Callable[[], _T] | None, form: Format) -> _T:
    if view is None:
        raise UnsupportedError(form.value)
    return view()
