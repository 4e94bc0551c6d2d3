// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {Refusal} from "../Refusal.sol";
import {ILoyalty} from "./ILoyalty.sol";
import {Basket, Benefit, IOffers, OfferEndOrder, OfferKind, OfferOrder} from "./IOffers.sol";
import {OfferBook} from "./OfferBook.sol";

// solhint-disable gas-calldata-parameters

/// @title Offers
contract Offers is AccessManaged, SignedOrders, OfferBook {
    uint256 private constant WHOLE_BPS = 10_000;

    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "Offer(address merchant,uint8 kind,string currency,uint32 programme,uint64 minimum,uint64 amount,uint16 rateBps,bool firstPurchase,bool combinable,uint40 startsAt,uint40 endsAt,uint64 budget,uint64 customerBudget,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant END_TYPEHASH = keccak256(
        "OfferEnd(bytes32 offer,address merchant,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    ILoyalty public immutable LOYALTY;

    constructor(
        ILoyalty loyalty,
        address batch,
        address authority_
    ) AccessManaged(authority_) SignedOrders(batch) {
        LOYALTY = loyalty;
    }

    /// @inheritdoc IOffers
    function publish(
        OfferOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        _requireValid(order);
        orderId = offerIdOf(order);
        _authorize(orderId, order.merchant, order.nonce, order.deadline, signature);
        address merchant = LOYALTY.originOf(order.merchant);
        // No merchant gives points that another pays for.
        if (
            order.kind == OfferKind.Points &&
            LOYALTY.payerOf(order.programme, order.merchant) != merchant
        ) revert ILoyalty.NotThePayer(order.programme, order.merchant);
        _offers[orderId] = Offer({
            merchant: merchant,
            kind: order.kind,
            firstPurchase: order.firstPurchase,
            combinable: order.combinable,
            ended: false,
            currency: order.currency,
            rateBps: order.rateBps,
            programme: order.programme,
            startsAt: order.startsAt,
            endsAt: order.endsAt,
            minimum: order.minimum,
            amount: order.amount,
            budget: order.budget,
            customerBudget: order.customerBudget,
            used: 0
        });
        emit OfferPublished(orderId, order.reference_, order.merchant, order);
    }

    /// @inheritdoc IOffers
    function end(
        OfferEndOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        orderId = offerEndId(order);
        _authorize(orderId, order.merchant, order.nonce, order.deadline, signature);
        Offer storage offer = _offers[order.offer];
        if (offer.kind == OfferKind.None) revert UnknownOffer(order.offer);
        if (offer.merchant != LOYALTY.originOf(order.merchant)) revert OfferMismatch(order.offer);
        if (offer.ended) revert OfferIsOver(order.offer);
        offer.ended = true;
        emit OfferEnded(order.offer, order.reference_, order.merchant, orderId);
    }

    /// @inheritdoc IOffers
    function giveTo(Basket memory basket) external restricted returns (Benefit memory benefit) {
        bytes[3] memory refusals;
        (benefit, refusals) = weigh(basket);
        for (uint256 i = 0; i < refusals.length; ++i) Refusal.enforce(refusals[i]);
        _use(basket.reduction, basket, benefit.reduction);
        _use(basket.percentage, basket, benefit.percentage);
        _use(basket.bonus, basket, benefit.bonus);
    }

    /// @inheritdoc IOffers
    function giveBack(
        bytes32 offerId,
        bytes32 orderId,
        address payer,
        address customer,
        uint256 amount
    ) external restricted {
        Offer storage offer = _offers[offerId];
        offer.used -= uint64(amount);
        if (offer.customerBudget != NO_END) _usedBy[offerId][customer] -= uint64(amount);
        emit OfferGivenBack(offerId, orderId, payer, amount, offer.used);
    }

    /// @inheritdoc IOffers
    function offerOf(
        bytes32 offerId
    ) external view returns (OfferOrder memory terms, bool ended, uint256 used) {
        Offer memory offer = _offers[offerId];
        terms.merchant = offer.merchant;
        terms.kind = offer.kind;
        terms.currency = offer.currency;
        terms.programme = offer.programme;
        terms.minimum = offer.minimum;
        terms.amount = offer.amount;
        terms.rateBps = offer.rateBps;
        terms.firstPurchase = offer.firstPurchase;
        terms.combinable = offer.combinable;
        terms.startsAt = offer.startsAt;
        terms.endsAt = offer.endsAt;
        terms.budget = offer.budget;
        terms.customerBudget = offer.customerBudget;
        return (terms, offer.ended, offer.used);
    }

    /// @inheritdoc IOffers
    function usedBy(bytes32 offer, address customer) external view returns (uint256) {
        return _usedBy[offer][LOYALTY.originOf(customer)];
    }

    /// @inheritdoc IOffers
    function offerIdOf(OfferOrder memory order) public view returns (bytes32) {
        // In two halves: the compiler cannot handle so many values at once.
        return
            _hashTypedDataV4(
                keccak256(
                    bytes.concat(
                        abi.encode(
                            OFFER_TYPEHASH,
                            order.merchant,
                            order.kind,
                            _textHash(order.currency, 3),
                            order.programme,
                            order.minimum,
                            order.amount,
                            order.rateBps
                        ),
                        abi.encode(
                            order.firstPurchase,
                            order.combinable,
                            order.startsAt,
                            order.endsAt,
                            order.budget,
                            order.customerBudget,
                            order.reference_,
                            order.nonce,
                            order.deadline
                        )
                    )
                )
            );
    }

    /// @inheritdoc IOffers
    function offerEndId(OfferEndOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        END_TYPEHASH,
                        order.offer,
                        order.merchant,
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
        if (selector == this.publish.selector) {
            (OfferOrder memory o, bytes memory s) = abi.decode(arguments, (OfferOrder, bytes));
            return Rejectable(offerIdOf(o), o.reference_, o.merchant, o.nonce, s);
        }
        if (selector == this.end.selector) {
            (OfferEndOrder memory o, bytes memory s) = abi.decode(
                arguments,
                (OfferEndOrder, bytes)
            );
            return Rejectable(offerEndId(o), o.reference_, o.merchant, o.nonce, s);
        }
        revert UnknownOrder(selector);
    }

    function _use(bytes32 offerId, Basket memory basket, uint256 amount) private {
        if (offerId == bytes32(0)) return;
        Offer storage offer = _offers[offerId];
        // Not more than the budget, so it stays within its bits.
        uint64 used = offer.used + uint64(amount);
        offer.used = used;
        if (offer.customerBudget != NO_END) {
            _usedBy[offerId][basket.customer] += uint64(amount);
        }
        emit OfferUsed(offerId, basket.orderId, basket.payer, amount, used);
    }

    function _requireValid(OfferOrder memory o) private view {
        bool valid =
            o.startsAt < o.endsAt &&
                o.endsAt > block.timestamp &&
                o.budget != 0 &&
                o.customerBudget != 0;
        if (o.kind == OfferKind.Reduction) {
            // It never takes off more than there is to pay.
            valid = valid && o.amount != 0 && o.amount <= o.minimum && o.rateBps == 0;
        } else if (o.kind == OfferKind.Percentage) {
            valid = valid && o.amount != 0 && o.rateBps != 0 && o.rateBps <= WHOLE_BPS;
        } else {
            valid = valid && o.kind == OfferKind.Points && (o.amount != 0 || o.rateBps != 0);
        }
        if (!valid || (o.programme != 0) != (o.kind == OfferKind.Points)) revert InvalidOffer();
    }
}
