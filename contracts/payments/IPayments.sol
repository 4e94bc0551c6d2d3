// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice A payment, signed by the payer. In the typed data the currency is a string, so that a wallet shows "EUR":
/// Payment(address payer,address payee,string currency,uint128 amount,bytes32 reference,bytes32 details,
/// uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code.
/// @param amount Minor units.
/// @param reference_ The request this belongs to; the event repeats it.
/// @param details Salted hash of what the payment is for, or zero.
/// @param nonce See {ISignedOrders}.
/// @param deadline Unix time in seconds, the last at which it may execute.
struct PaymentOrder {
    address payer;
    address payee;
    bytes3 currency;
    uint128 amount;
    bytes32 reference_;
    bytes32 details;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Pays back a payment or part of it, signed by whoever was paid:
/// Refund(bytes32 payment,address from,address to,string currency,uint128 amount,bytes32 reference,
/// uint256 nonce,uint64 deadline)
/// @param payment Order id of the payment.
/// @param from The account that was paid, or the one that replaced it.
/// @param to The account that paid, or the one that replaced it.
struct RefundOrder {
    bytes32 payment;
    address from;
    address to;
    bytes3 currency;
    uint128 amount;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @title IPayments
/// @notice Payments signed by the payer, and refunds of them.
///
/// Promises
/// - Money leaves an account only as its holder signed: payee, currency, amount, reference, details and deadline.
/// - The refunds of a payment never exceed it.
/// - Refusals have one order: currency, amount, self-payment, deadline, signature, nonce, what a refund says of
///   its payment, the policy, the balance.
///
/// Warning: a nonce does not say which order used it. A payer who signs two orders with one nonce lets the payee
/// "refund" the one that did not execute. Nothing is gained over a payment: the refund counts against the
/// refunder's limits, and needs the refunder's signature.
/// Warning: the payment of a contract account (ERC-1271) can be refunded as long as the contract still
/// confirms its signature; afterwards by a payment.
interface IPayments is ISignedOrders {
    event PaymentSettled(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed payer,
        address payee,
        bytes3 currency,
        uint256 amount,
        bytes32 details
    );
    /// @param refundedTotal What has been refunded of the payment so far, this refund included.
    event PaymentRefunded(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 indexed payment,
        address from,
        address to,
        bytes3 currency,
        uint256 amount,
        uint256 refundedTotal
    );

    error ZeroAmount();
    error SelfPayment(address account);
    /// @notice The payment did not execute, or nothing proves that it did.
    error NotRefundable(bytes32 payment);
    /// @notice The refund names another payment, currency or account than the payment it comes with.
    error RefundMismatch();
    error RefundExceedsPayment(bytes32 payment, uint256 paid, uint256 refunded, uint256 asked);

    /// @notice Executes a payment.
    /// @param signature The payer's: 65 bytes r, s (low), v; or whatever the payer's contract accepts (ERC-1271).
    /// @return orderId EIP-712 digest of the order.
    function pay(
        PaymentOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice Executes a refund.
    /// @param signature The refunder's.
    /// @param original The payment, as it was ordered.
    /// @param originalSignature The payer's signature of it.
    /// @return orderId EIP-712 digest of the refund.
    function refund(
        RefundOrder calldata order,
        bytes calldata signature,
        PaymentOrder calldata original,
        bytes calldata originalSignature
    ) external returns (bytes32 orderId);

    /// @notice What has been refunded of a payment, in minor units.
    function refundedOf(bytes32 payment) external view returns (uint256);

    /// @notice The order id of a payment.
    function paymentId(PaymentOrder calldata order) external view returns (bytes32);

    /// @notice The order id of a refund.
    function refundId(RefundOrder calldata order) external view returns (bytes32);
}
