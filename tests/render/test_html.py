# SPDX-License-Identifier: Apache-2.0
"""The page: well-formed, harmless, without personal data, readable in contrast, on one A4 sheet."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cardcheck import BUILD_DATE, __version__
from cardcheck.catalog.messages import LANGUAGES, Language
from cardcheck.catalog.people import load_people
from cardcheck.checks import placement as judging
from cardcheck.facts.placement import PlacementFacts, SpotFacts
from cardcheck.render.html import html_text
from cardcheck.render.pages.placement import placement_page
from cardcheck.render.pages.report import report_page
from cardcheck.render.support import support_code
from checks.test_placement import reads
from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report
    from cardcheck.report.placement import PlacementReport

GOLDEN = Path(__file__).parents[1] / "golden"
VOID = {"meta", "br"}
HOSTILE = '<script>alert(1)</script>" onload="x\' &amp; \x1b[31m\u202e</style></title>'


class Reader(HTMLParser):
    """Checks that every element is closed, and collects what is in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


def parsed(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def page_of(report: Report, lang: Language = "ja", placement: PlacementReport | None = None) -> str:
    messages = load_people(lang)
    if placement is None:
        return html_text(report_page(report, messages))
    return html_text(placement_page(report, placement, messages))


def placement(pattern: str) -> PlacementReport:
    facts = PlacementFacts(spots=[SpotFacts(reads(pattern))])
    return judging.placement_report(facts, "r0", interrupted=False)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["ready", "expired", "simulated"])
def test_golden(name: str, lang: Language, update_golden: bool) -> None:
    path = GOLDEN / f"html-{name}-{lang}.html"
    page = page_of(examples.ALL[name], lang).replace(__version__, "0.0.0").replace(BUILD_DATE, "?")
    page = re.sub(r"(?s)<style>.*</style>", "<style></style>", page)
    if update_golden:
        path.write_text(page, encoding="utf-8")
    assert page == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
def test_every_page_is_well_formed_and_outlined(report: Report, lang: Language) -> None:
    page = parsed(page_of(report, lang, placement=placement("." * 20 + "xs" * 5)))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert dict(page.tags)["html"] == {"lang": lang}
    drawn = [given for tag, given in page.tags if tag == "svg"]
    assert all(g.get("aria-label") or g.get("aria-hidden") for g in drawn if "class" in g)
    assert [tag for tag, _ in page.tags].count("main") == 1


@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
def test_nothing_is_loaded_and_nothing_runs(report: Report) -> None:
    page = parsed(page_of(report, placement=placement("." * 30)))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "a", "base", "use"}
    for _, attributes in page.tags:
        assert not [
            key for key in attributes if key.startswith("on") or key in {"src", "href", "style"}
        ]
    css = files("cardcheck.render").joinpath("page.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", css)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hostile_name_is_harmless(lang: Language) -> None:
    reader = replace(examples.READER, name=HOSTILE, model=HOSTILE, why=HOSTILE)
    findings = tuple(
        replace(f, evidence={**f.evidence, "name": HOSTILE, "model": HOSTILE, "code": HOSTILE})
        for f in examples.EXPIRED.findings
    )
    report = replace(
        examples.EXPIRED, readers=(reader,), findings=findings, platform={"system": HOSTILE}
    )
    page = page_of(report, lang)
    assert "\x1b" not in page
    assert "\u202e" not in page
    found = parsed(page)
    assert "script" not in {tag for tag, _ in found.tags}
    assert not [g for _, g in found.tags if "onload" in g]
    assert "<script>alert(1)</script>" in found.words


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_name_stays_text(name: str) -> None:
    reader = replace(examples.READER, name=name, model=None)
    shown = parsed(page_of(replace(examples.READY, readers=(reader,))))
    plain = parsed(page_of(replace(examples.READY, readers=(replace(reader, name="x"),))))
    assert [tag for tag, _ in shown.tags] == [tag for tag, _ in plain.tags]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", [examples.READY, examples.EXPIRED], ids=["ready", "expired"])
def test_no_date_of_the_card_no_serial_no_station(report: Report, lang: Language) -> None:
    page = page_of(replace(report, station="counter-7"), lang)
    for secret in (
        "2031",
        "2036",
        "2025",
        "2026-03",
        examples.PERSONAL_SERIAL,
        "counter-7",
        "1573",
    ):
        assert secret not in page, secret


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_of_place_is_told_and_drawn(lang: Language) -> None:
    page = parsed(page_of(examples.READY, lang, placement=placement("." * 27 + "xxx")))
    [chart] = [g for tag, g in page.tags if g.get("class") == "chart" and tag == "svg"]
    assert "27" not in (chart["aria-label"] or "")
    assert "30" in (chart["aria-label"] or "")
    assert [tag for tag, g in page.tags].count("rect") >= 27
    assert len([g for tag, g in page.tags if g.get("class") == "failed"]) == 3


def test_the_drawing_fits_the_reader() -> None:
    contact = replace(examples.NO_CARD.readers[0], interface="contact")
    flat = page_of(examples.NO_CARD)
    slot = page_of(replace(examples.NO_CARD, readers=(contact,)))
    messages = load_people("ja")
    assert messages.label("html-how-contactless") in flat
    assert messages.label("html-how-contact") in slot
    assert messages.label("html-drawing") not in page_of(examples.READY)


def test_the_support_code_is_there_to_be_read_and_to_be_scanned() -> None:
    page = parsed(page_of(examples.EXPIRED))
    code = support_code(examples.EXPIRED)
    assert code is not None
    assert code in page.words
    [qr] = [attributes for tag, attributes in page.tags if attributes.get("class") == "qr"]
    assert qr["role"] == "img"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_has_contrast_enough_in_light_dark_and_print() -> None:
    css = files("cardcheck.render").joinpath("page.css").read_text(encoding="utf-8")
    schemes = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{([^}]*--paper[^}]*)\}", css)
    ]
    assert len(schemes) == 3
    for scheme in schemes:
        for ground in ("paper", "soft"):
            for ink in ("ink", "quiet", "ok", "warning", "error", "unknown", "accent"):
                light, dark = sorted((luminance(scheme[ground]), luminance(scheme[ink])))[::-1]
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, ink, scheme)


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
PDFINFO = shutil.which("pdfinfo")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed: page unseen")


def browse(tmp_path: Path, *options: str, timeout: float = 50) -> str:
    assert BROWSER is not None
    command = [BROWSER, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *options]
    run = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    return run.stdout


@needs_browser
@pytest.mark.skipif(PDFINFO is None, reason="pdfinfo (poppler-utils) is not installed")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("run", [None, "." * 22 + "x" * 8], ids=["scan", "place"])
def test_it_prints_on_one_sheet_with_the_technical_part(
    tmp_path: Path, lang: Language, run: str | None
) -> None:
    page = tmp_path / "page.html"
    shown = page_of(examples.EXPIRED, lang, placement=placement(run) if run else None)
    page.write_text(shown, encoding="utf-8")
    browse(
        tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'a.pdf'}", page.as_uri()
    )
    told = subprocess.run(
        [str(PDFINFO), tmp_path / "a.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"Pages:\s+1\n", told), told
    assert "A4" in told
    pdf = ["pdftotext", str(tmp_path / "a.pdf"), "-"]
    text = subprocess.run(pdf, capture_output=True, text=True, check=True).stdout
    assert "card.pin.signature-usable" in text  # of the part that is folded on a screen
    assert "0120-95-0178" in text


def test_print_is_large_enough_for_old_eyes() -> None:
    css = files("cardcheck.render").joinpath("page.css").read_text(encoding="utf-8")
    [size] = re.findall(r"html \{ font-size: ([\d.]+)pt", css)
    assert 11 <= float(size) <= 12


@needs_browser
def test_a_browser_runs_nothing_of_a_hostile_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    reader = replace(examples.READER, name=evil)
    page.write_text(page_of(replace(examples.READY, readers=(reader,))), encoding="utf-8")
    dom = browse(tmp_path, "--dump-dom", page.as_uri())
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title is not None
    assert title[1] == load_people("ja").label("html-title")
    assert "&lt;script&gt;" in dom
