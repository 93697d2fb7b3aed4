# SPDX-License-Identifier: Apache-2.0
"""Virtual cards, synthetic certificates, faults and profiles; never shown as hardware."""
