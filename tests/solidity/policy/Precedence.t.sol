// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {
    ITransferPolicy,
    Corridor,
    LimitRule,
    Switch
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";

/// @notice The order of refusals, as one table: a payment with every fault at once, from which one fault after
/// the other is taken. At each step the movement and its explanation must name the next fault.
contract PrecedenceTest is Movements {
    address private payer = makeAddr("payer");
    address private payee = makeAddr("payee");
    uint256 private step;

    function _expect(uint256 amount, bytes memory refusal) private {
        string memory where = string.concat("step ", vm.toString(++step));
        (bytes memory explained, ) = policy.explain(
            EUR,
            MovementKind.Payment,
            payer,
            payee,
            amount
        );
        assertEq(explained, refusal, where);
        assertEq(_perform(euro, MovementKind.Payment, payer, payee, amount), refusal, where);
    }

    function test_payment() public {
        vm.startPrank(pauser);
        policy.pause(Switch.Outgoing);
        policy.pause(Switch.Everything);
        vm.stopPrank();
        vm.prank(policyMaker);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Closed);

        _expect(0, abi.encodeWithSelector(ICurrencyToken.ZeroAmount.selector));
        _expect(
            100_001,
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
        vm.prank(pauser);
        policy.unpause(Switch.Outgoing);
        _expect(
            100_001,
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Everything)
        );
        vm.prank(pauser);
        policy.unpause(Switch.Everything);
        _standing();
        _corridorAndKind();
        _limits();
    }

    /// @dev The payer's faults come before the payee's, and within each: unknown, frozen, expired.
    function _standing() private {
        _expect(100_001, abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, payer));
        uint40 expiry = uint40(START + 1 days);
        vm.startPrank(registrar);
        registry.register(payer, 1, GERMANY, expiry, 0, "payer");
        registry.register(makeAddr("later"), 1, BRAZIL, expiry, 0, "later");
        vm.stopPrank();
        _freeze(payer);
        vm.warp(expiry);
        _expect(100_001, abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, payer));
        vm.prank(freezer);
        registry.unfreeze(payer, "reason");
        _expect(
            100_001,
            abi.encodeWithSelector(IIdentityRegistry.KycExpired.selector, payer, expiry)
        );
        vm.prank(registrar);
        registry.update(payer, 1, GERMANY, uint40(START + 90 days), 0);
        _expect(100_001, abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, payee));
        payee = makeAddr("later");
        _freeze(payee);
        _expect(100_001, abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, payee));
        vm.prank(freezer);
        registry.unfreeze(payee, "reason");
        _expect(
            100_001,
            abi.encodeWithSelector(IIdentityRegistry.KycExpired.selector, payee, expiry)
        );
        vm.prank(registrar);
        registry.update(payee, 1, BRAZIL, uint40(START + 90 days), 0);
    }

    function _corridorAndKind() private {
        address customer = payee;
        payee = address(batch);
        _register(payee, 1, BRAZIL, 8);
        _expect(
            100_001,
            abi.encodeWithSelector(
                ITransferPolicy.KindNotForAccount.selector,
                payee,
                MovementKind.Payment
            )
        );
        payee = customer;
        _expect(
            100_001,
            abi.encodeWithSelector(ITransferPolicy.CorridorClosed.selector, GERMANY, BRAZIL)
        );
        vm.prank(policyMaker);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Review);
    }

    /// @dev Tier 1: 1,000 a payment, 2,000 a day, 5,000 a month, 10,000 of balance.
    function _limits() private {
        // Uses 4,000 of the month, 2,000 of them today.
        _give(payer, EUR, 550_000);
        _spend(200_000);
        vm.warp(START + 10 days);
        _spend(200_000);
        // Leaves the payer with less than is asked, and the payee with more than 9,000 euros.
        vm.prank(court);
        euro.courtTransfer(payer, payee, 50_000, "nearly all");
        _give(payee, EUR, 460_000);

        _expect(100_001, _exceeded(LimitRule.PerPayment, 100_000, 0, 100_001, 0));
        uint256 bucket = 17_280;
        uint64 freesAt = uint64(((START + 10 days) / bucket + 6) * bucket);
        _expect(100_000, _exceeded(LimitRule.Day, 200_000, 200_000, 100_000, freesAt));
        vm.warp(freesAt);
        bucket = 518_400;
        freesAt = uint64((START / bucket + 6) * bucket);
        // A little of the month is left.
        _spend(60_000);
        uint256 used = 460_000;
        _expect(90_000, _exceeded(LimitRule.Month, 500_000, used, 90_000, freesAt));
        vm.warp(freesAt);
        uint256 held = 460_000 + 50_000 + 460_000;
        assertEq(euro.balanceOf(payee), held);
        _expect(90_000, _exceeded(LimitRule.Balance, 1_000_000, held, 90_000, 0));
        vm.prank(court);
        euro.courtTransfer(payee, alice, 100_000, "makes room");
        _expect(
            90_000,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                payer,
                40_000,
                90_000
            )
        );
        _expect(40_000, "");
        assertEq(euro.balanceOf(payer), 0);
    }

    function _spend(uint256 amount) private {
        for (; amount > 100_000; amount -= 100_000) {
            assertEq(_perform(euro, MovementKind.Direct, payer, payee, 100_000), "");
        }
        assertEq(_perform(euro, MovementKind.Direct, payer, payee, amount), "");
    }

    function _exceeded(
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
}
