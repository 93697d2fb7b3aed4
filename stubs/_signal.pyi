# SPDX-License-Identifier: Apache-2.0
# CPython's own module below ``signal``, which typeshed leaves out: only what we call.
from collections.abc import Callable
from types import FrameType

SIGINT: int
SIGTERM: int

def signal(
    number: int, handler: Callable[[int, FrameType | None], object] | int, /
) -> Callable[[int, FrameType | None], object] | int | None: ...
