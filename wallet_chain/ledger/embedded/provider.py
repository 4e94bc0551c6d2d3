"""web3 over an embedded chain in the same process, without HTTP."""

from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from wallet_chain.ledger.embedded.chain import EmbeddedChain
from wallet_chain.ledger.embedded.rpc_error import RpcError


class EmbeddedProvider(JSONBaseProvider):
    """``Web3(EmbeddedProvider(chain))``: each request is one call of ``chain.handle``."""

    def __init__(self, chain: EmbeddedChain) -> None:
        super().__init__()
        self._chain = chain

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """The JSON-RPC response; a refusal of the chain becomes its ``error`` member."""
        request_id = next(self.request_counter)
        try:
            result = self._chain.handle(method, params)
        except RpcError as error:
            return {"jsonrpc": "2.0", "id": request_id, "error": error.as_object()}  # type: ignore[typeddict-item]
        return {"jsonrpc": "2.0", "id": request_id, "result": result}

    def make_batch_request(
        self, requests: list[tuple[RPCEndpoint, Any]]
    ) -> list[RPCResponse] | RPCResponse:
        """The responses in the order of the requests."""
        return [self.make_request(method, params) for method, params in requests]

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002
        """Always: the chain is in this process."""
        return True
