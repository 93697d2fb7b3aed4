# SPDX-License-Identifier: Apache-2.0
# The part of nfcpy that cardcheck uses; nfcpy ships no types.
from nfc.clf import ContactlessFrontend as ContactlessFrontend

__version__: str
