# SPDX-License-Identifier: Apache-2.0
"""Tests in Windows programs under Wine; run by ``scripts/lab-windows`` only."""
