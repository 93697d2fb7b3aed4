# SPDX-License-Identifier: Apache-2.0
"""What is done with recorded traces: judged, shown, compared, linted, imported."""
