# SPDX-License-Identifier: Apache-2.0
"""What is said of each kind of result, as a document; nothing here lays out or writes."""
