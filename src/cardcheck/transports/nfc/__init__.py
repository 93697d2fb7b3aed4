# SPDX-License-Identifier: Apache-2.0
"""NFC devices that PC/SC does not serve, by nfcpy in a child process of its own."""
