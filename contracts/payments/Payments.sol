// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {IPayments, PaymentOrder, RefundOrder} from "./IPayments.sol";

// solhint-disable gas-calldata-parameters

/// @title Payments
/// @dev Orders are decoded once into memory: reading every field several times from call data costs more.
contract Payments is PolicyBound, SignedOrders, IPayments {
    bytes32 private constant PAYMENT_TYPEHASH = keccak256(
        "Payment(address payer,address payee,string currency,uint128 amount,bytes32 reference,bytes32 details,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant REFUND_TYPEHASH = keccak256(
        "Refund(bytes32 payment,address from,address to,string currency,uint128 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    IIdentityRegistry public immutable REGISTRY;

    mapping(bytes32 payment => uint256) private _refunded;

    /// @dev The currency asked for last in this transaction, and its token: a batch asks for the same again and again.
    bytes3 private transient _lastCurrency;
    ICurrencyToken private transient _lastToken;

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {
        REGISTRY = registry;
    }

    /// @inheritdoc IPayments
    function pay(
        PaymentOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = _tokenOf(order.currency);
        if (order.amount == 0) revert ZeroAmount();
        if (order.payer == order.payee) revert SelfPayment(order.payer);
        orderId = paymentId(order);
        _authorize(orderId, order.payer, order.nonce, order.deadline, signature);

        token.move(order.payer, order.payee, order.amount, MovementKind.Payment, orderId);
        emit PaymentSettled(
            orderId,
            order.reference_,
            order.payer,
            order.payee,
            order.currency,
            order.amount,
            order.details
        );
    }

    /// @inheritdoc IPayments
    function refund(
        RefundOrder memory order,
        bytes memory signature,
        PaymentOrder memory original,
        bytes memory originalSignature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = _tokenOf(order.currency);
        if (order.amount == 0) revert ZeroAmount();
        if (order.from == order.to) revert SelfPayment(order.from);
        orderId = refundId(order);
        _authorize(orderId, order.from, order.nonce, order.deadline, signature);

        _requireMatch(order, original);
        _requireExecuted(order.payment, original, originalSignature);
        uint256 refundedTotal = _addRefund(order, original.amount);

        token.move(order.from, order.to, order.amount, MovementKind.Refund, orderId);
        emit PaymentRefunded(
            orderId,
            order.reference_,
            order.payment,
            order.from,
            order.to,
            order.currency,
            order.amount,
            refundedTotal
        );
    }

    /// @inheritdoc IPayments
    function refundedOf(bytes32 payment) external view returns (uint256) {
        return _refunded[payment];
    }

    /// @inheritdoc IPayments
    function paymentId(PaymentOrder memory order) public view returns (bytes32) {
        bytes32 typehash = PAYMENT_TYPEHASH;
        bytes32 currency = _textHash(order.currency, 3);
        bytes32 structHash;
        // What is hashed is the struct as it stands in memory, one word a field, but for the text.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typehash)
            mcopy(add(words, 0x20), order, 0x100)
            mstore(add(words, 0x60), currency)
            structHash := keccak256(words, 0x120)
        }
        return _hashTypedDataV4(structHash);
    }

    /// @inheritdoc IPayments
    function refundId(RefundOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        REFUND_TYPEHASH,
                        order.payment,
                        order.from,
                        order.to,
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
    ) internal view override returns (Rejectable memory order) {
        if (selector == this.pay.selector) {
            (PaymentOrder memory p, bytes memory signature) = abi.decode(
                arguments,
                (PaymentOrder, bytes)
            );
            return Rejectable(paymentId(p), p.reference_, p.payer, p.nonce, signature);
        }
        if (selector == this.refund.selector) {
            (RefundOrder memory r, bytes memory signature, , ) = abi.decode(
                arguments,
                (RefundOrder, bytes, PaymentOrder, bytes)
            );
            return Rejectable(refundId(r), r.reference_, r.from, r.nonce, signature);
        }
        revert UnknownOrder(selector);
    }

    /// @dev A policy never gives a currency another token.
    function _tokenOf(bytes3 currency) private returns (ICurrencyToken token) {
        token = _lastToken;
        if (address(token) == address(0) || currency != _lastCurrency) {
            token = ICurrencyToken(policy().tokenOf(currency));
            (_lastCurrency, _lastToken) = (currency, token);
        }
    }

    function _addRefund(
        RefundOrder memory order,
        uint256 paid
    ) private returns (uint256 refundedTotal) {
        uint256 refunded = _refunded[order.payment];
        refundedTotal = refunded + order.amount;
        if (refundedTotal > paid) {
            revert RefundExceedsPayment(order.payment, paid, refunded, order.amount);
        }
        _refunded[order.payment] = refundedTotal;
    }

    /// @dev The accounts of the payment may have got new keys since.
    function _requireMatch(RefundOrder memory order, PaymentOrder memory original) private view {
        if (
            order.payment != paymentId(original) ||
            order.currency != original.currency ||
            order.from != REGISTRY.currentAccount(original.payee) ||
            order.to != REGISTRY.currentAccount(original.payer)
        ) revert RefundMismatch();
    }

    /// @dev An order executed if its payer signed it and its nonce is used but not voided.
    function _requireExecuted(
        bytes32 payment,
        PaymentOrder memory original,
        bytes memory originalSignature
    ) private view {
        if (
            !nonceUsed(original.payer, original.nonce) ||
            nonceVoided(original.payer, original.nonce) ||
            !_isSignedBy(original.payer, payment, originalSignature)
        ) revert NotRefundable(payment);
    }
}
