# SPDX-License-Identifier: Apache-2.0
"""The reports of many stations, rolled up. Reads files of anybody; runs nothing."""
