# SPDX-License-Identifier: Apache-2.0
"""One module a command; each imports what it needs only when it runs."""
