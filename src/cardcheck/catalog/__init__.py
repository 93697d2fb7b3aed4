# SPDX-License-Identifier: Apache-2.0
"""Data tables and their typed loaders: messages, advice, readers, fingerprints."""
