# SPDX-License-Identifier: Apache-2.0
"""The checks of ``doctor``: one for each root cause, pure, from host facts alone."""
