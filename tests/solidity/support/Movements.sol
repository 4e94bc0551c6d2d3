// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {CurrencyToken} from "../../../contracts/money/CurrencyToken.sol";
import {Customers} from "./Customers.sol";

/// @notice A movement of any kind, along the way that it takes in the product, and how it ended.
abstract contract Movements is Customers {
    uint256 internal constant KINDS = uint256(type(MovementKind).max) + 1;

    uint256 private _orders;

    /// @return refusal What it reverted with; empty when it happened.
    function _perform(
        CurrencyToken token,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) internal returns (bytes memory refusal) {
        (address caller, bytes memory data) = _call(token, kind, from, to, amount);
        vm.prank(caller);
        (bool done, bytes memory result) = address(token).call(data);
        if (done) return refusal;
        assertGt(result.length, 0, "a movement ended without a reason");
        return result;
    }

    function _call(
        CurrencyToken token,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) private returns (address caller, bytes memory data) {
        bytes32 ref = bytes32(++_orders);
        if (kind == MovementKind.Mint) {
            return (address(issuance), abi.encodeCall(token.mint, (to, amount, ref)));
        }
        if (kind == MovementKind.Redemption) {
            return (address(issuance), abi.encodeCall(token.burn, (from, amount, ref)));
        }
        if (kind == MovementKind.Direct) {
            return (from, abi.encodeCall(token.transfer, (to, amount)));
        }
        if (kind == MovementKind.CourtOrder) {
            return (court, abi.encodeCall(token.courtTransfer, (from, to, amount, ref)));
        }
        if (kind == MovementKind.Recovery) {
            return (address(recovery), abi.encodeCall(token.moveAccount, (from, to)));
        }
        address caller_ =
            kind == MovementKind.EscrowOut || kind == MovementKind.EscrowReturn ? from : mover;
        return (caller_, abi.encodeCall(token.move, (from, to, amount, kind, ref)));
    }
}
