// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {
    ITransferPolicy,
    Headroom,
    LimitRule,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";

contract LimitsTest is Movements {
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
