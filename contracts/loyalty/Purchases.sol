// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ILoyalty, Sale, SaleTerms} from "./ILoyalty.sol";
import {Basket, Benefit, IOffers} from "./IOffers.sol";
import {IPurchases, PurchaseOrder, Settlement} from "./IPurchases.sol";
import {PurchaseRefunds} from "./PurchaseRefunds.sol";

// solhint-disable gas-calldata-parameters

/// @title Purchases
contract Purchases is PurchaseRefunds {
    mapping(address merchant => mapping(address customer => bool)) private _bought;

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        ILoyalty loyalty,
        IOffers offers,
        address batch,
        address authority_
    )
        PolicyBound(initialPolicy, authority_)
        PurchaseRefunds(registry, loyalty, offers)
        SignedOrders(batch)
    {}

    /// @inheritdoc IPurchases
    function purchase(
        PurchaseOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = _requireSound(order);
        orderId = purchaseId(order);
        _authorize(orderId, order.payer, order.nonce, order.deadline, signature);
        bytes32 request = _requireUnpaid(order);
        Basket memory basket = _basket(order, orderId);
        _bought[basket.merchant][basket.customer] = true;
        Settlement memory settlement = _settlement(order, basket, _benefit(basket));

        if (settlement.cash != 0) {
            token.move(order.payer, order.merchant, settlement.cash, MovementKind.Payment, orderId);
        } else {
            policy().requirePassage(order.payer, order.merchant, MovementKind.Payment);
        }
        if (order.points != 0 || settlement.earned != 0) {
            uint256 expiryMonth;
            (settlement.lots, expiryMonth) = LOYALTY.settle(
                _sale(order, orderId, settlement.earned)
            );
            settlement.expiryMonth = uint64(expiryMonth);
        }
        _seals[request] = _seal(orderId, settlement);
        emit PurchaseSettled(
            orderId,
            order.reference_,
            order.payer,
            order.merchant,
            order.invoice,
            order.currency,
            order.gross,
            order.programme,
            settlement
        );
    }

    /// @inheritdoc IPurchases
    function quotePurchase(
        PurchaseOrder memory order
    ) external view returns (Settlement memory settlement, bytes[3] memory refusals) {
        _requireSound(order);
        if (block.timestamp > order.deadline) revert OrderExpired(order.deadline);
        _requireUnpaid(order);
        Basket memory basket = _basket(order, bytes32(0));
        Benefit memory benefit;
        (benefit, refusals) = OFFERS.weigh(basket);
        settlement = _settlement(order, basket, benefit);
        if (settlement.cash != 0) {
            policy().requireAllowed(
                order.currency,
                MovementKind.Payment,
                order.payer,
                order.merchant,
                settlement.cash
            );
        } else {
            policy().requirePassage(order.payer, order.merchant, MovementKind.Payment);
        }
        if (order.points != 0 || settlement.earned != 0) {
            LOYALTY.requireSettleable(_sale(order, bytes32(0), settlement.earned));
        }
    }

    /// @inheritdoc IPurchases
    function isPaid(
        address merchant,
        bytes3 currency,
        uint64 gross,
        bytes32 invoice
    ) external view returns (bool) {
        return _seals[_request(merchant, currency, gross, invoice)] != bytes32(0);
    }

    /// @dev Only offers that are named have something to write down.
    function _benefit(Basket memory basket) private returns (Benefit memory benefit) {
        if (basket.reduction | basket.percentage | basket.bonus != bytes32(0)) {
            return OFFERS.giveTo(basket);
        }
        if (basket.points != 0) {
            uint256 cash =
                basket.gross > basket.pointsValue ? basket.gross - basket.pointsValue : 0;
            benefit.earned = (cash * basket.points) / basket.perMinor;
        }
    }

    function _requireSound(PurchaseOrder memory order) private view returns (ICurrencyToken token) {
        token = ICurrencyToken(policy().tokenOf(order.currency));
        if (order.gross == 0) revert ZeroAmount();
        if (order.payer == order.merchant) revert SelfPayment(order.payer);
        if (order.invoice == bytes32(0)) revert InvoiceMissing();
    }

    function _requireUnpaid(PurchaseOrder memory order) private view returns (bytes32 request) {
        request = _request(order.merchant, order.currency, order.gross, order.invoice);
        if (_seals[request] != bytes32(0)) {
            revert InvoiceAlreadyPaid(order.merchant, order.invoice);
        }
        (, IdentityWord word) = REGISTRY.pair(order.payer, order.merchant);
        if (!word.isMerchant()) revert NotAMerchant(order.merchant);
    }

    function _basket(
        PurchaseOrder memory order,
        bytes32 orderId
    ) private view returns (Basket memory basket) {
        SaleTerms memory terms = LOYALTY.saleTerms(
            order.programme,
            order.currency,
            order.payer,
            order.merchant,
            order.points
        );
        basket.orderId = orderId;
        basket.payer = order.payer;
        basket.customer = terms.customer;
        basket.merchant = terms.merchant;
        basket.currency = order.currency;
        basket.programme = order.programme;
        basket.first = !_bought[terms.merchant][terms.customer];
        basket.gross = order.gross;
        if (order.points != 0) {
            basket.pointsValue =
                (uint256(order.points) * terms.valueNumerator) / terms.valueDenominator;
        }
        basket.valueNumerator = terms.valueNumerator;
        basket.valueDenominator = terms.valueDenominator;
        basket.points = terms.points;
        basket.perMinor = terms.perMinor;
        basket.reduction = order.reduction;
        basket.percentage = order.percentage;
        basket.bonus = order.bonus;
    }

    /// @dev The discounts are part of the gross amount, and so is what points pay: all fits 64 bits.
    function _settlement(
        PurchaseOrder memory order,
        Basket memory basket,
        Benefit memory benefit
    ) private view returns (Settlement memory s) {
        uint256 price = order.gross - benefit.reduction - benefit.percentage;
        if (basket.pointsValue > price) revert PointsExceedPrice(basket.pointsValue, price);
        if (price < order.least) revert LessThanLeast(price, order.least);
        if (benefit.earned < order.earnLeast) {
            revert EarnsTooLittle(benefit.earned, order.earnLeast);
        }
        if (benefit.earned > type(uint64).max) {
            revert ILoyalty.TooManyPoints(order.programme, LOYALTY.currentMonth());
        }
        s.reduction = uint64(benefit.reduction);
        s.percentage = uint64(benefit.percentage);
        s.pointsValue = uint64(basket.pointsValue);
        s.cash = uint64(price - basket.pointsValue);
        s.bonus = uint64(benefit.bonus);
        s.earned = uint64(benefit.earned);
    }

    function _sale(
        PurchaseOrder memory order,
        bytes32 orderId,
        uint256 earned
    ) private pure returns (Sale memory) {
        return Sale(orderId, order.programme, order.payer, order.merchant, order.points, earned);
    }
}
