# SPDX-License-Identifier: Apache-2.0
"""What was observed of the host, the readers, the cards. Checks decide on these values alone."""
