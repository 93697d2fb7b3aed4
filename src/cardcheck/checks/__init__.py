# SPDX-License-Identifier: Apache-2.0
"""Facts to findings. Pure: a check reads, prints, sleeps, prompts, fixes and raises nothing."""
