# SPDX-License-Identifier: Apache-2.0
"""A reader at a counter: acceptance, morning check, health. Keeps nothing of a card."""
