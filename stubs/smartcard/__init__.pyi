# SPDX-License-Identifier: Apache-2.0
# pyscard ships no types; only its C layer is used.
