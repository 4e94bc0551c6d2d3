// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice A purchase, signed by the payer:
/// Purchase(address payer,address merchant,bytes32 invoice,string currency,uint64 gross,uint64 least,uint32 programme,
/// uint64 points,uint64 earnLeast,bytes32 reduction,bytes32 percentage,bytes32 bonus,bytes32 reference,uint256 nonce,
/// uint64 deadline)
/// @param invoice Salted hash of what the merchant asks to be paid; never zero.
/// @param currency ISO 4217 code.
/// @param gross The price before any discount, in minor units.
/// @param least What the merchant must get at least, in money and for points, in minor units.
/// @param programme In which points are spent and earned; zero for none.
/// @param points To be spent; they must be worth whole minor units.
/// @param earnLeast The fewest points that must be earned.
/// @param reduction The offer of that kind that must apply, or zero, as are `percentage` and `bonus`.
struct PurchaseOrder {
    address payer;
    address merchant;
    bytes32 invoice;
    bytes3 currency;
    uint64 gross;
    uint64 least;
    uint32 programme;
    uint64 points;
    uint64 earnLeast;
    bytes32 reduction;
    bytes32 percentage;
    bytes32 bonus;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Takes back a purchase or a part of it, signed by the merchant:
/// PurchaseRefund(bytes32 purchase,address merchant,address payer,string currency,uint64 amount,bytes32 reference,
/// uint256 nonce,uint64 deadline)
/// @param purchase Order id of the purchase.
/// @param merchant The account that was paid, or the one that replaced it.
/// @param payer The account that paid, or the one that replaced it.
/// @param amount How much of the gross amount is taken back, in minor units.
struct PurchaseRefundOrder {
    bytes32 purchase;
    address merchant;
    address payer;
    bytes3 currency;
    uint64 amount;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice How a purchase was settled: gross = reduction + percentage + pointsValue + cash.
/// @param pointsValue What points paid, in minor units.
/// @param cash What money paid.
/// @param bonus Points that an offer gave.
/// @param earned All points that were earned, the bonus included.
/// @param expiryMonth At whose end these expire; see {Months}.
/// @param lots The points that were spent, `expiry month << 64 | points` for each.
struct Settlement {
    uint64 reduction;
    uint64 percentage;
    uint64 pointsValue;
    uint64 cash;
    uint64 bonus;
    uint64 earned;
    uint64 expiryMonth;
    uint256[] lots;
}

/// @title IPurchases
/// @notice Purchases: discount, points spent, money and points earned in one movement, and their refunds.
///
/// Promises
/// - All of a purchase happens or none of it, and only as the payer signed it: the offers that it names apply in full,
/// the merchant gets `least` at least, the payer earns `earnLeast` at least.
/// - What a merchant asks to be paid is paid once: no two purchases have the same merchant, currency, gross amount and
/// invoice. Those four are used up together, so that a stranger who pays another amount does not use up a bill.
/// - A refund reverses everything in the same proportion: money, discounts with their budgets, points spent and earned.
/// The refunds of a purchase never exceed it, and many small ones come to the same as one.
/// - Points that were spent come back at the merchant's cost with the month that they had, but good for 30 days at least.
/// - Points that were earned are taken back. Those that have expired are worth nothing and cost nothing. Those that were
/// spent or given away are kept from the money that is refunded, at their value, and go to the pool that paid for them.
/// - So no sequence of purchases and refunds leaves a payer with more money and points than before: whatever is rounded is
/// rounded against the one who returns, by less than a minor unit or a point for a purchase.
/// - Refusals of a purchase have one order: currency, amount, parties, invoice, deadline, signature, nonce, paid before,
/// merchant, programme and member, offers, points worth more than the price, least, earnings, policy, balance, points, pool.
///
/// Warning: only a hash stands for what was settled. A refund needs the order and the settlement, which PurchaseSettled and
/// the transaction's call data repeat.
interface IPurchases is ISignedOrders {
    event PurchaseSettled(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed payer,
        address merchant,
        bytes32 invoice,
        bytes3 currency,
        uint256 gross,
        uint32 programme,
        Settlement settlement
    );
    /// @param amount Of the gross amount.
    /// @param money What the payer got back in money.
    /// @param compensation What went to a pool for earned points that were gone.
    /// @param restored Points that came back.
    /// @param refundedTotal How much of the gross amount has been refunded so far, this refund included.
    event PurchaseRefunded(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 indexed purchase,
        address merchant,
        address payer,
        bytes3 currency,
        uint256 amount,
        uint256 money,
        uint256 compensation,
        uint256 restored,
        uint256 refundedTotal
    );

    error ZeroAmount();
    error SelfPayment(address account);
    error InvoiceMissing();
    /// @param invoice What was paid before to this merchant, with the same currency and gross amount.
    error InvoiceAlreadyPaid(address merchant, bytes32 invoice);
    error NotAMerchant(address account);
    error PointsExceedPrice(uint256 pointsValue, uint256 price);
    error LessThanLeast(uint256 amount, uint256 least);
    error EarnsTooLittle(uint256 points, uint256 least);
    /// @notice The purchase did not happen like that.
    error NotRefundable(bytes32 payment);
    /// @notice The refund names another purchase, currency or account than the purchase it comes with.
    error RefundMismatch();
    error RefundExceedsPayment(bytes32 payment, uint256 paid, uint256 refunded, uint256 asked);

    /// @notice Executes a purchase.
    /// @param signature The payer's.
    /// @return orderId EIP-712 digest of the order.
    function purchase(
        PurchaseOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice Takes back a purchase or a part of it.
    /// @param signature The merchant's.
    /// @param original The purchase, as it was ordered.
    /// @param settlement How it was settled, from PurchaseSettled.
    function refundPurchase(
        PurchaseRefundOrder calldata order,
        bytes calldata signature,
        PurchaseOrder calldata original,
        Settlement calldata settlement
    ) external returns (bytes32 orderId);

    /// @notice How a purchase would be settled now; signature, nonce and what is missing in offers are not looked at.
    /// Reverts with the first refusal otherwise.
    /// @return settlement Without the offers that are refused, and without the lots.
    /// @return refusals Of reduction, percentage and bonus: the ABI-encoded error, empty when it applies or none is named.
    function quotePurchase(
        PurchaseOrder calldata order
    ) external view returns (Settlement memory settlement, bytes[3] memory refusals);

    /// @notice Whether a request was paid.
    function isPaid(
        address merchant,
        bytes3 currency,
        uint64 gross,
        bytes32 invoice
    ) external view returns (bool);

    /// @return amount How much of the gross amount has been refunded.
    /// @return money What the payer got back in money.
    /// @return gone Earned points that could not be taken back.
    function refundedOf(
        bytes32 purchaseId_
    ) external view returns (uint64 amount, uint64 money, uint64 gone);

    function purchaseId(PurchaseOrder calldata order) external view returns (bytes32);

    function purchaseRefundId(PurchaseRefundOrder calldata order) external view returns (bytes32);
}
