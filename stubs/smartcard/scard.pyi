# SPDX-License-Identifier: Apache-2.0
# The part of pyscard's C layer that cardcheck uses. Every function gives the result code first and raises
# nothing but TypeError and OverflowError for wrong arguments; codes are signed on Windows.
from collections.abc import Sequence
from typing import Final

def SCardEstablishContext(dwScope: int) -> tuple[int, int]: ...
def SCardReleaseContext(hcontext: int) -> int: ...
def SCardIsValidContext(hcontext: int) -> int: ...
def SCardCancel(hcontext: int) -> int: ...
def SCardListReaders(hcontext: int, readergroups: Sequence[str]) -> tuple[int, list[str]]: ...
def SCardGetStatusChange(
    hcontext: int,
    dwTimeout: int,
    readerstatelist: Sequence[tuple[str, int] | tuple[str, int, list[int]]],
) -> tuple[int, list[tuple[str, int, list[int]]]]: ...
def SCardConnect(
    hcontext: int, readername: str, dwShareMode: int, dwPreferredProtocols: int
) -> tuple[int, int, int]: ...
def SCardReconnect(
    hcard: int, dwShareMode: int, dwPreferredProtocols: int, dwInitialization: int
) -> tuple[int, int]: ...
def SCardDisconnect(hcard: int, dwDisposition: int) -> int: ...
def SCardBeginTransaction(hcard: int) -> int: ...
def SCardEndTransaction(hcard: int, dwDisposition: int) -> int: ...
def SCardTransmit(
    hcard: int, pioSendPci: int, apducommand: Sequence[int]
) -> tuple[int, list[int]]: ...
def SCardStatus(hcard: int) -> tuple[int, str, int, int, list[int]]: ...
def SCardGetAttrib(hcard: int, dwAttrId: int) -> tuple[int, list[int]]: ...
def SCardControl(
    hcard: int, dwControlCode: int, inbuffer: Sequence[int]
) -> tuple[int, list[int]]: ...
def SCardGetErrorMessage(lErrCode: int) -> str: ...
def SCARD_CTL_CODE(code: int) -> int: ...

INFINITE: Final[int]
SCARD_ATTR_ATR_STRING: Final[int]
SCARD_ATTR_CHANNEL_ID: Final[int]
SCARD_ATTR_DEVICE_FRIENDLY_NAME: Final[int]
SCARD_ATTR_DEVICE_FRIENDLY_NAME_A: Final[int]
SCARD_ATTR_DEVICE_FRIENDLY_NAME_W: Final[int]
SCARD_ATTR_DEVICE_SYSTEM_NAME: Final[int]
SCARD_ATTR_DEVICE_SYSTEM_NAME_A: Final[int]
SCARD_ATTR_DEVICE_SYSTEM_NAME_W: Final[int]
SCARD_ATTR_ICC_INTERFACE_STATUS: Final[int]
SCARD_ATTR_ICC_PRESENCE: Final[int]
SCARD_ATTR_ICC_TYPE_PER_ATR: Final[int]
SCARD_ATTR_VENDOR_IFD_SERIAL_NO: Final[int]
SCARD_ATTR_VENDOR_IFD_TYPE: Final[int]
SCARD_ATTR_VENDOR_IFD_VERSION: Final[int]
SCARD_ATTR_VENDOR_NAME: Final[int]
SCARD_EJECT_CARD: Final[int]
SCARD_E_BAD_SEEK: Final[int]
SCARD_E_CANCELLED: Final[int]
SCARD_E_CANT_DISPOSE: Final[int]
SCARD_E_CARD_UNSUPPORTED: Final[int]
SCARD_E_CERTIFICATE_UNAVAILABLE: Final[int]
SCARD_E_COMM_DATA_LOST: Final[int]
SCARD_E_DIR_NOT_FOUND: Final[int]
SCARD_E_DUPLICATE_READER: Final[int]
SCARD_E_FILE_NOT_FOUND: Final[int]
SCARD_E_ICC_CREATEORDER: Final[int]
SCARD_E_ICC_INSTALLATION: Final[int]
SCARD_E_INSUFFICIENT_BUFFER: Final[int]
SCARD_E_INVALID_ATR: Final[int]
SCARD_E_INVALID_CHV: Final[int]
SCARD_E_INVALID_HANDLE: Final[int]
SCARD_E_INVALID_PARAMETER: Final[int]
SCARD_E_INVALID_TARGET: Final[int]
SCARD_E_INVALID_VALUE: Final[int]
SCARD_E_NOT_READY: Final[int]
SCARD_E_NOT_TRANSACTED: Final[int]
SCARD_E_NO_ACCESS: Final[int]
SCARD_E_NO_DIR: Final[int]
SCARD_E_NO_FILE: Final[int]
SCARD_E_NO_KEY_CONTAINER: Final[int]
SCARD_E_NO_MEMORY: Final[int]
SCARD_E_NO_READERS_AVAILABLE: Final[int]
SCARD_E_NO_SERVICE: Final[int]
SCARD_E_NO_SMARTCARD: Final[int]
SCARD_E_NO_SUCH_CERTIFICATE: Final[int]
SCARD_E_PCI_TOO_SMALL: Final[int]
SCARD_E_PROTO_MISMATCH: Final[int]
SCARD_E_READER_UNAVAILABLE: Final[int]
SCARD_E_READER_UNSUPPORTED: Final[int]
SCARD_E_SERVER_TOO_BUSY: Final[int]
SCARD_E_SERVICE_STOPPED: Final[int]
SCARD_E_SHARING_VIOLATION: Final[int]
SCARD_E_SYSTEM_CANCELLED: Final[int]
SCARD_E_TIMEOUT: Final[int]
SCARD_E_UNEXPECTED: Final[int]
SCARD_E_UNKNOWN_CARD: Final[int]
SCARD_E_UNKNOWN_READER: Final[int]
SCARD_E_UNKNOWN_RES_MNG: Final[int]
SCARD_E_UNSUPPORTED_FEATURE: Final[int]
SCARD_E_WRITE_TOO_MANY: Final[int]
SCARD_F_COMM_ERROR: Final[int]
SCARD_F_INTERNAL_ERROR: Final[int]
SCARD_F_UNKNOWN_ERROR: Final[int]
SCARD_F_WAITED_TOO_LONG: Final[int]
SCARD_LEAVE_CARD: Final[int]
SCARD_PCI_RAW: Final[int]
SCARD_PCI_T0: Final[int]
SCARD_PCI_T1: Final[int]
SCARD_PROTOCOL_ANY: Final[int]
SCARD_PROTOCOL_DEFAULT: Final[int]
SCARD_PROTOCOL_OPTIMAL: Final[int]
SCARD_PROTOCOL_RAW: Final[int]
SCARD_PROTOCOL_T0: Final[int]
SCARD_PROTOCOL_T1: Final[int]
SCARD_PROTOCOL_T15: Final[int]
SCARD_PROTOCOL_Tx: Final[int]
SCARD_PROTOCOL_UNDEFINED: Final[int]
SCARD_PROTOCOL_UNSET: Final[int]
SCARD_P_SHUTDOWN: Final[int]
SCARD_RESET_CARD: Final[int]
SCARD_SCOPE_SYSTEM: Final[int]
SCARD_SCOPE_TERMINAL: Final[int]
SCARD_SCOPE_USER: Final[int]
SCARD_SHARE_DIRECT: Final[int]
SCARD_SHARE_EXCLUSIVE: Final[int]
SCARD_SHARE_SHARED: Final[int]
SCARD_STATE_ATRMATCH: Final[int]
SCARD_STATE_CHANGED: Final[int]
SCARD_STATE_EMPTY: Final[int]
SCARD_STATE_EXCLUSIVE: Final[int]
SCARD_STATE_IGNORE: Final[int]
SCARD_STATE_INUSE: Final[int]
SCARD_STATE_MUTE: Final[int]
SCARD_STATE_PRESENT: Final[int]
SCARD_STATE_UNAVAILABLE: Final[int]
SCARD_STATE_UNAWARE: Final[int]
SCARD_STATE_UNKNOWN: Final[int]
SCARD_STATE_UNPOWERED: Final[int]
SCARD_S_SUCCESS: Final[int]
SCARD_UNPOWER_CARD: Final[int]
SCARD_W_CANCELLED_BY_USER: Final[int]
SCARD_W_CARD_NOT_AUTHENTICATED: Final[int]
SCARD_W_CHV_BLOCKED: Final[int]
SCARD_W_EOF: Final[int]
SCARD_W_REMOVED_CARD: Final[int]
SCARD_W_RESET_CARD: Final[int]
SCARD_W_SECURITY_VIOLATION: Final[int]
SCARD_W_UNPOWERED_CARD: Final[int]
SCARD_W_UNRESPONSIVE_CARD: Final[int]
SCARD_W_UNSUPPORTED_CARD: Final[int]
SCARD_W_WRONG_CHV: Final[int]
