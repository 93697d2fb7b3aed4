# SPDX-License-Identifier: Apache-2.0
"""Bytes to values and back, by ISO/IEC 7816 and X.690: no I/O, nothing about any one card."""
