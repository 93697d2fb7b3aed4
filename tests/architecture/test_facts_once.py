# SPDX-License-Identifier: Apache-2.0
"""Each fact has one home: no two constants hold the same set, table, pattern or bytes."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME: Final = Path(__file__).parents[2] / "src/cardcheck"
MAKERS: Final = {"frozenset", "compile", "fromhex", "timezone", "timedelta", "slice", "tuple"}
ALLOWED: Final[dict[str, str]] = {}
"""Constants that may stand twice, as a module and name: why."""


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def written(value: ast.expr) -> str | None:
    """How a set, table, pattern or run of bytes is written; None for a scalar, empty or derived.

    A set is the same in any order, and as a set, frozenset or tuple.
    """
    if isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else ast.unparse(value.func)
        if name not in MAKERS or not value.args:
            return None
        inner = value.args[0]
        return written(inner) if name in {"frozenset", "tuple"} else f"{name} {ast.dump(value)}"
    if isinstance(value, ast.Set | ast.Tuple | ast.List) and len(value.elts) > 1:
        return f"set {sorted(ast.dump(each) for each in value.elts)}"
    if isinstance(value, ast.Dict) and len(value.keys) > 1:
        pairs = zip(value.keys, value.values, strict=True)
        return f"table {sorted(ast.dump(k) + ast.dump(v) for k, v in pairs if k is not None)}"
    if isinstance(value, ast.Constant) and isinstance(value.value, bytes) and len(value.value) > 2:
        return f"bytes {value.value!r}"
    return None


def doubles(modules: dict[str, str]) -> dict[str, list[str]]:
    """What stands more than once, and where."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module, source in modules.items():
        for name, value in constants(ast.parse(source)):
            text = written(value)
            if text is not None and f"{module} {name}" not in ALLOWED:
                found[text].append(f"{module} {name}")
    return {text: places for text, places in found.items() if len(places) > 1}


def test_no_fact_stands_twice() -> None:
    paths = sorted(HOME.rglob("*.py"))
    modules = {str(path.relative_to(HOME)): path.read_text("utf-8") for path in paths}
    assert list(doubles(modules).values()) == []
    known = {f"{m} {name}" for m, s in modules.items() for name, _ in constants(ast.parse(s))}
    assert set(ALLOWED) <= known


def test_a_double_is_seen_in_any_dress() -> None:
    same = {"a": "X: Final = frozenset({1, 2})", "b": "Y = (2, 1)", "c": "Z = {1, 2}"}
    assert [len(places) for places in doubles(same).values()] == [3]
    assert doubles({"a": "P = re.compile('x+')", "b": "Q: Final = re.compile('x+')"})
    assert doubles({"a": "T = {1: 2, 3: 4}", "b": "U = {3: 4, 1: 2}"})
    assert not doubles({"a": "A = 5", "b": "B = 5", "c": "C = ()", "d": "D = ('x',)"})
