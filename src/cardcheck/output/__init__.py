# SPDX-License-Identifier: Apache-2.0
"""What leaves this program: text on streams, files, archives. Nothing here knows what is said."""
