# SPDX-License-Identifier: Apache-2.0
"""A report as plain text, as rich text and as JSON; every sentence comes from the catalog."""
