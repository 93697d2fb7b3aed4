# SPDX-License-Identifier: Apache-2.0
"""What a card is: its applications and files, how it is identified, and how it is read. No I/O."""
