# SPDX-License-Identifier: Apache-2.0
"""How facts about this computer are obtained: sysfs, /proc, subprocesses. Changes nothing."""
