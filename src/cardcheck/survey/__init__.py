# SPDX-License-Identifier: Apache-2.0
"""Looks at every reader at once, behind deadlines, and notes what it sees; decides nothing."""
