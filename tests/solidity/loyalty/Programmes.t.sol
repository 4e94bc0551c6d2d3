// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    ILoyalty,
    MemberState,
    ProgrammeKind,
    ProgrammeTerms,
    Restoration,
    Sale
} from "../../../contracts/loyalty/ILoyalty.sol";
import {
    EarningOrder,
    ILoyaltyDesk,
    PointsOrder,
    PoolOrder
} from "../../../contracts/loyalty/ILoyaltyDesk.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {PurchaseOrder} from "../../../contracts/loyalty/IPurchases.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ITransferPolicy, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Shop} from "./Shop.sol";

contract ProgrammesTest is Shop {
    function test_aProgrammeIsWhatItWasCreatedAs() public {
        ProgrammeTerms memory terms = _terms(ProgrammeKind.Coalition, bank, 3, 7);
        (terms.months, terms.transferable) = (36, false);
        uint32 id = _create(terms);
        assertEq(id, 4);
        assertEq(loyalty.programmeCount(), 4);
        (ProgrammeTerms memory found, bool closed, uint256 reserve) = loyalty.programmeOf(id);
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(terms)));
        assertFalse(closed);
        assertEq(reserve, 0);
    }

    function test_aProgrammeThatCannotBe() public {
        for (uint256 fault = 0; fault < 6; ++fault) {
            ProgrammeTerms memory terms = _terms(ProgrammeKind.Bank, bank, 1, 1);
            if (fault == 0) terms.kind = ProgrammeKind.None;
            if (fault == 1) terms.owner = address(0);
            if (fault == 2) terms.valueNumerator = 0;
            if (fault == 3) terms.valueDenominator = 0;
            if (fault == 4) terms.months = 0;
            if (fault == 5) terms.months = 37;
            vm.prank(organiser);
            vm.expectRevert(abi.encodeWithSelector(ILoyalty.InvalidProgramme.selector));
            loyalty.createProgramme(terms);
        }
        ProgrammeTerms memory foreign = _terms(ProgrammeKind.Bank, bank, 1, 1);
        foreign.currency = "XXX";
        vm.prank(organiser);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("XXX"))
        );
        loyalty.createProgramme(foreign);
    }

    function test_onlyTheOrganiserRunsProgrammes() public {
        bytes memory why = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            address(this)
        );
        ProgrammeTerms memory terms = _terms(ProgrammeKind.Bank, bank, 1, 1);
        vm.expectRevert(why);
        loyalty.createProgramme(terms);
        vm.expectRevert(why);
        loyalty.closeProgramme(OWN);
        vm.expectRevert(why);
        loyalty.setMember(OWN, shop, MemberState.Active);
        vm.expectRevert(why);
        loyalty.returnPool(OWN, shop);
    }

    function test_onlyTheCashierMovesPoints() public {
        bytes memory why = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            organiser
        );
        vm.startPrank(organiser);
        vm.expectRevert(why);
        loyalty.settle(Sale("", OWN, alice, shop, 0, 1));
        vm.expectRevert(why);
        loyalty.takeBack(Sale("", OWN, alice, shop, 0, 1), 1);
        vm.expectRevert(why);
        loyalty.restore(Restoration("", OWN, alice, shop, new uint256[](0), 0, 0, 1));
        vm.expectRevert(why);
        loyalty.setEarning(OWN, shop, shop, 1, 100);
        vm.expectRevert(why);
        loyalty.deposit(OWN, shop, EUR, 1, "");
        vm.expectRevert(why);
        loyalty.withdraw(OWN, shop, EUR, 1, "");
        vm.expectRevert(why);
        loyalty.transferPoints(OWN, alice, bob, 1);
        vm.expectRevert(why);
        loyalty.moveAccount(alice, bob);
        vm.stopPrank();
    }

    function test_aProgrammeClosesOnce() public {
        vm.startPrank(organiser);
        loyalty.closeProgramme(OWN);
        bytes memory why = abi.encodeWithSelector(ILoyalty.ProgrammeIsClosed.selector, OWN);
        vm.expectRevert(why);
        loyalty.closeProgramme(OWN);
        vm.expectRevert(abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(9)));
        loyalty.closeProgramme(9);
        vm.stopPrank();
        _refusedDeposit(_pool(OWN, shop, 5), shopKey, why);
        EarningOrder memory order = _earning(OWN, shop, shop, 1, 100);
        _refusedEarning(order, shopKey, why);
        // What is free can be taken out.
        _withdraw(OWN, shop, 1_000_000);
    }

    function test_membersAreOfTheOrganisersChoosing() public {
        vm.startPrank(organiser);
        vm.expectRevert(abi.encodeWithSelector(ILoyalty.InvalidProgramme.selector));
        loyalty.setMember(COALITION, address(0), MemberState.Active);
        vm.expectRevert(abi.encodeWithSelector(ILoyalty.InvalidProgramme.selector));
        loyalty.setMember(COALITION, shop, MemberState.None);
        vm.expectRevert(abi.encodeWithSelector(ILoyalty.NotThePayer.selector, OWN, cafe));
        loyalty.setMember(OWN, cafe, MemberState.Active);
        loyalty.setMember(COALITION, shop, MemberState.Suspended);
        vm.stopPrank();
        (MemberState state, uint32 points, uint32 perMinor) = loyalty.memberOf(COALITION, shop);
        assertTrue(state == MemberState.Suspended);
        assertEq(points, 4);
        assertEq(perMinor, 100);
    }

    // --- pools ---

    function test_aPoolGetsAndGivesMoneyAsItsAccountSigned() public {
        uint256 had = euro.balanceOf(shop);
        _fund(OWN, shop, 500);
        assertEq(loyalty.poolOf(OWN, shop), 1_000_500);
        assertEq(had - euro.balanceOf(shop), 500);
        _withdraw(OWN, shop, 700);
        assertEq(loyalty.poolOf(OWN, shop), 999_800);
        assertEq(euro.balanceOf(shop), had + 200);
    }

    function test_whatIsSetAsideCannotBeTakenOut() public {
        _earnAtShop(alice, 400);
        PoolOrder memory order = _pool(OWN, shop, 999_601);
        _refusedWithdrawal(
            order,
            shopKey,
            abi.encodeWithSelector(ILoyalty.PoolTooSmall.selector, OWN, shop, 999_600, 999_601)
        );
        _withdraw(OWN, shop, 999_600);
    }

    function test_poolOrdersThatAreRefused() public {
        PoolOrder memory order = _pool(OWN, shop, 0);
        bytes memory why = abi.encodeWithSelector(ILoyaltyDesk.ZeroAmount.selector);
        _refusedDeposit(order, shopKey, why);
        _refusedWithdrawal(order, shopKey, why);
        order.amount = 5;
        _refusedDeposit(
            order,
            cafeKey,
            abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, shop)
        );
        order.currency = USD;
        why = abi.encodeWithSelector(ILoyalty.ProgrammeMismatch.selector, OWN, USD);
        _refusedDeposit(order, shopKey, why);
        _refusedWithdrawal(order, shopKey, why);
        (order.currency, order.programme) = (EUR, 9);
        why = abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(9));
        _refusedDeposit(order, shopKey, why);
        _refusedWithdrawal(order, shopKey, why);
        // Only who pays for points has a pool.
        order = _pool(OF_BANK, shop, 5);
        why = abi.encodeWithSelector(ILoyalty.NotThePayer.selector, OF_BANK, shop);
        _refusedDeposit(order, shopKey, why);
        order = _pool(COALITION, bank, 5);
        why = abi.encodeWithSelector(ILoyalty.NotThePayer.selector, COALITION, bank);
        _refusedDeposit(order, bankKey, why);
    }

    function test_theOrganiserEmptiesAPoolIntoItsOwnAccountOnly() public {
        _buy(COALITION, 100_00);
        uint256 had = euro.balanceOf(shop);
        vm.prank(organiser);
        loyalty.returnPool(COALITION, shop);
        // 4,000,000 quarters of a cent less 400 that are set aside.
        assertEq(euro.balanceOf(shop) - had, 999_900);
        assertEq(loyalty.poolOf(COALITION, shop), 0);
        vm.prank(organiser);
        vm.expectRevert(abi.encodeWithSelector(ILoyalty.ZeroAmount.selector));
        loyalty.returnPool(COALITION, shop);
    }

    // --- earning ---

    function test_whoPaysForPointsSaysHowManyThereAre() public {
        EarningOrder memory order = _earning(OF_BANK, shop, shop, 4, 100);
        _refusedEarning(
            order,
            shopKey,
            abi.encodeWithSelector(ILoyalty.NotThePayer.selector, OF_BANK, shop)
        );
        order = _earning(COALITION, bank, bank, 4, 100);
        _refusedEarning(
            order,
            bankKey,
            abi.encodeWithSelector(
                ILoyalty.MemberNotActive.selector,
                COALITION,
                bank,
                MemberState.None
            )
        );
        order = _earning(OWN, shop, shop, 101, 100);
        _refusedEarning(
            order,
            shopKey,
            abi.encodeWithSelector(ILoyalty.EarningTooHigh.selector, uint32(101), uint32(100))
        );
        order.points = 100;
        bytes memory signature = signDigest(shopKey, _earningDigest(order));
        assertEq(desk.setEarning(order, signature), _earningDigest(order));
        _buy(OWN, 500);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
        _earn(OWN, shop, shop, 0, 0);
        _buy(OWN, 500);
        assertEq(loyalty.pointsOf(OWN, alice), 500);
    }

    // --- giving ---

    function test_pointsAreGivenWithTheirMonths() public {
        _earnAtShop(alice, 500);
        _givePoints(OWN, alice, bob, 200);
        assertEq(loyalty.pointsOf(OWN, alice), 300);
        assertEq(loyalty.pointsOf(OWN, bob), 200);
        assertEq(_held(OWN), 500);
        (uint256[] memory points, ) = loyalty.lotsOf(OWN, bob, loyalty.currentMonth() + 12, 1);
        assertEq(points[0], 200);
    }

    function test_pointsThatCannotBeGiven() public {
        _earnAtShop(alice, 500);
        PointsOrder memory order = _giving(OWN, alice, bob, 0);
        _refusedGiving(order, abi.encodeWithSelector(ILoyaltyDesk.ZeroAmount.selector));
        (order.points, order.to) = (5, alice);
        _refusedGiving(order, abi.encodeWithSelector(ILoyaltyDesk.SelfPayment.selector, alice));
        order.to = address(loyalty);
        _refusedGiving(
            order,
            abi.encodeWithSelector(ILoyaltyDesk.InvalidHolder.selector, address(loyalty))
        );
        order.to = stranger;
        _refusedGiving(
            order,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
        (order.to, order.points) = (bob, 501);
        _refusedGiving(
            order,
            abi.encodeWithSelector(ILoyalty.PointsTooFew.selector, OWN, alice, 500, 501)
        );
        order.programme = 9;
        _refusedGiving(
            order,
            abi.encodeWithSelector(ILoyalty.UnknownProgramme.selector, uint32(9))
        );
        ProgrammeTerms memory terms = _terms(ProgrammeKind.Merchant, shop, 1, 1);
        terms.transferable = false;
        (order.programme, order.points) = (_create(terms), 5);
        _refusedGiving(
            order,
            abi.encodeWithSelector(ILoyalty.PointsNotTransferable.selector, order.programme)
        );
        order.programme = OWN;
        vm.prank(pauser);
        policy.pause(Switch.Outgoing);
        _refusedGiving(
            order,
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
        vm.prank(pauser);
        policy.unpause(Switch.Outgoing);
        desk.transferPoints(order, signDigest(aliceKey, _pointsDigest(order)));
    }

    // --- expiry ---

    function test_expiredPointsFreeTheMoneyOfWhoPaidInProportion() public {
        _buy(COALITION, 100_00);
        _buyAt(cafe, 300_00, 0);
        _buyAt(cafe, 100_00, 0);
        assertEq(loyalty.pointsOf(COALITION, alice), 400 + 1_200 + 400);
        // 1,000 of 2,000 are spent at the cafe, in which the shop has a fifth.
        _spendAt(cafe, 1_000);
        uint256 month = loyalty.currentMonth() + 12;
        uint256 shopHad = loyalty.poolOf(COALITION, shop);
        uint256 cafeHad = loyalty.poolOf(COALITION, cafe);
        _refusedRelease(COALITION, month, shop);
        skip(400 days);
        vm.prank(stranger);
        loyalty.release(COALITION, month, shop);
        assertEq(loyalty.poolOf(COALITION, shop) - shopHad, 200);
        loyalty.release(COALITION, month, cafe);
        assertEq(loyalty.poolOf(COALITION, cafe) - cafeHad, 800);
        (, , uint256 reserve) = loyalty.programmeOf(COALITION);
        assertEq(reserve, 0);
        _refusedRelease(COALITION, month, shop);
        _refusedRelease(COALITION, month, bank);
        _refusedRelease(COALITION, month, address(0));
    }

    function testFuzz_theLastToBeReleasedGetsTheRest(uint64 a, uint64 b, uint64 spent) public {
        a = uint64(bound(a, 100, 100_000));
        b = uint64(bound(b, 100, 100_000));
        _buyAt(shop, a, 0);
        _buyAt(cafe, b, 0);
        uint256 points = loyalty.pointsOf(COALITION, alice);
        spent = uint64(bound(spent, 0, points / 4) * 4);
        if (spent != 0) _spendAt(cafe, spent);
        uint256 month = loyalty.currentMonth() + 12;
        skip(400 days);
        loyalty.release(COALITION, month, shop);
        loyalty.release(COALITION, month, cafe);
        (, , uint256 reserve) = loyalty.programmeOf(COALITION);
        assertEq(reserve, 0);
        assertEq(_held(COALITION), 0);
    }

    function _buyAt(address merchant, uint64 gross, uint64 points) private {
        PurchaseOrder memory order = _order(alice, merchant, gross);
        (order.programme, order.points) = (COALITION, points);
        _buy(order);
    }

    function _spendAt(address merchant, uint64 points) private {
        _buyAt(merchant, points / 4, points);
    }

    function _refusedRelease(uint32 programme, uint256 month, address account) private {
        vm.expectRevert(
            abi.encodeWithSelector(ILoyalty.NothingToRelease.selector, programme, month, account)
        );
        loyalty.release(programme, month, account);
    }

    function _refusedDeposit(PoolOrder memory order, uint256 key, bytes memory why) private {
        bytes memory signature = signDigest(key, _poolDigest("PoolDeposit", order));
        vm.expectRevert(why);
        desk.deposit(order, signature);
    }

    function _refusedWithdrawal(PoolOrder memory order, uint256 key, bytes memory why) private {
        bytes memory signature = signDigest(key, _poolDigest("PoolWithdrawal", order));
        vm.expectRevert(why);
        desk.withdraw(order, signature);
    }

    function _refusedEarning(EarningOrder memory order, uint256 key, bytes memory why) private {
        bytes memory signature = signDigest(key, _earningDigest(order));
        vm.expectRevert(why);
        desk.setEarning(order, signature);
    }

    function _refusedGiving(PointsOrder memory order, bytes memory why) private {
        bytes memory signature = signDigest(aliceKey, _pointsDigest(order));
        vm.expectRevert(why);
        desk.transferPoints(order, signature);
    }
}
