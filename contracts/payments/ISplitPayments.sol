// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice A payment to several receivers, signed by the payer:
/// Split(address payer,string currency,bytes32 invoice,address[] receivers,uint64[] amounts,bytes32 details,
/// bytes32 reference,uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code.
/// @param invoice Salted hash of what is paid, never zero.
/// @param receivers Up to RECEIVERS_MAX. The first is the one who asked for the money; an account may be named again,
/// e.g. for a tip.
/// @param amounts Minor units, one amount a receiver. The first is what was asked for.
/// @param details Salted hash of what the rest is for, or zero.
/// @param deadline Unix time in seconds, the last at which it may execute.
struct SplitOrder {
    address payer;
    bytes3 currency;
    bytes32 invoice;
    address[] receivers;
    uint64[] amounts;
    bytes32 details;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @title ISplitPayments
/// @notice Payments to several receivers: all of them are paid, or nobody is.
///
/// Promises
/// - Money leaves an account only as its holder signed, and goes to the receivers by the amounts that were signed.
/// - To the policy each part is a payment of its own: standing of both sides, corridor and limits hold for each, and
///   the payer's limits for all of them together.
/// - What the first receiver asked for, an amount under an invoice, is paid once. Tips and other parts do not make
///   it another one.
/// - Refusals have one order: currency, receivers, amounts, self-payment, invoice, deadline, signature, nonce, paid
///   before, and then, receiver by receiver, policy and balance.
///
/// Warning: anybody may pay what somebody else was asked for, and divide the rest differently; who is shown as paid
/// was paid. Whoever asks for a certain division has to look at the receivers of the event.
interface ISplitPayments is ISignedOrders {
    event SplitSettled(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed payer,
        bytes32 invoice,
        bytes3 currency,
        uint256 total,
        address[] receivers,
        uint64[] amounts,
        bytes32 details
    );

    error ZeroAmount();
    error SelfPayment(address account);
    /// @notice There is no receiver, there are more than RECEIVERS_MAX, or not as many amounts as receivers.
    error InvalidSplit(uint256 receivers, uint256 amounts);
    error InvoiceMissing();
    error InvoiceAlreadyPaid(address merchant, bytes32 invoice);

    /// @notice Pays all receivers.
    /// @param signature The payer's.
    /// @return orderId EIP-712 digest of the order.
    function paySplit(
        SplitOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice The order by which a receiver's invoice was paid, zero when it was not.
    /// @param receiver The first receiver.
    /// @param amount What the first receiver got, in minor units.
    function paidBy(
        address receiver,
        bytes3 currency,
        uint64 amount,
        bytes32 invoice
    ) external view returns (bytes32 orderId);

    /// @notice The order id of a split.
    function splitId(SplitOrder calldata order) external view returns (bytes32);
}
