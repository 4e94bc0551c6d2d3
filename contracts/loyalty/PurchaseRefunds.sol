// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ILoyalty, Restoration, Sale} from "./ILoyalty.sol";
import {IOffers} from "./IOffers.sol";
import {IPurchases, PurchaseOrder, PurchaseRefundOrder, Settlement} from "./IPurchases.sol";
import {PurchaseHashes} from "./PurchaseHashes.sol";
import {Shares} from "./Shares.sol";

// solhint-disable gas-calldata-parameters

/// @title PurchaseRefunds
/// @notice What was bought, and how it is taken back.
abstract contract PurchaseRefunds is PolicyBound, PurchaseHashes {
    IIdentityRegistry public immutable REGISTRY;
    ILoyalty public immutable LOYALTY;
    IOffers public immutable OFFERS;

    /// @param amount Of the gross amount.
    /// @param money What the payer got back.
    /// @param gone Earned points that could not be taken back.
    struct Refunded {
        uint64 amount;
        uint64 money;
        uint64 gone;
    }

    /// @dev A refund on its way: from `before` to `next` of `whole`, the gross amount.
    struct Step {
        bytes32 orderId;
        uint256 before;
        uint256 next;
        uint256 whole;
        uint256 gone;
        uint256 money;
        uint256 compensation;
        uint256 restored;
    }

    /// @dev Stands for how a request was paid; see `_seal`.
    mapping(bytes32 request => bytes32) internal _seals;
    mapping(bytes32 purchase => Refunded) private _refunds;

    constructor(IIdentityRegistry registry, ILoyalty loyalty, IOffers offers) {
        REGISTRY = registry;
        LOYALTY = loyalty;
        OFFERS = offers;
    }

    /// @inheritdoc IPurchases
    function refundPurchase(
        PurchaseRefundOrder memory order,
        bytes memory signature,
        PurchaseOrder memory original,
        Settlement memory settlement
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = ICurrencyToken(policy().tokenOf(order.currency));
        if (order.amount == 0) revert ZeroAmount();
        orderId = purchaseRefundId(order);
        _authorize(orderId, order.merchant, order.nonce, order.deadline, signature);
        _requireMatch(order, original, settlement);

        Step memory step = _step(orderId, order, original.gross);
        _giveBackOffers(order.payer, step, original, settlement);
        _takeBack(order, step, original, settlement);
        _count(order.purchase, step, original, settlement);
        if (step.money != 0) {
            token.move(order.merchant, order.payer, step.money, MovementKind.Refund, orderId);
        } else {
            policy().requirePassage(order.merchant, order.payer, MovementKind.Refund);
        }
        _restore(order, step, original, settlement);
        emit PurchaseRefunded(
            orderId,
            order.reference_,
            order.purchase,
            order.merchant,
            order.payer,
            order.currency,
            order.amount,
            step.money,
            step.compensation,
            step.restored,
            step.next
        );
    }

    /// @inheritdoc IPurchases
    function refundedOf(
        bytes32 purchaseId_
    ) external view returns (uint64 amount, uint64 money, uint64 gone) {
        Refunded memory refunded = _refunds[purchaseId_];
        return (refunded.amount, refunded.money, refunded.gone);
    }

    function _giveBackOffers(
        address payer,
        Step memory step,
        PurchaseOrder memory original,
        Settlement memory s
    ) private {
        bytes32[3] memory offers = [original.reduction, original.percentage, original.bonus];
        uint64[3] memory given = [s.reduction, s.percentage, s.bonus];
        for (uint256 i = 0; i < offers.length; ++i) {
            uint256 part = Shares.down(given[i], step.before, step.next, step.whole);
            if (part == 0) continue;
            address customer = LOYALTY.originOf(payer);
            OFFERS.giveBack(offers[i], step.orderId, payer, customer, part);
        }
    }

    /// @dev Rounded up: whoever returns a part keeps no more points than the rest would have earned.
    function _takeBack(
        PurchaseRefundOrder memory order,
        Step memory step,
        PurchaseOrder memory original,
        Settlement memory s
    ) private {
        uint256 part = Shares.up(s.earned, step.before, step.next, step.whole);
        if (part == 0) return;
        step.gone = LOYALTY.takeBack(
            Sale(step.orderId, original.programme, order.payer, order.merchant, 0, part),
            s.expiryMonth
        );
    }

    /// @dev All money that is due up to here, less what was paid. What the payer does not get goes to the pool: so far as
    /// the points that are gone are worth, rounded up.
    function _count(
        bytes32 purchase_,
        Step memory step,
        PurchaseOrder memory original,
        Settlement memory s
    ) private {
        Refunded storage refunded = _refunds[purchase_];
        uint256 paid = refunded.money;
        uint256 gone = refunded.gone + step.gone;
        uint256 due = (s.cash * step.next) / step.whole;
        uint256 owed = gone == 0 ? 0 : LOYALTY.valueUp(original.programme, gone);
        uint256 forPayer = due > owed ? due - owed : 0;
        if (forPayer > paid) step.money = forPayer - paid;
        step.compensation = Shares.down(s.cash, step.before, step.next, step.whole) - step.money;
        refunded.amount = uint64(step.next);
        refunded.money = uint64(paid + step.money);
        refunded.gone = uint64(gone);
    }

    function _restore(
        PurchaseRefundOrder memory order,
        Step memory step,
        PurchaseOrder memory original,
        Settlement memory s
    ) private {
        uint256 from = (original.points * step.before) / step.whole;
        step.restored = Shares.down(original.points, step.before, step.next, step.whole);
        if (step.restored == 0 && step.compensation == 0) return;
        LOYALTY.restore(
            Restoration(
                step.orderId,
                original.programme,
                order.payer,
                order.merchant,
                s.lots,
                from,
                from + step.restored,
                step.compensation
            )
        );
    }

    function _step(
        bytes32 orderId,
        PurchaseRefundOrder memory order,
        uint256 whole
    ) private view returns (Step memory step) {
        uint256 before = _refunds[order.purchase].amount;
        if (before + order.amount > whole) {
            revert RefundExceedsPayment(order.purchase, whole, before, order.amount);
        }
        (step.orderId, step.before, step.whole) = (orderId, before, whole);
        step.next = before + order.amount;
    }

    /// @dev The accounts of the purchase may have got new keys since.
    function _requireMatch(
        PurchaseRefundOrder memory order,
        PurchaseOrder memory original,
        Settlement memory settlement
    ) private view {
        if (
            order.purchase != purchaseId(original) ||
            order.currency != original.currency ||
            order.merchant != REGISTRY.currentAccount(original.merchant) ||
            order.payer != REGISTRY.currentAccount(original.payer)
        ) revert RefundMismatch();
        bytes32 request = _request(
            original.merchant,
            original.currency,
            original.gross,
            original.invoice
        );
        if (_seals[request] != _seal(order.purchase, settlement)) {
            revert NotRefundable(order.purchase);
        }
    }
}
