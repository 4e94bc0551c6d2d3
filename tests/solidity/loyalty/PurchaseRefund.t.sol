// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ProgrammeKind} from "../../../contracts/loyalty/ILoyalty.sol";
import {OfferKind} from "../../../contracts/loyalty/IOffers.sol";
import {
    IPurchases,
    PurchaseOrder,
    PurchaseRefundOrder
} from "../../../contracts/loyalty/IPurchases.sol";
import {LotBook} from "../../../contracts/loyalty/Lots.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ITransferPolicy} from "../../../contracts/policy/ITransferPolicy.sol";
import {Shop} from "./Shop.sol";

contract PurchaseRefundTest is Shop {
    /// @dev 120 euros with 15 off, 5 of it in points, which earns 100 points.
    function _bought() private returns (Bought memory) {
        _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 12_000);
        order.reduction = _published(OfferKind.Reduction);
        order.points = 500;
        return _buy(order);
    }

    function test_theWholeComesBack() public {
        uint256 pool = loyalty.poolOf(OWN, shop);
        Bought memory b = _bought();
        uint256 had = euro.balanceOf(alice);
        uint256 shopHad = euro.balanceOf(shop);
        _refund(b, 12_000);
        assertEq(euro.balanceOf(alice) - had, 10_000);
        assertEq(shopHad - euro.balanceOf(shop), 10_500);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
        assertEq(loyalty.poolOf(OWN, shop), pool - 500);
        (, , uint256 used) = offers.offerOf(b.order.reduction);
        assertEq(used, 0);
    }

    function test_halfOfItReversesHalfOfEverything() public {
        Bought memory b = _bought();
        uint256 had = euro.balanceOf(alice);
        _refund(b, 6_000);
        assertEq(euro.balanceOf(alice) - had, 5_000);
        assertEq(loyalty.pointsOf(OWN, alice), 50 + 250);
        (, , uint256 used) = offers.offerOf(b.order.reduction);
        assertEq(used, 750);
        (uint64 amount, uint64 money, uint64 gone) = purchases.refundedOf(b.id);
        assertEq(amount, 6_000);
        assertEq(money, 5_000);
        assertEq(gone, 0);
    }

    function testFuzz_manySmallRefundsComeToTheSameAsOne(uint16[5] memory parts) public {
        Bought memory b = _bought();
        uint256 had = euro.balanceOf(alice);
        uint256 shopHad = euro.balanceOf(shop);
        uint256 left = 12_000;
        for (uint256 i = 0; i < 5 && left > 1; ++i) {
            uint256 part = bound(parts[i], 1, left - 1);
            _refund(b, uint64(part));
            left -= part;
            // Nobody keeps more than the rest is worth.
            assertLe(euro.balanceOf(alice) - had, (10_000 * (12_000 - left)) / 12_000);
        }
        _refund(b, uint64(left));
        assertEq(euro.balanceOf(alice) - had, 10_000);
        assertEq(shopHad - euro.balanceOf(shop), 10_500);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
    }

    function test_earnedPointsThatWereSpentAreKeptFromTheMoney() public {
        Bought memory b = _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 300);
        order.points = 300;
        _buy(order);
        uint256 had = euro.balanceOf(alice);
        uint256 pool = loyalty.poolOf(OWN, shop);
        _refund(b, b.order.gross);
        assertEq(euro.balanceOf(alice) - had, 50_000 - 300);
        assertEq(loyalty.pointsOf(OWN, alice), 0);
        // What was set aside for 200, and 300 in money for those that had been paid out.
        assertEq(loyalty.poolOf(OWN, shop) - pool, 500);
    }

    function test_whatIsKeptGoesToWhoPaidForThePoints() public {
        Bought memory b = _buy(OF_BANK, 100_00);
        _givePoints(OF_BANK, alice, bob, 399);
        uint256 had = euro.balanceOf(alice);
        uint256 pool = loyalty.poolOf(OF_BANK, bank);
        _refund(b, 100_00);
        // 399 quarters of a cent, rounded up.
        assertEq(euro.balanceOf(alice) - had, 10_000 - 100);
        assertEq(loyalty.poolOf(OF_BANK, bank) - pool, 1 + 400);
    }

    function test_moneyIsNeverLessThanNothing() public {
        uint32 rich = _create(ProgrammeKind.Merchant, shop, 1, 1);
        _earn(rich, shop, shop, 1, 1);
        _fund(rich, shop, 100_000);
        Bought memory b = _buy(rich, 1_000);
        _givePoints(rich, alice, bob, 1_000);
        uint256 had = euro.balanceOf(alice);
        _refund(b, 400);
        assertEq(euro.balanceOf(alice), had);
        _refund(b, 600);
        assertEq(euro.balanceOf(alice), had);
        assertEq(loyalty.poolOf(rich, shop), 100_000);
    }

    /// @dev A first part gives money back, then the points go: nothing is asked back, and nothing more is given.
    function test_whatWasPaidOutStaysPaid() public {
        uint32 rich = _create(ProgrammeKind.Merchant, shop, 100, 1);
        _earn(rich, shop, shop, 1, 100);
        _fund(rich, shop, 100_000);
        Bought memory b = _buy(rich, 200);
        uint256 had = euro.balanceOf(alice);
        _refund(b, 100);
        assertEq(euro.balanceOf(alice) - had, 100);
        _givePoints(rich, alice, bob, 1);
        _refund(b, 1);
        assertEq(euro.balanceOf(alice) - had, 100);
        _refund(b, 99);
        assertEq(euro.balanceOf(alice) - had, 100);
    }

    function test_earnedPointsThatExpiredCostNothing() public {
        Bought memory b = _earnAtShop(alice, 500);
        skip(400 days);
        uint256 month = loyalty.currentMonth();
        loyalty.release(OWN, b.settlement.expiryMonth, shop);
        assertEq(loyalty.poolOf(OWN, shop), 1_000_000);
        uint256 had = euro.balanceOf(alice);
        _refund(b, b.order.gross);
        assertEq(euro.balanceOf(alice) - had, 50_000);
        assertEq(loyalty.poolOf(OWN, shop), 1_000_000);
        (uint256[] memory points, ) = loyalty.lotsOf(OWN, alice, month - 14, 15);
        for (uint256 i = 0; i < 15; ++i) assertEq(points[i], 0);
    }

    function test_ofPointsThatExpiredOnlyTheSpentOnesAreKept() public {
        Bought memory b = _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 300);
        order.points = 300;
        _buy(order);
        skip(400 days);
        uint256 had = euro.balanceOf(alice);
        _refund(b, b.order.gross);
        assertEq(euro.balanceOf(alice) - had, 50_000 - 300);
    }

    function test_spentPointsComeBackWithTheirMonthLatestFirst() public {
        uint256 month = loyalty.currentMonth();
        _earnAtShop(alice, 100);
        skip(40 days);
        _earnAtShop(alice, 100);
        PurchaseOrder memory order = _order(OWN, 1_000);
        order.points = 150;
        Bought memory b = _buy(order);
        assertEq(b.settlement.lots.length, 2);
        assertEq(b.settlement.lots[0], LotBook.entry(month + 12, 100));
        assertEq(b.settlement.lots[1], LotBook.entry(month + 13, 50));
        // The third that comes back first is all of the later month.
        _refund(b, 333);
        (uint256[] memory points, ) = loyalty.lotsOf(OWN, alice, month + 12, 2);
        assertEq(points[0], 0);
        assertEq(points[1], 50 + b.settlement.earned + 49 - 3);
        // The next part takes the rest of that month, and the last one has to pass it over.
        _refund(b, 200);
        _refund(b, 467);
        (points, ) = loyalty.lotsOf(OWN, alice, month + 12, 2);
        assertEq(points[0], 100);
        assertEq(points[1], 100);
        (points, ) = loyalty.lotsOf(OWN, address(0), month + 12, 2);
        assertEq(points[0], 100);
        assertEq(points[1], 100);
    }

    function test_pointsThatComeBackAreGoodForThirtyDays() public {
        Bought memory earned = _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 500);
        order.points = 500;
        Bought memory b = _buy(order);
        skip(700 days);
        uint256 month = loyalty.currentMonth();
        uint256 pool = loyalty.poolOf(OWN, shop);
        _refund(b, 500);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
        uint256 end = block.timestamp + 30 days;
        vm.warp(end - 1);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
        // They were issued anew, by the shop.
        skip(35 days);
        assertEq(loyalty.pointsOf(OWN, alice), 0);
        loyalty.release(OWN, month + 1, shop);
        assertEq(loyalty.poolOf(OWN, shop), pool + 500);
        // The purchase that earned them can still be returned; they were spent.
        uint256 had = euro.balanceOf(alice);
        _refund(earned, 50_000);
        assertEq(euro.balanceOf(alice) - had, 49_500);
    }

    function test_whatIsNotWholeMoneyStaysInTheMerchantsPool() public {
        _buy(COALITION, 100_00);
        PurchaseOrder memory order = _order(alice, cafe, 1_000);
        (order.programme, order.points) = (COALITION, 400);
        Bought memory b = _buy(order);
        uint256 pool = loyalty.poolOf(COALITION, cafe);
        uint256 had = euro.balanceOf(cafe);
        uint256 earned = b.settlement.earned;
        // 2 points of 400 are half a cent, and the one point that is taken back a quarter.
        _refund(b, 5);
        assertEq(earned, 36);
        assertEq(had - euro.balanceOf(cafe), 4 + 1);
        assertEq(loyalty.poolOf(COALITION, cafe), pool + 2 + 1);
    }

    function test_aRefundOfAClosedProgramme() public {
        Bought memory b = _bought();
        vm.prank(organiser);
        loyalty.closeProgramme(OWN);
        _refund(b, 12_000);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
    }

    function test_partiesThatGotNewKeys() public {
        Bought memory b = _bought();
        (address next, uint256 key) = _recover(alice);
        (address nextShop, uint256 nextShopKey) = _recover(shop);
        assertEq(loyalty.pointsOf(OWN, next), 100);
        assertEq(loyalty.pointsOf(OWN, alice), 0);
        assertEq(loyalty.poolOf(OWN, shop), 0);
        assertGt(loyalty.poolOf(OWN, nextShop), 0);
        PurchaseRefundOrder memory order = _refundOf(b, 12_000);
        _refusedRefund(order, b, abi.encodeWithSelector(IPurchases.RefundMismatch.selector));
        (keyOf[next], keyOf[nextShop]) = (key, nextShopKey);
        order.merchant = nextShop;
        _refusedRefund(order, b, abi.encodeWithSelector(IPurchases.RefundMismatch.selector));
        order.payer = next;
        _refund(order, b);
        assertEq(loyalty.pointsOf(OWN, next), 500);
        // And once more: points are where the first account of the three was.
        (next, key) = _recover(next);
        assertEq(loyalty.pointsOf(OWN, next), 500);
        assertEq(loyalty.originOf(next), alice);
    }

    // --- refusals ---

    function test_moreThanWasPaid() public {
        Bought memory b = _bought();
        _refund(b, 11_999);
        _refusedRefund(
            _refundOf(b, 2),
            b,
            abi.encodeWithSelector(
                IPurchases.RefundExceedsPayment.selector,
                b.id,
                12_000,
                11_999,
                2
            )
        );
        _refund(b, 1);
        _refusedRefund(
            _refundOf(b, 1),
            b,
            abi.encodeWithSelector(
                IPurchases.RefundExceedsPayment.selector,
                b.id,
                12_000,
                12_000,
                1
            )
        );
    }

    function test_nothingTwiceOrLate() public {
        Bought memory b = _bought();
        _refusedRefund(_refundOf(b, 0), b, abi.encodeWithSelector(IPurchases.ZeroAmount.selector));
        PurchaseRefundOrder memory order = _refundOf(b, 5);
        _refund(order, b);
        _refusedRefund(
            order,
            b,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, shop, order.nonce)
        );
        order.deadline = uint64(block.timestamp - 1);
        _refusedRefund(
            order,
            b,
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, order.deadline)
        );
    }

    function test_byAStranger() public {
        Bought memory b = _bought();
        PurchaseRefundOrder memory order = _refundOf(b, 5);
        bytes memory signature = signDigest(cafeKey, _purchaseRefundDigest(order));
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, shop));
        purchases.refundPurchase(order, signature, b.order, b.settlement);
        order.merchant = cafe;
        _refusedRefund(order, b, abi.encodeWithSelector(IPurchases.RefundMismatch.selector));
    }

    function test_ofAnotherPurchaseOrCurrency() public {
        Bought memory b = _bought();
        PurchaseRefundOrder memory order = _refundOf(b, 5);
        order.purchase = "another";
        _refusedRefund(order, b, abi.encodeWithSelector(IPurchases.RefundMismatch.selector));
        order = _refundOf(b, 5);
        order.currency = USD;
        _refusedRefund(order, b, abi.encodeWithSelector(IPurchases.RefundMismatch.selector));
        order.currency = "XXX";
        _refusedRefund(
            order,
            b,
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("XXX"))
        );
    }

    function test_ofWhatDidNotHappenLikeThat() public {
        Bought memory b = _bought();
        PurchaseRefundOrder memory order = _refundOf(b, 5);
        bytes memory why = abi.encodeWithSelector(IPurchases.NotRefundable.selector, b.id);
        b.settlement.cash += 1;
        _refusedRefund(order, b, why);
        b.settlement.cash -= 1;
        b.settlement.earned -= 1;
        _refusedRefund(order, b, why);
        b.settlement.earned += 1;
        b.settlement.lots[0] += 1;
        _refusedRefund(order, b, why);
        b.settlement.lots[0] -= 1;
        // An order that was signed but did not execute, with the invoice of one that did.
        PurchaseOrder memory real = b.order;
        b.order = _order(OWN, 12_000);
        b.order.invoice = real.invoice;
        b.id = _purchaseDigest(b.order);
        why = abi.encodeWithSelector(IPurchases.NotRefundable.selector, b.id);
        _refusedRefund(_refundOf(b, 5), b, why);
        b.order = real;
        _refund(order, b);
    }

    function test_toAFrozenPayer() public {
        Bought memory b = _bought();
        _freeze(alice);
        bytes memory why = abi.encodeWithSelector(
            IIdentityRegistry.AccountIsFrozen.selector,
            alice
        );
        _refusedRefund(_refundOf(b, 5), b, why);
        // Even where no money moves.
        _refusedRefund(_refundOf(b, 1), b, why);
    }
}
