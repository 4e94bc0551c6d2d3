// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ITransferPolicy, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";

/// @notice I11: a pause stops what it says and nothing else. Every switch against every kind of movement.
contract PauseMatrixTest is Movements {
    address private provider = makeAddr("provider");
    address private escrow;

    function setUp() public override {
        super.setUp();
        escrow = address(batch);
        _register(escrow, 3, GERMANY, 8);
        _register(provider, 3, GERMANY, 4);
        _give(provider, EUR, 1_000_000);
        vm.prank(mover);
        euro.move(alice, escrow, 1000, MovementKind.EscrowIn, "held");
    }

    /// @dev O stops it, a dot lets it pass. Columns: None, Outgoing, Issuance, Redemption, Everything.
    function _row(MovementKind kind) private pure returns (bytes5) {
        if (kind == MovementKind.Mint) return "..O.O";
        if (kind == MovementKind.Redemption) return "...OO";
        if (kind == MovementKind.Payment) return ".O..O";
        if (kind == MovementKind.Refund) return "....O";
        if (kind == MovementKind.Direct) return ".O..O";
        if (kind == MovementKind.CourtOrder) return ".....";
        if (kind == MovementKind.Recovery) return ".....";
        if (kind == MovementKind.EscrowIn) return "....O";
        if (kind == MovementKind.EscrowOut) return ".....";
        if (kind == MovementKind.ExchangeIn) return ".O..O";
        if (kind == MovementKind.ExchangeOut) return ".O..O";
        if (kind == MovementKind.EscrowReturn) return ".....";
        revert("a kind of movement has no row");
    }

    function _sides(MovementKind kind) private view returns (address from, address to) {
        if (kind == MovementKind.Mint) return (address(0), alice);
        if (kind == MovementKind.Redemption) return (alice, address(0));
        if (kind == MovementKind.EscrowIn) return (alice, escrow);
        if (kind == MovementKind.EscrowOut) return (escrow, bob);
        if (kind == MovementKind.EscrowReturn) return (escrow, alice);
        if (kind == MovementKind.ExchangeIn) return (alice, provider);
        if (kind == MovementKind.ExchangeOut) return (provider, bob);
        if (kind == MovementKind.Recovery) return (alice, makeAddrView("successor"));
        return (alice, bob);
    }

    function makeAddrView(string memory name) private pure returns (address) {
        return vm.addr(uint256(keccak256(bytes(name))));
    }

    function test_everySwitchStopsWhatItSaysAndNothingElse() public {
        for (uint256 kind = 1; kind < KINDS; ++kind) {
            for (uint256 column = 0; column < 5; ++column) {
                uint256 snapshot = vm.snapshotState();
                _check(MovementKind(kind), column);
                vm.revertToState(snapshot);
            }
        }
    }

    function _check(MovementKind kind, uint256 column) private {
        Switch what = column == 0 ? Switch.Outgoing : Switch(column - 1);
        if (column != 0) {
            vm.prank(pauser);
            policy.pause(what);
        }
        string memory where = string.concat(
            "kind ",
            vm.toString(uint256(kind)),
            ", column ",
            vm.toString(column)
        );
        (address from, address to) = _sides(kind);
        bytes memory refusal = _perform(euro, kind, from, to, 100);
        if (_row(kind)[column] == "O") {
            bytes memory paused = abi.encodeWithSelector(
                ITransferPolicy.OperationPaused.selector,
                what
            );
            assertEq(refusal, paused, where);
            // What was stopped goes on when the pause ends.
            vm.prank(pauser);
            policy.unpause(what);
            refusal = _perform(euro, kind, from, to, 100);
        }
        assertEq(refusal, "", where);
    }

    function test_aNarrowSwitchIsNamedBeforeEverything() public {
        vm.startPrank(pauser);
        policy.pause(Switch.Everything);
        policy.pause(Switch.Outgoing);
        vm.stopPrank();
        bytes memory refusal = _perform(euro, MovementKind.Payment, alice, bob, 100);
        assertEq(
            refusal,
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
    }

    function test_pauseAndUnpause_refuseWhatIsSo() public {
        vm.startPrank(pauser);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.NotPaused.selector, Switch.Issuance)
        );
        policy.unpause(Switch.Issuance);
        vm.expectEmit(address(policy));
        emit ITransferPolicy.Paused(Switch.Issuance, pauser);
        policy.pause(Switch.Issuance);
        assertTrue(policy.paused(Switch.Issuance));
        assertFalse(policy.paused(Switch.Everything));
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.AlreadyPaused.selector, Switch.Issuance)
        );
        policy.pause(Switch.Issuance);
        vm.expectEmit(address(policy));
        emit ITransferPolicy.Unpaused(Switch.Issuance, pauser);
        policy.unpause(Switch.Issuance);
        assertFalse(policy.paused(Switch.Issuance));
        vm.stopPrank();
    }
}
