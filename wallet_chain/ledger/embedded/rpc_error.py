"""The one error that a JSON-RPC method may end with."""

from typing import Any

from wallet_chain.ledger.rpc import RpcFailure

# JSON-RPC 2.0, section 5.1.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# EIP-1474: the transaction or the call was understood and refused.
SERVER_ERROR = -32000
LIMIT_EXCEEDED = -32005
# Geth's code for a call that reverted; ``data`` then holds the revert bytes.
EXECUTION_REVERTED = 3


class RpcError(RpcFailure):
    """A refusal as JSON-RPC 2.0 (section 5.1) states it: code, message, and optional data."""

    def as_object(self) -> dict[str, Any]:
        """The ``error`` member of a JSON-RPC response."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


def invalid_params(message: str) -> RpcError:
    """A parameter that is missing, of the wrong type, or out of range."""
    return RpcError(INVALID_PARAMS, message)


def refused(message: str) -> RpcError:
    """A request that is well formed and that the chain will not carry out."""
    return RpcError(SERVER_ERROR, message)
