// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ITransferPolicy, Corridor, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
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
}
