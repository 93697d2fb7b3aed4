# SPDX-License-Identifier: Apache-2.0
"""The ways to a card: links, the layers and the guard over them, and the drivers.

The only place with card I/O.
"""
