# SPDX-License-Identifier: Apache-2.0
from nfc.clf import ContactlessFrontend, RemoteTarget
from nfc.tag import Tag, TagCommandError

class Type4TagCommandError(TagCommandError):
    @staticmethod
    def from_status(status: bytes) -> Type4TagCommandError: ...

class IsoDepInitiator:
    miu: int
    # Seconds.
    fwt: float
    n_retry_nak: int
    n_retry_ack: int
    def __init__(self, clf: ContactlessFrontend, fsc: int, fwt: float) -> None: ...
    def exchange(
        self, command: bytes | bytearray | None, timeout: float | None = None
    ) -> bytearray | None: ...

class Type4Tag(Tag):
    _dep: IsoDepInitiator
    def transceive(
        self, data: bytes | bytearray, timeout: float | None = None
    ) -> bytearray | None: ...
    def send_apdu(
        self,
        cla: int,
        ins: int,
        p1: int,
        p2: int,
        data: bytes | None = None,
        mrl: int = 0,
        check_status: bool = True,
    ) -> bytearray: ...

class Type4ATag(Type4Tag): ...
class Type4BTag(Type4Tag): ...

def activate(clf: ContactlessFrontend, target: RemoteTarget) -> Type4ATag | Type4BTag | None: ...
