// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedOrders} from "../orders/SignedOrders.sol";
import {ICrossBorder, QuoteTerms, RecallOrder, TransferOrder} from "./ICrossBorder.sol";

/// @title OrderHashes
/// @notice The EIP-712 digests of what is signed here.
abstract contract OrderHashes is SignedOrders, ICrossBorder {
    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address provider,string sourceCurrency,string targetCurrency,uint128 sourceAmount,uint128 fee,uint128 targetAmount,uint128 rateNumerator,uint128 rateDenominator,uint8 rounding,uint64 expiry,bytes32 quoteId)"
    );
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "Transfer(bytes32 quote,address provider,address sender,address recipient,string sourceCurrency,uint128 sourceAmount,string targetCurrency,uint128 targetAmount,string purpose,bytes32 travelRule,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant RECALL_TYPEHASH = keccak256(
        "Recall(bytes32 transfer,address sender,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    /// @inheritdoc ICrossBorder
    function quoteHash(
        TransferOrder memory order,
        QuoteTerms memory quote
    ) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        QUOTE_TYPEHASH,
                        order.provider,
                        _textHash(order.sourceCurrency, 3),
                        _textHash(order.targetCurrency, 3),
                        order.sourceAmount,
                        quote.fee,
                        order.targetAmount,
                        quote.rateNumerator,
                        quote.rateDenominator,
                        quote.rounding,
                        quote.expiry,
                        quote.quoteId
                    )
                )
            );
    }

    /// @inheritdoc ICrossBorder
    function transferId(TransferOrder memory order) public view returns (bytes32) {
        bytes32 typehash = TRANSFER_TYPEHASH;
        bytes32 source = _textHash(order.sourceCurrency, 3);
        bytes32 target = _textHash(order.targetCurrency, 3);
        bytes32 purpose = _textHash(order.purpose, 4);
        bytes32 structHash;
        // What is hashed is the struct as it stands in memory, one word a field, but for the three texts. The compiler
        // cannot encode so many values at once.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typehash)
            mcopy(add(words, 0x20), order, 0x1a0)
            mstore(add(words, 0xa0), source)
            mstore(add(words, 0xe0), target)
            mstore(add(words, 0x120), purpose)
            structHash := keccak256(words, 0x1c0)
        }
        return _hashTypedDataV4(structHash);
    }

    /// @inheritdoc ICrossBorder
    function recallId(RecallOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        RECALL_TYPEHASH,
                        order.transfer_,
                        order.sender,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    function _decodeOrder(
        bytes4 selector,
        bytes calldata arguments
    ) internal view override returns (Rejectable memory) {
        if (selector == this.transfer.selector || selector == this.hold.selector) {
            (TransferOrder memory t, bytes memory signature) = abi.decode(
                arguments,
                (TransferOrder, bytes)
            );
            return Rejectable(transferId(t), t.reference_, t.sender, t.nonce, signature);
        }
        if (selector == this.recall.selector) {
            (RecallOrder memory r, bytes memory signature) = abi.decode(
                arguments,
                (RecallOrder, bytes)
            );
            return Rejectable(recallId(r), r.reference_, r.sender, r.nonce, signature);
        }
        revert UnknownOrder(selector);
    }
}
