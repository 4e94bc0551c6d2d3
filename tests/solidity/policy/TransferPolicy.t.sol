// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {
    ITransferPolicy,
    Corridor,
    Headroom,
    LimitRule,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";

contract TransferPolicyTest is Movements {
    address private carol = makeAddr("carol");
    address private provider = makeAddr("provider");
    address private escrow;

    function setUp() public override {
        super.setUp();
        escrow = address(batch);
        _register(escrow, 1, BRAZIL, 8);
        _register(provider, 1, BRAZIL, 4);
        _register(carol, 1, GERMANY);
        _give(carol, EUR, 1_000_000);
    }

    function _ok(MovementKind kind, address from, address to, uint256 amount) private {
        assertEq(_perform(euro, kind, from, to, amount), "");
    }

    function _refused(
        MovementKind kind,
        address from,
        address to,
        uint256 amount,
        bytes memory refusal
    ) private {
        assertEq(_perform(euro, kind, from, to, amount), refusal);
    }

    function _limit(
        LimitRule rule,
        uint256 limit,
        uint256 used,
        uint256 asked,
        uint64 freesAt
    ) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                rule,
                limit,
                used,
                asked,
                freesAt
            );
    }

    // --- consume: who may call ---

    function test_consume_isForTokensOnly() public {
        vm.prank(mover);
        vm.expectRevert(abi.encodeWithSelector(ITransferPolicy.UnknownToken.selector, mover));
        policy.consume(alice, bob, 1, MovementKind.Payment);
        vm.prank(address(euro));
        policy.consume(alice, bob, 1, MovementKind.Payment);
    }

    // --- standing ---

    function test_bothSidesMustBeInGoodStanding() public {
        address closed = makeAddr("closed");
        _register(closed, 2, GERMANY);
        vm.prank(registrar);
        registry.close(closed, "reason");
        address old = makeAddr("old");
        address successor = makeAddr("successor");
        _register(old, 2, GERMANY);
        vm.prank(address(recovery));
        registry.moveAccount(old, successor);
        _checkBothSides(
            closed,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, closed)
        );
        _checkBothSides(
            old,
            abi.encodeWithSelector(IIdentityRegistry.AccountWasReplaced.selector, old, successor)
        );
    }

    function _checkBothSides(address account, bytes memory refusal) private {
        _refused(MovementKind.Payment, account, bob, 1, refusal);
        _refused(MovementKind.Payment, bob, account, 1, refusal);
        _refused(MovementKind.Mint, address(0), account, 1, refusal);
        _refused(MovementKind.Redemption, account, address(0), 1, refusal);
    }

    function test_dueDiligenceEndsAtItsSecond() public {
        vm.prank(registrar);
        registry.update(bob, 2, GERMANY, uint40(START + 100), 0);
        vm.warp(START + 99);
        _ok(MovementKind.Payment, alice, bob, 1);
        vm.warp(START + 100);
        bytes memory expired = abi.encodeWithSelector(
            IIdentityRegistry.KycExpired.selector,
            bob,
            uint40(START + 100)
        );
        _checkBothSidesOfExpiry(expired);
        // Money by court order goes to whoever the court names.
        _ok(MovementKind.CourtOrder, alice, bob, 1);
    }

    function _checkBothSidesOfExpiry(bytes memory expired) private {
        _refused(MovementKind.Payment, alice, bob, 1, expired);
        _refused(MovementKind.Payment, bob, alice, 1, expired);
    }

    function test_courtOrder_takesFromAnyRegisteredAccountButGivesToOpenOnes() public {
        _freeze(alice);
        vm.prank(registrar);
        registry.close(bob, "reason");
        _ok(MovementKind.CourtOrder, alice, carol, 300_000);
        _ok(MovementKind.CourtOrder, bob, carol, 300_000);
        _refused(
            MovementKind.CourtOrder,
            stranger,
            carol,
            1,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
        _refused(
            MovementKind.CourtOrder,
            carol,
            stranger,
            1,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
        _refused(
            MovementKind.CourtOrder,
            carol,
            alice,
            1,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice)
        );
        _refused(
            MovementKind.CourtOrder,
            carol,
            bob,
            1,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, bob)
        );
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 0, "a seizure does not use up its victim's limits");
    }

    // --- escrow and providers ---

    function test_escrowIsApartFromAllOtherMoney() public {
        _ok(MovementKind.EscrowIn, alice, escrow, 1000);
        MovementKind[6] memory into = [
            MovementKind.Mint,
            MovementKind.Payment,
            MovementKind.Direct,
            MovementKind.Refund,
            MovementKind.CourtOrder,
            MovementKind.EscrowOut
        ];
        for (uint256 i = 0; i < into.length; ++i) {
            address from = into[i] == MovementKind.Mint ? address(0) : alice;
            if (into[i] == MovementKind.EscrowOut) from = escrow;
            bytes memory refusal = _notFor(escrow, into[i]);
            _refused(into[i], from, escrow, 1, refusal);
        }
        MovementKind[5] memory out = [
            MovementKind.Redemption,
            MovementKind.Payment,
            MovementKind.Direct,
            MovementKind.CourtOrder,
            MovementKind.ExchangeIn
        ];
        for (uint256 i = 0; i < out.length; ++i) {
            address to = out[i] == MovementKind.Redemption ? address(0) : alice;
            _refused(out[i], escrow, to, 1, _notFor(escrow, out[i]));
        }
        _refused(MovementKind.EscrowIn, alice, bob, 1, _notFor(bob, MovementKind.EscrowIn));
        _refused(MovementKind.EscrowOut, alice, bob, 1, _notFor(alice, MovementKind.EscrowOut));
        _ok(MovementKind.EscrowOut, escrow, bob, 1000);
    }

    function _notFor(address account, MovementKind kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITransferPolicy.KindNotForAccount.selector, account, kind);
    }

    function test_exchangeIsForProviders() public {
        _refused(
            MovementKind.ExchangeIn,
            alice,
            bob,
            1,
            abi.encodeWithSelector(ITransferPolicy.NotAProvider.selector, bob)
        );
        _refused(
            MovementKind.ExchangeOut,
            alice,
            bob,
            1,
            abi.encodeWithSelector(ITransferPolicy.NotAProvider.selector, alice)
        );
        _ok(MovementKind.ExchangeIn, alice, provider, 1_000);
        _ok(MovementKind.ExchangeOut, provider, bob, 1_000);
    }

    function test_escrowReturn_isNotTrappedByWhatBecameOfItsOwner() public {
        _ok(MovementKind.EscrowIn, alice, escrow, 1000);
        _ok(MovementKind.EscrowIn, bob, escrow, 1000);
        _freeze(alice);
        vm.prank(registrar);
        registry.close(bob, "reason");
        _refused(
            MovementKind.EscrowOut,
            escrow,
            alice,
            1000,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice)
        );
        _ok(MovementKind.EscrowReturn, escrow, alice, 1000);
        _ok(MovementKind.EscrowReturn, escrow, bob, 1000);
        _refused(
            MovementKind.EscrowReturn,
            escrow,
            stranger,
            1,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
    }

    function test_requirePassage_looksAtPauseStandingAndCorridor() public {
        address dora = makeAddr("dora");
        _register(dora, 1, BRAZIL);
        assertEq(
            uint8(policy.requirePassage(alice, dora, MovementKind.Payment)),
            uint8(Corridor.Open)
        );
        vm.prank(policyMaker);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Review);
        assertEq(
            uint8(policy.requirePassage(alice, dora, MovementKind.Payment)),
            uint8(Corridor.Review)
        );
        vm.prank(policyMaker);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.CorridorClosed.selector, GERMANY, BRAZIL)
        );
        policy.requirePassage(alice, dora, MovementKind.Payment);
        _freeze(dora);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, dora));
        policy.requirePassage(alice, dora, MovementKind.Payment);
        _freeze(alice);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice));
        policy.requirePassage(alice, dora, MovementKind.Payment);
        vm.prank(pauser);
        policy.pause(Switch.Outgoing);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
        policy.requirePassage(alice, dora, MovementKind.Payment);
    }

    // --- limits ---

    function test_limitsSpanAllCurrencies() public {
        // 1,000 a payment, 2,000 a day: 999.99 euros, 92 euros as dollars, 600 euros as yen.
        _ok(MovementKind.Payment, carol, bob, 99_999);
        _give(carol, USD, 10_000);
        assertEq(_perform(tokens[USD], MovementKind.Payment, carol, bob, 10_000), "");
        _give(carol, JPY, 100_000);
        assertEq(_perform(tokens[JPY], MovementKind.Payment, carol, bob, 100_000), "");
        (uint256 dayUsed, uint256 monthUsed) = policy.usageOf(carol);
        assertEq(dayUsed, 99_999 + 9_200 + 60_000);
        assertEq(monthUsed, dayUsed);
        uint64 freesAt = uint64((START / 17_280 + 6) * 17_280);
        _refused(
            MovementKind.Direct,
            carol,
            bob,
            30_802,
            _limit(LimitRule.Day, 200_000, dayUsed, 30_802, freesAt)
        );
        _ok(MovementKind.Direct, carol, bob, 30_801);
    }

    function test_smallestAmountsAreRoundedUp() public {
        _give(alice, BHD, 1_000);
        for (uint256 i = 0; i < 5; ++i) {
            // A fils is 0.245 cents.
            assertEq(_perform(tokens[BHD], MovementKind.Payment, alice, bob, 1), "");
        }
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 5);
    }

    function test_whichKindsCountForThePayer() public {
        MovementKind[6] memory counted = [
            MovementKind.Payment,
            MovementKind.Direct,
            MovementKind.Refund,
            MovementKind.EscrowIn,
            MovementKind.ExchangeIn,
            MovementKind.Redemption
        ];
        uint256 used;
        for (uint256 i = 0; i < counted.length; ++i) {
            address to = bob;
            if (counted[i] == MovementKind.EscrowIn) to = escrow;
            if (counted[i] == MovementKind.ExchangeIn) to = provider;
            if (counted[i] == MovementKind.Redemption) to = address(0);
            _ok(counted[i], carol, to, 100);
            (uint256 dayUsed, ) = policy.usageOf(carol);
            assertEq(dayUsed, used += 100);
            _refused(
                counted[i],
                carol,
                to,
                100_001,
                _limit(LimitRule.PerPayment, 100_000, 0, 100_001, 0)
            );
        }
    }

    function test_whichKindsCountForThePayee() public {
        uint256 held = 1_000_000;
        MovementKind[4] memory counted = [
            MovementKind.Payment,
            MovementKind.Direct,
            MovementKind.Mint,
            MovementKind.EscrowOut
        ];
        _ok(MovementKind.EscrowIn, alice, escrow, 100);
        for (uint256 i = 0; i < counted.length; ++i) {
            address from = counted[i] == MovementKind.Mint ? address(0) : alice;
            if (counted[i] == MovementKind.EscrowOut) from = escrow;
            _refused(counted[i], from, carol, 1, _limit(LimitRule.Balance, 1_000_000, held, 1, 0));
        }
        _ok(MovementKind.Refund, alice, carol, 1);
        _ok(MovementKind.EscrowReturn, escrow, carol, 1);
        _ok(MovementKind.CourtOrder, alice, carol, 1);
    }

    function test_theBalanceLimitCountsEveryCurrency() public {
        vm.prank(court);
        euro.courtTransfer(carol, alice, 1_000_000, "empties");
        _give(carol, USD, 500_000);
        _give(carol, JPY, 700_000);
        // 4,600 and 4,200 euros are held.
        _refused(
            MovementKind.Payment,
            alice,
            carol,
            120_001,
            _limit(LimitRule.Balance, 1_000_000, 880_000, 120_001, 0)
        );
        _ok(MovementKind.Payment, alice, carol, 120_000);
    }

    function test_tiersWithoutALimitAreNotCounted() public {
        _setLimits(2, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT));
        _ok(MovementKind.Payment, alice, bob, 1_000_000);
        (uint256 dayUsed, uint256 monthUsed) = policy.usageOf(alice);
        assertEq(dayUsed + monthUsed, 0);
    }

    function test_eachLimitWorksWithoutTheOthers() public {
        _setLimits(2, TierLimits(NO_LIMIT, NO_LIMIT, 1_000, NO_LIMIT));
        _ok(MovementKind.Payment, alice, bob, 1_000);
        uint64 freesAt = uint64((START / 518_400 + 6) * 518_400);
        _refused(
            MovementKind.Payment,
            alice,
            bob,
            1,
            _limit(LimitRule.Month, 1_000, 1_000, 1, freesAt)
        );
        _setLimits(2, TierLimits(NO_LIMIT, 2_000, NO_LIMIT, NO_LIMIT));
        _ok(MovementKind.Payment, alice, bob, 1_000);
        freesAt = uint64((START / 17_280 + 6) * 17_280);
        _refused(
            MovementKind.Payment,
            alice,
            bob,
            1,
            _limit(LimitRule.Day, 2_000, 2_000, 1, freesAt)
        );
    }

    function test_aTierThatWasNotSetAllowsNothing() public {
        vm.prank(registrar);
        registry.update(alice, 4, GERMANY, uint40(START + 1 days), 0);
        _refused(MovementKind.Payment, alice, bob, 1, _limit(LimitRule.PerPayment, 0, 0, 1, 0));
    }

    function test_twiceADaysLimitNeverPassesAtABoundary() public {
        // The last second before a bucket ends, and the first of a later one, less than a day apart.
        uint256 edge = (START / 17_280 + 1) * 17_280;
        vm.warp(edge - 1);
        _ok(MovementKind.Payment, carol, bob, 100_000);
        _ok(MovementKind.Payment, carol, bob, 100_000);
        uint64 freesAt = uint64(edge + 1 days);
        vm.warp(freesAt - 1);
        _refused(
            MovementKind.Payment,
            carol,
            bob,
            1,
            _limit(LimitRule.Day, 200_000, 200_000, 1, freesAt)
        );
        vm.warp(freesAt);
        _ok(MovementKind.Payment, carol, bob, 100_000);
    }

    // --- explain ---

    function test_explain_givesTheHeadroom() public {
        _ok(MovementKind.Payment, carol, bob, 80_000);
        (bytes memory refusal, Headroom memory room) = policy.explain(
            USD,
            MovementKind.Payment,
            carol,
            carol,
            100
        );
        assertEq(refusal.length, 4 + 3 * 32, "there are no dollars");
        assertEq(room.asked, 92);
        assertEq(room.perPayment, 100_000);
        assertEq(room.dayLimit, 200_000);
        assertEq(room.dayUsed, 80_000);
        assertEq(room.monthLimit, 500_000);
        assertEq(room.monthUsed, 80_000);
        assertEq(room.balanceLimit, 1_000_000);
        assertEq(room.balanceUsed, 920_000);
        assertEq(room.dayFreesAt, 0);
        assertEq(room.monthFreesAt, 0);
        assertEq(room.policyVersion, policy.policyVersion());
        (, room) = policy.explain(EUR, MovementKind.Payment, carol, bob, 150_000);
        assertEq(room.dayFreesAt, (START / 17_280 + 6) * 17_280);
        assertEq(room.balanceLimit, NO_LIMIT);
    }

    function test_explain_isEmptyAboutWhatIsNotKnown() public view {
        (bytes memory refusal, Headroom memory room) = policy.explain(
            "GBP",
            MovementKind.Payment,
            alice,
            bob,
            1
        );
        assertEq(
            refusal,
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        _assertOnlyVersion(room);
        (, room) = policy.explain(EUR, MovementKind.Payment, stranger, bob, 1);
        _assertOnlyVersion(room);
        (, room) = policy.explain(EUR, MovementKind.Payment, alice, stranger, 1);
        _assertOnlyVersion(room);
    }

    function _assertOnlyVersion(Headroom memory room) private view {
        Headroom memory expected;
        expected.policyVersion = policy.policyVersion();
        assertEq(abi.encode(room), abi.encode(expected));
    }
}
