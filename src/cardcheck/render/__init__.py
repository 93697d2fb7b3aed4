# SPDX-License-Identifier: Apache-2.0
"""What is said, as documents, and each format that writes it; sentences come from the catalog."""
