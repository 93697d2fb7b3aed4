# SPDX-License-Identifier: Apache-2.0
"""Who starts programs, opens sockets, sleeps and reads clocks: what docs/architecture.md says."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
HOME: Final = ROOT / "src/cardcheck"
ARCHITECTURE: Final = (ROOT / "docs/architecture.md").read_text("utf-8")
TIMELESS: Final = {
    *("codec", "iso7816", "facts", "report", "catalog", "cards", "render", "fleet", "traces"),
}
CLOCKS: Final = re.compile(
    r"(time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep)"
    r"|(datetime\.)?(datetime|date)\.(now|today|utcnow))\Z"
)


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of all that is imported, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def clocks(tree: ast.AST) -> Iterator[str]:
    """Every mention of a clock or of sleeping."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and CLOCKS.match(text := ast.unparse(node)):
            yield text
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(HOME)): ast.parse(path.read_text("utf-8"))
        for path in sorted(HOME.rglob("*.py"))
    }


def test_three_modules_start_programs(trees: dict[str, ast.Module]) -> None:
    starting = {name for name, tree in trees.items() if "subprocess" in set(imported(tree))}
    assert starting == {"host/run.py", "host/signing.py", "transports/nfc/backend.py"}
    assert all(name[:-3].replace("/", ".") in ARCHITECTURE for name in starting)


def test_sockets_belong_to_the_computer_and_to_virtual_cards(trees: dict[str, ast.Module]) -> None:
    opening = {name for name, tree in trees.items() if "socket" in set(imported(tree))}
    assert opening
    assert {name.partition("/")[0] for name in opening} <= {"host", "simulation"}


def test_what_is_decided_has_no_clock(trees: dict[str, ast.Module]) -> None:
    reading = {name for name, tree in trees.items() if list(clocks(tree))}
    assert "deadline.py" in reading
    tops = {name.partition("/")[0].removesuffix(".py") for name in reading}
    assert tops & TIMELESS == set()
    assert {name for name in reading if name.startswith("checks/")} == {
        "checks/runner.py",
        "checks/diagnosis.py",
    }
    assert all(f"`{name}`" in ARCHITECTURE for name in TIMELESS)


def test_the_table_names_every_package_and_nothing_else() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \| .* \| .* \|$", ARCHITECTURE, re.MULTILINE))
    packages = {
        path.stem
        for path in HOME.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    for_others = {"__init__", "__main__", "testing", "pytest_plugin"}
    assert rows == packages - for_others


def test_the_glossary_is_sorted_and_linked() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    words = re.findall(r"^\| ([a-z][a-z ]*) \| ", glossary, re.MULTILINE)[1:]
    assert words == sorted(set(words))
    assert "(glossary.md)" in ARCHITECTURE
    assert "(docs/glossary.md)" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
