# SPDX-License-Identifier: Apache-2.0
"""Logs of other tools as traces: pcscd, OpenSC, pcsc-spy, apdu4j."""
