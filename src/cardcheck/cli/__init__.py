# SPDX-License-Identifier: Apache-2.0
"""The command line: options, what is put together from them, and exit codes."""
