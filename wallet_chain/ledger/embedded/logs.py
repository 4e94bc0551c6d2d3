"""eth_getLogs: which logs of which blocks answer a filter."""

from collections.abc import Iterator
from typing import Any

from eth.abc import BlockHeaderAPI, LogAPI
from eth_bloom.bloom import BloomFilter

from wallet_chain.ledger.embedded.blocks import BlockReader
from wallet_chain.ledger.embedded.hexadecimal import read_address, read_hash, read_quantity
from wallet_chain.ledger.embedded.rendering import render_logs
from wallet_chain.ledger.embedded.rpc_error import LIMIT_EXCEEDED, RpcError, invalid_params, refused

BLOCK_RANGE_MAX = 10_000
_TOPICS_MAX = 4


class LogFilter:
    """Addresses and topic positions, where an empty choice at a position admits anything."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        """Read ``address`` and ``topics``; raises RpcError -32602 when they are malformed."""
        addresses = parameters.get("address") or []
        if isinstance(addresses, str):
            addresses = [addresses]
        self._addresses = {read_address(address, "address") for address in addresses}
        positions = parameters.get("topics") or []
        if not isinstance(positions, list) or len(positions) > _TOPICS_MAX:
            raise invalid_params(f"topics: a list of at most {_TOPICS_MAX} positions")
        self._positions = [_topic_choice(choice) for choice in positions]

    def may_match(self, header: BlockHeaderAPI) -> bool:
        """False only when the header's bloom filter rules the block out."""
        if not header.bloom:
            return False
        bloom = BloomFilter(header.bloom)
        choices: list[set[bytes]] = [self._addresses]
        choices += [
            {topic.to_bytes(32, "big") for topic in position} for position in self._positions
        ]
        return all(not choice or any(item in bloom for item in choice) for choice in choices)

    def matches(self, log: LogAPI) -> bool:
        """Whether one log answers the filter."""
        if self._addresses and log.address not in self._addresses:
            return False
        if len(self._positions) > len(log.topics):
            return False
        return all(
            not choice or topic in choice
            for choice, topic in zip(self._positions, log.topics, strict=False)
        )


def _topic_choice(choice: Any) -> set[int]:
    if choice is None:
        return set()
    alternatives = choice if isinstance(choice, list) else [choice]
    if None in alternatives:
        return set()
    return {int.from_bytes(read_hash(topic, "topic"), "big") for topic in alternatives}


def find_logs(reader: BlockReader, parameters: Any) -> list[dict[str, Any]]:
    """The logs of one block (``blockHash``) or of a range that answer a filter, in order.

    Raises RpcError -32602 for a malformed filter, -32000 for a block hash that is not on the
    chain, and -32005 for a range of more than 10,000 blocks.
    """
    if not isinstance(parameters, dict):
        raise invalid_params("filter: expected an object")
    log_filter = LogFilter(parameters)
    found = []
    for header in _headers(reader, parameters):
        if not log_filter.may_match(header):
            continue
        record = reader.record(header)
        for index, receipt in enumerate(record.receipts):
            if any(log_filter.matches(log) for log in receipt.logs):
                rendered = render_logs(record, index)
                found += [
                    entry
                    for entry, log in zip(rendered, receipt.logs, strict=True)
                    if log_filter.matches(log)
                ]
    return found


def _headers(reader: BlockReader, parameters: dict[str, Any]) -> Iterator[BlockHeaderAPI]:
    if "blockHash" in parameters:
        if "fromBlock" in parameters or "toBlock" in parameters:
            raise invalid_params("filter: give blockHash or a range, not both")
        header = reader.header_of(read_hash(parameters["blockHash"], "blockHash"))
        if header is None:
            raise refused("unknown block")
        yield header
        return
    first = _height(reader, parameters.get("fromBlock"))
    last = min(_height(reader, parameters.get("toBlock")), reader.head().block_number)
    if last - first >= BLOCK_RANGE_MAX:
        raise RpcError(
            LIMIT_EXCEEDED, f"the range covers {last - first + 1} blocks; at most {BLOCK_RANGE_MAX}"
        )
    for number in range(first, last + 1):
        numbered = reader.header_at(number)
        if numbered is not None:
            yield numbered


def _height(reader: BlockReader, tag: Any) -> int:
    if isinstance(tag, str) and tag.startswith("0x"):
        return read_quantity(tag, "block")
    return int(reader.require_header(tag).block_number)
