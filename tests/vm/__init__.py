# SPDX-License-Identifier: Apache-2.0
"""Tests in a guest with a real kernel; run by ``scripts/lab-vm`` only."""
