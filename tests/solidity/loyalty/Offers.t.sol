// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ILoyalty} from "../../../contracts/loyalty/ILoyalty.sol";
import {Basket, IOffers, OfferKind, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {PurchaseOrder, Settlement} from "../../../contracts/loyalty/IPurchases.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {Shop} from "./Shop.sol";

contract OffersTest is Shop {
    function test_anOfferIsWhatItsMerchantSigned() public {
        OfferOrder memory offer = _offer(OfferKind.Percentage);
        (offer.budget, offer.customerBudget, offer.firstPurchase) = (500, 70, true);
        bytes32 id = _publish(offer);
        assertEq(id, _offerDigest(offer));
        (OfferOrder memory found, bool ended, uint256 used) = offers.offerOf(id);
        (found.reference_, found.nonce, found.deadline) = (
            offer.reference_,
            offer.nonce,
            offer.deadline
        );
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(offer)));
        assertFalse(ended);
        assertEq(used, 0);
    }

    function test_reductionPercentageAndBonusApplyInThisOrder() public {
        PurchaseOrder memory order = _order(OWN, 12_000);
        order.reduction = _published(OfferKind.Reduction);
        order.percentage = _published(OfferKind.Percentage);
        order.bonus = _published(OfferKind.Points);
        Settlement memory s = _buy(order).settlement;
        assertEq(s.reduction, 1_500);
        // A tenth of 105 euros would be 10.50, and the most is 8.
        assertEq(s.percentage, 800);
        assertEq(s.cash, 9_700);
        // 97 for the money, as many again, and 20.
        assertEq(s.bonus, 97 + 20);
        assertEq(s.earned, 97 + 97 + 20);
    }

    function test_aPercentageBelowItsCap() public {
        PurchaseOrder memory order = _order(alice, shop, 5_009);
        order.percentage = _published(OfferKind.Percentage);
        assertEq(_buy(order).settlement.percentage, 500);
    }

    function test_aMinimumThatWasReachedBeforeAnotherDiscountOnly() public {
        OfferOrder memory offer = _offer(OfferKind.Percentage);
        offer.minimum = 10_000;
        PurchaseOrder memory order = _order(alice, shop, 10_500);
        order.reduction = _published(OfferKind.Reduction);
        order.percentage = _publish(offer);
        bytes memory why = abi.encodeWithSelector(
            IOffers.MinimumNotReached.selector,
            order.percentage,
            10_000,
            9_000
        );
        _refusedPurchase(order, why);
        (Settlement memory quote, bytes[3] memory refusals) = purchases.quotePurchase(order);
        assertEq(refusals[0], "");
        assertEq(refusals[1], why);
        assertEq(quote.reduction, 1_500);
        assertEq(quote.percentage, 0);
        order.reduction = 0;
        assertEq(_buy(order).settlement.percentage, 800);
    }

    function test_pointsEarnedAreNeverWorthMoreThanTheMoneyPaid() public {
        OfferOrder memory offer = _offer(OfferKind.Points);
        (offer.amount, offer.rateBps) = (5_000, 0);
        PurchaseOrder memory order = _order(OWN, 1_000);
        order.bonus = _publish(offer);
        Settlement memory s = _buy(order).settlement;
        assertEq(s.earned, 1_000);
        assertEq(s.bonus, 990);
        (, , uint256 used) = offers.offerOf(order.bonus);
        assertEq(used, 990);
    }

    function test_anOfferForAFirstPurchase() public {
        OfferOrder memory offer = _offer(OfferKind.Percentage);
        offer.firstPurchase = true;
        bytes32 id = _publish(offer);
        PurchaseOrder memory order = _order();
        order.percentage = id;
        _refund(_buy(order), 12_000);
        // Once is once, even when it was returned.
        order = _order();
        order.percentage = id;
        _refusedPurchase(order, abi.encodeWithSelector(IOffers.NotTheFirstPurchase.selector, id));
        order = _order(bob, shop, 12_000);
        order.percentage = id;
        _buy(order);
    }

    function test_budgets() public {
        OfferOrder memory offer = _offer(OfferKind.Reduction);
        (offer.budget, offer.customerBudget) = (4_000, 2_000);
        bytes32 id = _publish(offer);
        Bought memory first = _buyWith(alice, id);
        assertEq(offers.usedBy(id, alice), 1_500);
        PurchaseOrder memory order = _with(alice, id);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IOffers.CustomerBudgetSpent.selector, id, 500, 1_500)
        );
        _buyWith(bob, id);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IOffers.OfferBudgetSpent.selector, id, 1_000, 1_500)
        );
        // What is returned can be given again.
        _refund(first, 12_000);
        assertEq(offers.usedBy(id, alice), 0);
        _buy(order);
    }

    function test_inTime() public {
        OfferOrder memory offer = _offer(OfferKind.Reduction);
        (offer.startsAt, offer.endsAt) = (uint40(START + 10), uint40(START + 20));
        bytes32 id = _publish(offer);
        bytes memory why = abi.encodeWithSelector(
            IOffers.OfferNotInTime.selector,
            id,
            uint40(START + 10),
            uint40(START + 20)
        );
        vm.warp(START + 9);
        _refusedPurchase(_with(alice, id), why);
        vm.warp(START + 10);
        _buyWith(alice, id);
        vm.warp(START + 20);
        _buyWith(alice, id);
        vm.warp(START + 21);
        _refusedPurchase(_with(alice, id), why);
    }

    function test_alone() public {
        OfferOrder memory offer = _offer(OfferKind.Reduction);
        offer.combinable = false;
        bytes32 id = _publish(offer);
        PurchaseOrder memory order = _with(alice, id);
        order.percentage = _published(OfferKind.Percentage);
        _refusedPurchase(order, abi.encodeWithSelector(IOffers.OfferNotCombinable.selector, id));
        order.percentage = 0;
        _buy(order);
    }

    function test_anotherMerchantsOrKindOrNone() public {
        bytes32 reduction = _published(OfferKind.Reduction);
        PurchaseOrder memory order = _with(alice, "none");
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IOffers.UnknownOffer.selector, bytes32("none"))
        );
        (order.reduction, order.percentage) = (0, reduction);
        _refusedPurchase(order, abi.encodeWithSelector(IOffers.UnknownOffer.selector, reduction));
        bytes memory why = abi.encodeWithSelector(IOffers.OfferMismatch.selector, reduction);
        order = _order(alice, cafe, 12_000);
        order.reduction = reduction;
        _refusedPurchase(order, why);
        order = _with(alice, reduction);
        order.currency = USD;
        _refusedPurchase(order, why);
        order = _order(COALITION, 12_000);
        order.bonus = _published(OfferKind.Points);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IOffers.OfferMismatch.selector, order.bonus)
        );
    }

    function test_anOfferThatGivesNothing() public {
        PurchaseOrder memory order = _order(alice, shop, 9);
        order.percentage = _published(OfferKind.Percentage);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IOffers.OfferGivesNothing.selector, order.percentage)
        );
    }

    function test_aMerchantEndsItsOffer() public {
        bytes32 id = _published(OfferKind.Reduction);
        vm.expectRevert(abi.encodeWithSelector(IOffers.OfferMismatch.selector, id));
        this.end(id, cafe);
        vm.expectRevert(abi.encodeWithSelector(IOffers.UnknownOffer.selector, bytes32("none")));
        this.end("none", shop);
        // With its new key, too.
        (address next, uint256 key) = _recover(shop);
        keyOf[next] = key;
        _end(id, next);
        bytes memory why = abi.encodeWithSelector(IOffers.OfferIsOver.selector, id);
        vm.expectRevert(why);
        this.end(id, next);
        (, bool ended, ) = offers.offerOf(id);
        assertTrue(ended);
        PurchaseOrder memory order = _order(alice, next, 12_000);
        order.reduction = id;
        _refusedPurchase(order, why);
    }

    /// @dev Called from outside, so that all of it can be expected to revert.
    function end(bytes32 id, address merchant) external {
        _end(id, merchant);
    }

    function test_offersThatCannotBe() public {
        for (uint256 fault = 0; fault < 14; ++fault) {
            OfferOrder memory offer = _offer(
                fault < 8
                    ? OfferKind.Reduction
                    : fault < 11
                        ? OfferKind.Percentage
                        : OfferKind.Points
            );
            if (fault == 0) offer.endsAt = offer.startsAt;
            if (fault == 1) (offer.startsAt, offer.endsAt) = (1, uint40(START));
            if (fault == 2) offer.budget = 0;
            if (fault == 3) offer.customerBudget = 0;
            if (fault == 4) offer.amount = 0;
            if (fault == 5) offer.amount = offer.minimum + 1;
            if (fault == 6) offer.rateBps = 1;
            if (fault == 7) offer.programme = OWN;
            if (fault == 8) offer.amount = 0;
            if (fault == 9) offer.rateBps = 0;
            if (fault == 10) offer.rateBps = 10_001;
            if (fault == 11) (offer.amount, offer.rateBps) = (0, 0);
            if (fault == 12) offer.programme = 0;
            if (fault == 13) offer.kind = OfferKind.None;
            _refusedOffer(offer, abi.encodeWithSelector(IOffers.InvalidOffer.selector));
        }
    }

    function test_noMerchantGivesPointsThatTheBankPaysFor() public {
        OfferOrder memory offer = _offer(OfferKind.Points);
        offer.programme = OF_BANK;
        _refusedOffer(offer, abi.encodeWithSelector(ILoyalty.NotThePayer.selector, OF_BANK, shop));
        offer.programme = 9;
        _refusedOffer(offer, abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(9)));
        offer.programme = COALITION;
        _publish(offer);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, shop, offer.nonce)
        );
        this.publish(offer);
    }

    function publish(OfferOrder memory offer) external {
        _publish(offer);
    }

    function test_onlyTheCashierUsesOffers() public {
        Basket memory basket;
        bytes memory why = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            address(this)
        );
        vm.expectRevert(why);
        offers.giveTo(basket);
        vm.expectRevert(why);
        offers.giveBack("", "", alice, alice, 1);
    }

    function _with(address payer, bytes32 reduction) private returns (PurchaseOrder memory order) {
        order = _order(payer, shop, 12_000);
        order.reduction = reduction;
    }

    function _buyWith(address payer, bytes32 reduction) private returns (Bought memory) {
        return _buy(_with(payer, reduction));
    }

    function _refusedOffer(OfferOrder memory offer, bytes memory why) private {
        bytes memory signature = signDigest(keyOf[offer.merchant], _offerDigest(offer));
        vm.expectRevert(why);
        offers.publish(offer, signature);
    }
}
