# SPDX-License-Identifier: Apache-2.0
"""The fuzz targets hold for every seed that was kept, and for what Hypothesis makes of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

FOLDER = Path(__file__).parents[2] / "fuzz"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TARGETS: dict[str, Callable[[bytes], None]] = load("targets").TARGETS
SEEDS: dict[str, list[bytes]] = {name: load("run").seeds_of(name) for name in TARGETS}


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_survived(name: str) -> None:
    assert SEEDS[name]
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_becomes_of_a_seed_is_survived(name: str) -> None:
    seeds = [seed for seed in SEEDS[name] if len(seed) < 20_000]

    @settings(max_examples=40)
    @given(st.sampled_from(seeds), st.integers(0), st.binary(max_size=8), st.integers(0, 20))
    def survives(seed: bytes, place: int, inserted: bytes, cut: int) -> None:
        place %= len(seed) + 1
        TARGETS[name](seed[:place] + inserted + seed[place + cut :])

    survives()


def test_seeds_survive_being_kept(tmp_path: Path) -> None:
    run = load("run")
    run.unpack("atr", tmp_path)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == set(SEEDS["atr"])
