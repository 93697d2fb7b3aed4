# SPDX-License-Identifier: Apache-2.0
"""What must not be kept of a card, and what takes its place. Apart from reading cards; no I/O."""
