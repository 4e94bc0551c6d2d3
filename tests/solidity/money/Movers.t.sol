// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {ITransferPolicy} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

/// @notice Which contracts may move other people's money, and by what kinds of movement.
contract MoversTest is Customers {
    bytes private unauthorized = abi.encodeWithSelector(
        IAccessManaged.AccessManagedUnauthorized.selector,
        stranger
    );

    function _notAMover(address caller, MovementKind kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICurrencyToken.NotAMover.selector, caller, kind);
    }

    function test_move_isForMovers() public {
        vm.prank(stranger);
        vm.expectRevert(_notAMover(stranger, MovementKind.Payment));
        euro.move(alice, bob, 1, MovementKind.Payment, "ref");
        MovementKind[8] memory reserved = [
            MovementKind.None,
            MovementKind.Mint,
            MovementKind.Redemption,
            MovementKind.Direct,
            MovementKind.CourtOrder,
            MovementKind.Recovery,
            MovementKind.EscrowOut,
            MovementKind.EscrowReturn
        ];
        vm.startPrank(mover);
        for (uint256 i = 0; i < reserved.length; ++i) {
            vm.expectRevert(_notAMover(mover, reserved[i]));
            euro.move(alice, bob, 1, reserved[i], "ref");
        }
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidSender.selector, address(0))
        );
        euro.move(address(0), bob, 1, MovementKind.Payment, "ref");
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        euro.move(alice, address(0), 1, MovementKind.Payment, "ref");
        euro.move(alice, bob, 1, MovementKind.Payment, "ref");
        vm.stopPrank();
    }

    function test_move_ofEscrowIsForTheContractThatHoldsIt() public {
        // Nobody else, not even by a mover's permission, and no person's account holds escrow.
        for (uint256 kind = 0; kind <= uint256(type(MovementKind).max); ++kind) {
            bool escrow =
                kind == uint256(MovementKind.EscrowOut) ||
                    kind == uint256(MovementKind.EscrowReturn);
            vm.prank(alice);
            if (escrow) vm.expectPartialRevert(ITransferPolicy.KindNotForAccount.selector);
            else vm.expectRevert(_notAMover(alice, MovementKind(kind)));
            euro.move(alice, bob, 1, MovementKind(kind), "ref");
        }
    }

    function test_move_isForTheKindsThatTheMoverWasAllowed() public {
        MovementKind[] memory kinds = new MovementKind[](1);
        kinds[0] = MovementKind.Refund;
        assertTrue(euro.mayMove(mover, MovementKind.Payment));
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.setMover(mover, kinds);
        vm.startPrank(governor);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.MoverSet(mover, kinds);
        euro.setMover(mover, kinds);
        vm.stopPrank();
        assertFalse(euro.mayMove(mover, MovementKind.Payment));
        assertTrue(euro.mayMove(mover, MovementKind.Refund));
        vm.startPrank(mover);
        vm.expectRevert(_notAMover(mover, MovementKind.Payment));
        euro.move(alice, bob, 1, MovementKind.Payment, "ref");
        euro.move(alice, bob, 1, MovementKind.Refund, "ref");
        vm.stopPrank();
        vm.prank(governor);
        euro.setMover(mover, new MovementKind[](0));
        vm.prank(mover);
        vm.expectRevert(_notAMover(mover, MovementKind.Refund));
        euro.move(alice, bob, 1, MovementKind.Refund, "ref");
    }

    function test_setMover_refusesKindsThatAreNotAskedForByMovers() public {
        MovementKind[] memory kinds = new MovementKind[](2);
        kinds[0] = MovementKind.Payment;
        vm.startPrank(governor);
        for (uint256 kind = 0; kind <= uint256(type(MovementKind).max); ++kind) {
            kinds[1] = MovementKind(kind);
            bool allowed =
                kinds[1] == MovementKind.Payment ||
                    kinds[1] == MovementKind.Refund ||
                    kinds[1] == MovementKind.EscrowIn ||
                    kinds[1] == MovementKind.ExchangeIn ||
                    kinds[1] == MovementKind.ExchangeOut;
            if (!allowed) {
                vm.expectRevert(
                    abi.encodeWithSelector(ICurrencyToken.KindNotAllowed.selector, kinds[1])
                );
            }
            euro.setMover(stranger, kinds);
            assertEq(euro.mayMove(stranger, kinds[1]), allowed);
        }
        vm.stopPrank();
    }
}
