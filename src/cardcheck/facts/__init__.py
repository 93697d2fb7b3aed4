# SPDX-License-Identifier: Apache-2.0
"""What was observed, as frozen values: the host, the readers, the cards. Checks decide on these alone."""
