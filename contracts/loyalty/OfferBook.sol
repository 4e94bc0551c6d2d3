// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Basket, Benefit, IOffers, OfferKind} from "./IOffers.sol";

/// @title OfferBook
/// @notice Which offers apply to a basket, and what they give: the one place that decides.
abstract contract OfferBook is IOffers {
    uint64 internal constant NO_END = type(uint64).max;

    uint256 private constant BPS = 10_000;

    /// @param merchant Its origin; see {ILoyalty-originOf}.
    struct Offer {
        address merchant;
        OfferKind kind;
        bool firstPurchase;
        bool combinable;
        bool ended;
        bytes3 currency;
        uint16 rateBps;
        uint32 programme;
        uint40 startsAt;
        uint40 endsAt;
        uint64 minimum;
        uint64 amount;
        uint64 budget;
        uint64 customerBudget;
        uint64 used;
    }

    mapping(bytes32 offer => Offer) internal _offers;
    mapping(bytes32 offer => mapping(address customer => uint64)) internal _usedBy;

    /// @inheritdoc IOffers
    function weigh(
        Basket memory basket
    ) public view returns (Benefit memory benefit, bytes[3] memory refusals) {
        uint256 price = basket.gross;
        if (basket.reduction != bytes32(0)) {
            (benefit.reduction, refusals[0]) = _reduction(basket, price);
            price -= benefit.reduction;
        }
        if (basket.percentage != bytes32(0)) {
            (benefit.percentage, refusals[1]) = _percentage(basket, price);
            price -= benefit.percentage;
        }
        // Points that pay for more than there is to pay are refused by whoever asks.
        uint256 cash = Math.saturatingSub(price, basket.pointsValue);
        if (basket.points != 0) benefit.earned = (cash * basket.points) / basket.perMinor;
        if (basket.bonus != bytes32(0)) {
            (benefit.bonus, refusals[2]) = _bonus(basket, price, cash, benefit.earned);
            benefit.earned += benefit.bonus;
        }
    }

    function _reduction(
        Basket memory basket,
        uint256 price
    ) private view returns (uint256, bytes memory) {
        Offer memory offer = _offers[basket.reduction];
        return _given(offer, basket.reduction, OfferKind.Reduction, basket, price, offer.amount);
    }

    function _percentage(
        Basket memory basket,
        uint256 price
    ) private view returns (uint256, bytes memory) {
        Offer memory offer = _offers[basket.percentage];
        uint256 amount = Math.min((price * offer.rateBps) / BPS, offer.amount);
        return _given(offer, basket.percentage, OfferKind.Percentage, basket, price, amount);
    }

    function _bonus(
        Basket memory basket,
        uint256 price,
        uint256 cash,
        uint256 earned
    ) private view returns (uint256, bytes memory) {
        Offer memory offer = _offers[basket.bonus];
        uint256 amount = offer.amount + (earned * offer.rateBps) / BPS;
        if (basket.valueNumerator != 0) {
            uint256 most = (cash * basket.valueDenominator) / basket.valueNumerator;
            amount = Math.min(amount, most - earned);
        }
        return _given(offer, basket.bonus, OfferKind.Points, basket, price, amount);
    }

    function _given(
        Offer memory offer,
        bytes32 id,
        OfferKind kind,
        Basket memory basket,
        uint256 price,
        uint256 amount
    ) private view returns (uint256, bytes memory) {
        bytes memory refusal = _refusedByTerms(offer, id, kind, basket, price);
        if (refusal.length == 0) refusal = _refusedByBudget(offer, id, basket.customer, amount);
        return (refusal.length == 0 ? amount : 0, refusal);
    }

    function _refusedByTerms(
        Offer memory offer,
        bytes32 id,
        OfferKind kind,
        Basket memory basket,
        uint256 price
    ) private view returns (bytes memory refusal) {
        if (offer.kind != kind) return abi.encodeWithSelector(UnknownOffer.selector, id);
        if (
            offer.merchant != basket.merchant ||
            offer.currency != basket.currency ||
            (kind == OfferKind.Points && offer.programme != basket.programme)
        ) return abi.encodeWithSelector(OfferMismatch.selector, id);
        if (offer.ended) return abi.encodeWithSelector(OfferIsOver.selector, id);
        if (block.timestamp < offer.startsAt || block.timestamp > offer.endsAt) {
            return
                abi.encodeWithSelector(OfferNotInTime.selector, id, offer.startsAt, offer.endsAt);
        }
        if (!offer.combinable && _named(basket) > 1) {
            return abi.encodeWithSelector(OfferNotCombinable.selector, id);
        }
        if (offer.firstPurchase && !basket.first) {
            return abi.encodeWithSelector(NotTheFirstPurchase.selector, id);
        }
        if (price < offer.minimum) {
            return abi.encodeWithSelector(MinimumNotReached.selector, id, offer.minimum, price);
        }
    }

    function _refusedByBudget(
        Offer memory offer,
        bytes32 id,
        address customer,
        uint256 amount
    ) private view returns (bytes memory refusal) {
        if (amount == 0) return abi.encodeWithSelector(OfferGivesNothing.selector, id);
        uint256 left = offer.budget - offer.used;
        if (amount > left) {
            return abi.encodeWithSelector(OfferBudgetSpent.selector, id, left, amount);
        }
        if (offer.customerBudget == NO_END) return refusal;
        left = offer.customerBudget - _usedBy[id][customer];
        if (amount > left) {
            return abi.encodeWithSelector(CustomerBudgetSpent.selector, id, left, amount);
        }
    }

    function _named(Basket memory basket) private pure returns (uint256 count) {
        if (basket.reduction != bytes32(0)) ++count;
        if (basket.percentage != bytes32(0)) ++count;
        if (basket.bonus != bytes32(0)) ++count;
    }
}
