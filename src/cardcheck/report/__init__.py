# SPDX-License-Identifier: Apache-2.0
"""What a diagnosis says, as data: findings, verdict, readiness, and the JSON document."""
