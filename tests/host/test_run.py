# SPDX-License-Identifier: Apache-2.0
"""Running another program: output, deadline, and never an exception."""

from __future__ import annotations

import sys
import time

from cardcheck.host.run import output_of
from lab.patience import overtime


def test_output_comes_back_whatever_the_exit_code() -> None:
    program = "import sys; sys.stdout.buffer.write(b'a\\xff'); sys.exit(3)"
    assert output_of([sys.executable, "-c", program], 10) == "a\ufffd"


def test_a_missing_program_is_none() -> None:
    assert output_of(["/does/not/exist"], 1) is None
    assert output_of(["nul\0byte"], 1) is None


def test_a_hanging_program_is_ended() -> None:
    start = time.monotonic()
    assert output_of([sys.executable, "-c", "import time; time.sleep(60)"], 0.2) is None
    assert time.monotonic() - start < overtime(5)


def test_arguments_are_not_read_by_a_shell() -> None:
    program = "import sys; print(sys.argv[1], end='')"
    assert output_of([sys.executable, "-c", program, "$(id); x"], 10) == "$(id); x"
