# SPDX-License-Identifier: Apache-2.0
"""Tests on real pcscd, libpcsclite and OpenSC; only the reader driver and the card are virtual."""
