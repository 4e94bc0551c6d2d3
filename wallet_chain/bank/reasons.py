"""Reasons that stand on chain in clear: short codes, so that they can hold nothing personal."""

import re

from wallet_chain.errors import InvalidRequest

_CODE = re.compile(r"[a-z0-9_]{1,31}", re.ASCII)


def read_reason(code: str) -> bytes:
    """A reason code as the contracts' bytes32. Raises InvalidRequest."""
    if not _CODE.fullmatch(code):
        raise InvalidRequest(
            "A reason code has 1 to 31 of a-z, 0-9 and _, like fraud_suspected.",
            field="reason_code",
        )
    return code.encode().ljust(32, b"\x00")
