// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedOrders} from "../orders/SignedOrders.sol";
import {IPurchases, PurchaseOrder, PurchaseRefundOrder, Settlement} from "./IPurchases.sol";

// solhint-disable gas-calldata-parameters

/// @title PurchaseHashes
/// @notice The EIP-712 digests of what is signed here, and what stands for a purchase that happened.
abstract contract PurchaseHashes is SignedOrders, IPurchases {
    bytes32 private constant PURCHASE_TYPEHASH = keccak256(
        "Purchase(address payer,address merchant,bytes32 invoice,string currency,uint64 gross,uint64 least,uint32 programme,uint64 points,uint64 earnLeast,bytes32 reduction,bytes32 percentage,bytes32 bonus,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant REFUND_TYPEHASH = keccak256(
        "PurchaseRefund(bytes32 purchase,address merchant,address payer,string currency,uint64 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    /// @inheritdoc IPurchases
    function purchaseId(PurchaseOrder memory order) public view returns (bytes32) {
        // In two halves: the compiler cannot handle so many values at once.
        return
            _hashTypedDataV4(
                keccak256(
                    bytes.concat(
                        abi.encode(
                            PURCHASE_TYPEHASH,
                            order.payer,
                            order.merchant,
                            order.invoice,
                            _textHash(order.currency, 3),
                            order.gross,
                            order.least,
                            order.programme
                        ),
                        abi.encode(
                            order.points,
                            order.earnLeast,
                            order.reduction,
                            order.percentage,
                            order.bonus,
                            order.reference_,
                            order.nonce,
                            order.deadline
                        )
                    )
                )
            );
    }

    /// @inheritdoc IPurchases
    function purchaseRefundId(PurchaseRefundOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        REFUND_TYPEHASH,
                        order.purchase,
                        order.merchant,
                        order.payer,
                        _textHash(order.currency, 3),
                        order.amount,
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
        if (selector == this.purchase.selector) {
            (PurchaseOrder memory p, bytes memory signature) = abi.decode(
                arguments,
                (PurchaseOrder, bytes)
            );
            return Rejectable(purchaseId(p), p.reference_, p.payer, p.nonce, signature);
        }
        if (selector == this.refundPurchase.selector) {
            (PurchaseRefundOrder memory r, bytes memory signature) = abi.decode(
                arguments,
                (PurchaseRefundOrder, bytes)
            );
            return Rejectable(purchaseRefundId(r), r.reference_, r.merchant, r.nonce, signature);
        }
        revert UnknownOrder(selector);
    }

    /// @dev What is used up when a request is paid.
    function _request(
        address merchant,
        bytes3 currency,
        uint64 gross,
        bytes32 invoice
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(merchant, currency, gross, invoice));
    }

    function _seal(bytes32 orderId, Settlement memory settlement) internal pure returns (bytes32) {
        return keccak256(abi.encode(orderId, settlement));
    }
}
