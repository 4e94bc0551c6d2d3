// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {FLAG_MERCHANT} from "../../../contracts/identity/IdentityWord.sol";
import {ILoyalty, MemberState} from "../../../contracts/loyalty/ILoyalty.sol";
import {OfferKind} from "../../../contracts/loyalty/IOffers.sol";
import {IPurchases, PurchaseOrder, Settlement} from "../../../contracts/loyalty/IPurchases.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ITransferPolicy, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {OwnedWallet} from "../support/Wallets.sol";
import {Shop} from "./Shop.sol";

contract PurchaseTest is Shop {
    function test_moneyDiscountAndPointsMoveTogether() public {
        _earnAtShop(alice, 500);
        uint256 had = euro.balanceOf(alice);
        uint256 shopHad = euro.balanceOf(shop);
        PurchaseOrder memory order = _order(OWN, 12_000);
        order.reduction = _published(OfferKind.Reduction);
        order.points = 500;
        order.least = 10_500;
        order.earnLeast = 100;
        (Settlement memory quote, bytes[3] memory refusals) = purchases.quotePurchase(order);
        Bought memory b = _buy(order);

        assertEq(refusals[0].length + refusals[1].length + refusals[2].length, 0);
        assertEq(b.id, _purchaseDigest(order));
        assertEq(b.settlement.reduction, 1_500);
        assertEq(b.settlement.pointsValue, 500);
        assertEq(b.settlement.cash, 10_000);
        assertEq(b.settlement.earned, 100);
        assertEq(quote.cash, 10_000);
        assertEq(quote.earned, 100);
        assertEq(had - euro.balanceOf(alice), 10_000);
        assertEq(euro.balanceOf(shop) - shopHad, 10_500);
        assertEq(loyalty.pointsOf(OWN, alice), 100);
        assertEq(loyalty.poolOf(OWN, shop), 1_000_000 - 500 - 100);
        assertEq(_held(OWN), 100);
        assertTrue(purchases.isPaid(shop, EUR, 12_000, order.invoice));
        assertTrue(purchases.nonceUsed(alice, order.nonce));
    }

    function test_aPurchaseWithoutAProgrammeIsAPaymentThatIsPaidOnce() public {
        PurchaseOrder memory order = _order();
        Bought memory b = _buy(order);
        assertEq(b.settlement.cash, 12_000);
        assertEq(b.settlement.earned, 0);
        order.nonce = ++nonces;
        _refusedPurchase(order, _paid(order));
    }

    function test_aStrangerWhoPaysAnotherAmountDoesNotUseUpABill() public {
        PurchaseOrder memory order = _order();
        PurchaseOrder memory cent = _order(bob, shop, 1);
        cent.invoice = order.invoice;
        _buy(cent);
        assertFalse(purchases.isPaid(shop, EUR, 12_000, order.invoice));
        _buy(order);
    }

    function test_allCanBePaidInPoints() public {
        _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 500);
        order.points = 500;
        uint256 had = euro.balanceOf(alice);
        Bought memory b = _buy(order);
        assertEq(euro.balanceOf(alice), had);
        assertEq(b.settlement.cash, 0);
        assertEq(b.settlement.earned, 0);
    }

    function test_pointsOfACoalitionAreSpentWhereTheyWereNotEarned() public {
        PurchaseOrder memory order = _order(COALITION, 100_00);
        _buy(order);
        assertEq(loyalty.pointsOf(COALITION, alice), 400);
        assertEq(loyalty.poolOf(COALITION, shop), 4_000_000 - 400);
        uint256 had = euro.balanceOf(cafe);
        order = _order(alice, cafe, 100);
        (order.programme, order.points) = (COALITION, 400);
        _buy(order);
        // The shop paid the cafe.
        assertEq(euro.balanceOf(cafe) - had, 100);
        assertEq(loyalty.poolOf(COALITION, cafe), 4_000_000);
    }

    function test_theBankPaysForPointsOfItsOwnProgramme() public {
        _buy(OF_BANK, 100_00);
        assertEq(loyalty.poolOf(OF_BANK, bank), 4_000_000 - 400);
        assertEq(loyalty.poolOf(OF_BANK, shop), 0);
    }

    function test_aClosedProgrammeEarnsNothingAndHonoursWhatIsHeld() public {
        _earnAtShop(alice, 500);
        vm.prank(organiser);
        loyalty.closeProgramme(OWN);
        PurchaseOrder memory order = _order(OWN, 1_000);
        order.points = 500;
        Bought memory b = _buy(order);
        assertEq(b.settlement.pointsValue, 500);
        assertEq(b.settlement.earned, 0);
    }

    // --- refusals, each of a purchase that happens without the fault ---

    function test_currency() public {
        PurchaseOrder memory order = _order();
        order.currency = "XXX";
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("XXX"))
        );
    }

    function test_nothing() public {
        _refusedPurchase(
            _order(alice, shop, 0),
            abi.encodeWithSelector(IPurchases.ZeroAmount.selector)
        );
    }

    function test_oneself() public {
        _refusedPurchase(
            _order(shop, shop, 5),
            abi.encodeWithSelector(IPurchases.SelfPayment.selector, shop)
        );
    }

    function test_noInvoice() public {
        PurchaseOrder memory order = _order();
        order.invoice = 0;
        _refusedPurchase(order, abi.encodeWithSelector(IPurchases.InvoiceMissing.selector));
    }

    function test_late() public {
        PurchaseOrder memory order = _order();
        skip(30 days + 1);
        bytes memory why = abi.encodeWithSelector(
            ISignedOrders.OrderExpired.selector,
            order.deadline
        );
        _refusedPurchase(order, why);
        vm.expectRevert(why);
        purchases.quotePurchase(order);
    }

    function test_signedByAnother() public {
        PurchaseOrder memory order = _order();
        bytes memory signature = signDigest(bobKey, _purchaseDigest(order));
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        purchases.purchase(order, signature);
    }

    function test_replayed() public {
        PurchaseOrder memory order = _order();
        _buy(order);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, order.nonce)
        );
    }

    function test_noMerchant() public {
        bytes memory why = abi.encodeWithSelector(IPurchases.NotAMerchant.selector, bob);
        _refusedPurchase(_order(alice, bob, 5), why);
        // Who loses the flag is suspended as a merchant, and goes on as a customer.
        vm.prank(registrar);
        registry.update(shop, 3, GERMANY, uint40(START + 3650 days), 0);
        _refusedPurchase(_order(), abi.encodeWithSelector(IPurchases.NotAMerchant.selector, shop));
        vm.prank(registrar);
        registry.update(shop, 3, GERMANY, uint40(START + 3650 days), FLAG_MERCHANT);
        _buy(_order());
    }

    function test_programmeAndMember() public {
        PurchaseOrder memory order = _order(9, 500);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(9))
        );
        (order.programme, order.points) = (0, 1);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(0))
        );
        order = _order(alice, cafe, 500);
        order.programme = OWN;
        _refusedPurchase(order, _notActive(cafe, MemberState.None));
        order = _order(OWN, 500);
        order.currency = USD;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ILoyalty.ProgrammeMismatch.selector, OWN, USD)
        );
    }

    function test_aSuspendedMemberNeitherEarnsNorTakesPoints() public {
        Bought memory b = _earnAtShop(alice, 500);
        vm.prank(organiser);
        loyalty.setMember(OWN, shop, MemberState.Suspended);
        _refusedPurchase(_order(OWN, 500), _notActive(shop, MemberState.Suspended));
        // What was bought can be returned, and money is still taken.
        _refund(b, b.order.gross);
        _buy(_order());
        vm.prank(organiser);
        loyalty.setMember(OWN, shop, MemberState.Active);
        _buy(OWN, 500);
    }

    function test_morePointsThanHeld() public {
        _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 1_000);
        order.points = 501;
        bytes memory why = abi.encodeWithSelector(
            ILoyalty.PointsTooFew.selector,
            OWN,
            alice,
            500,
            501
        );
        _refusedPurchase(order, why);
        vm.expectRevert(why);
        purchases.quotePurchase(order);
    }

    function test_pointsThatExpiredThisSecond() public {
        _earnAtShop(alice, 500);
        // January 2027 and twelve months: good until the end of January 2028.
        uint256 end = 1_832_976_000;
        vm.warp(end - 1);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
        vm.warp(end);
        assertEq(loyalty.pointsOf(OWN, alice), 0);
        PurchaseOrder memory order = _order(OWN, 1_000);
        order.points = 1;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ILoyalty.PointsTooFew.selector, OWN, alice, 0, 1)
        );
    }

    function test_pointsThatAreNotWholeMoney() public {
        _buy(COALITION, 100_00);
        PurchaseOrder memory order = _order(COALITION, 1_000);
        order.points = 6;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ILoyalty.PointsNotWhole.selector, COALITION, 6, 4)
        );
        order.points = 8;
        _buy(order);
    }

    function test_pointsWorthMoreThanThePrice() public {
        _earnAtShop(alice, 500);
        PurchaseOrder memory order = _order(OWN, 499);
        order.points = 500;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IPurchases.PointsExceedPrice.selector, 500, 499)
        );
    }

    function test_lessThanTheMerchantAccepts() public {
        PurchaseOrder memory order = _order(OWN, 12_000);
        order.reduction = _published(OfferKind.Reduction);
        order.least = 10_501;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IPurchases.LessThanLeast.selector, 10_500, 10_501)
        );
    }

    function test_fewerPointsThanPromised() public {
        PurchaseOrder memory order = _order(OWN, 12_000);
        order.earnLeast = 121;
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IPurchases.EarnsTooLittle.selector, 120, 121)
        );
        order.earnLeast = 120;
        _buy(order);
    }

    function test_anEmptyPoolStopsThePurchaseAndMovesNothing() public {
        _withdraw(OWN, shop, 999_999);
        uint256 had = euro.balanceOf(alice);
        PurchaseOrder memory order = _order(OWN, 200);
        bytes memory why = abi.encodeWithSelector(ILoyalty.PoolTooSmall.selector, OWN, shop, 1, 2);
        _refusedPurchase(order, why);
        vm.expectRevert(why);
        purchases.quotePurchase(order);
        assertEq(euro.balanceOf(alice), had);
        _buy(OWN, 199);
    }

    function test_morePointsThanAMonthCanHold() public {
        ILoyalty book = loyalty;
        uint32 wide = _create(_termsWith(type(uint32).max));
        _earn(wide, shop, shop, type(uint32).max, 1);
        _fund(wide, shop, 5_000_000);
        _give(alice, EUR, 5_000_000_000);
        bytes memory why = abi.encodeWithSelector(
            ILoyalty.TooManyPoints.selector,
            wide,
            book.currentMonth() + 12
        );
        PurchaseOrder memory order = _order(wide, 2_147_483_649);
        _setLimits(2, _noLimits());
        _refusedPurchase(order, why);
        // More than fits 64 bits is refused before that.
        order = _order(wide, 4_294_967_299);
        why = abi.encodeWithSelector(ILoyalty.TooManyPoints.selector, wide, book.currentMonth());
        _refusedPurchase(order, why);
    }

    function test_frozenPausedAndPoor() public {
        PurchaseOrder memory order = _order(alice, shop, 1_000_001);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                1_000_000,
                1_000_001
            )
        );
        _earnAtShop(alice, 500);
        // Even where no money moves.
        order = _order(OWN, 500);
        order.points = 500;
        vm.prank(pauser);
        policy.pause(Switch.Outgoing);
        bytes memory why = abi.encodeWithSelector(
            ITransferPolicy.OperationPaused.selector,
            Switch.Outgoing
        );
        _refusedPurchase(order, why);
        vm.expectRevert(why);
        purchases.quotePurchase(order);
        vm.prank(pauser);
        policy.unpause(Switch.Outgoing);
        _freeze(alice);
        _refusedPurchase(
            order,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice)
        );
    }

    function test_aWalletContractBuys() public {
        OwnedWallet wallet = new OwnedWallet(alice);
        _register(address(wallet), 2, GERMANY);
        _give(address(wallet), EUR, 50_000);
        PurchaseOrder memory order = _order(address(wallet), shop, 12_000);
        order.programme = OWN;
        purchases.purchase(order, signDigest(aliceKey, _purchaseDigest(order)));
        assertEq(loyalty.pointsOf(OWN, address(wallet)), 120);
    }

    function _paid(PurchaseOrder memory order) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IPurchases.InvoiceAlreadyPaid.selector,
                order.merchant,
                order.invoice
            );
    }

    function _notActive(address account, MemberState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ILoyalty.MemberNotActive.selector, OWN, account, state);
    }
}
