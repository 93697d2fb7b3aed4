# SPDX-License-Identifier: Apache-2.0
"""cardcheck says why login with a My Number card fails, and what to do about it.

What belongs here: the version and the build date. What does not: any import, so that
``cardcheck --version`` stays fast.
"""

__version__ = "0.1.0"

# A computer clock before this day cannot be right, so certificates cannot be judged by it.
BUILD_DATE = "2026-11-21"
