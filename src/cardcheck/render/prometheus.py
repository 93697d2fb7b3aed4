# SPDX-License-Identifier: Apache-2.0
"""Metrics as a text file for node_exporter's textfile collector (exposition format 0.0.4).

What belongs here: the way to ``prometheus_client``, which writes them. What does not: numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.core import Metric


class Family(Struct, frozen=True, kw_only=True):
    """One metric with its samples: labels and value.

    Attributes:
        name: without the prefix ``cardcheck_``, and of a counter without ``_total``.
        kind: what it is.
        help: one English sentence.
        samples: pairs of labels and value; a metric without one is not written.
    """

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    samples: tuple[tuple[dict[str, str], float], ...]


def prometheus_text(families: Sequence[Family]) -> str:
    """The metrics, in their order."""
    from prometheus_client.exposition import generate_latest
    from prometheus_client.registry import Collector, CollectorRegistry

    class Given(Collector):
        def collect(self) -> Iterator[Metric]:
            return map(_metric, (each for each in families if each.samples))

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Given())
    return generate_latest(registry).decode("utf-8")


def _metric(family: Family) -> Metric:
    from prometheus_client.core import Metric

    name = f"cardcheck_{family.name}"
    metric = Metric(name, family.help, family.kind)
    end = "_total" if family.kind == "counter" else ""
    for labels, value in family.samples:
        shown = {key: safe(text) for key, text in labels.items()}
        metric.add_sample(f"{name}{end}", shown, value)
    return metric
