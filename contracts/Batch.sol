// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ISignedOrders} from "./orders/ISignedOrders.sol";

/// @title Batch
/// @notice Runs many signed orders in one transaction, each isolated from its neighbours.
///
/// Promises
/// - It holds no power over money: what it calls looks at signatures only.
/// - It voids an order only after that order has failed here; nobody can make it do so otherwise.
/// - An item that fails undoes only itself; its order is then voided (see {ISignedOrders-reject}).
/// - An item can burn ITEM_GAS at most, and has that much whatever stood before it: too small a gas limit
///   fails the whole batch and is never mistaken for a refusal.
contract Batch is AccessManaged {
    /// @param target One of the contracts set by `setTarget`.
    /// @param data Full call data of an order function.
    struct Item {
        address target;
        bytes data;
    }

    /// @notice Gas for one order, and as much again to void it when it fails.
    uint256 public constant ITEM_GAS = 600_000;
    /// @notice Longest reason that is kept of a failure, in bytes.
    uint256 public constant REASON_BYTES_MAX = 1024;

    /// @dev What the loop itself may need for an item: the event, and copies of the item's data, which
    /// must not eat into the item's share however long the data are.
    uint256 private constant LOOP_GAS = 100_000;
    uint256 private constant LOOP_GAS_PER_BYTE = 64;

    mapping(address target => bool) private _targets;

    event TargetSet(address indexed target, bool allowed);
    /// @notice The item failed and could not be voided: it was not a validly signed, unused order.
    /// @param reason The ABI-encoded error with which it failed, cut at REASON_BYTES_MAX.
    event ItemFailed(uint256 indexed index, address indexed target, bytes reason);

    error TargetNotAllowed(address target);
    /// @notice The transaction's gas limit is too small to give item `index` its share.
    error NotEnoughGas(uint256 index);

    constructor(address authority_) AccessManaged(authority_) {}

    /// @notice Allows or forbids calls to a contract.
    function setTarget(address target, bool allowed) external restricted {
        _targets[target] = allowed;
        emit TargetSet(target, allowed);
    }

    /// @notice Runs the items in order.
    /// @return succeeded For each item, whether it succeeded.
    /// @return results What each returned, or the ABI-encoded error with which it failed.
    function execute(
        Item[] calldata items
    ) external restricted returns (bool[] memory succeeded, bytes[] memory results) {
        succeeded = new bool[](items.length);
        results = new bytes[](items.length);
        address allowed;
        for (uint256 i = 0; i < items.length; ++i) {
            Item calldata item = items[i];
            address target = item.target;
            bytes calldata data = item.data;
            // Most batches call one contract only.
            if (target != allowed) {
                if (!_targets[target]) revert TargetNotAllowed(target);
                allowed = target;
            }
            // Only a failure voids an order: the relayer has no power to do it.
            if (bytes4(data) == ISignedOrders.reject.selector) {
                revert ISignedOrders.UnknownOrder(ISignedOrders.reject.selector);
            }
            // A call gets 63/64 of what is left at most. Nobody could pay for data so long that this overflows.
            unchecked {
                uint256 needed = 2 * ITEM_GAS + LOOP_GAS + LOOP_GAS_PER_BYTE * data.length;
                if (gasleft() < (needed * 64) / 63) revert NotEnoughGas(i);
            }

            // A failure must come back as data; only contracts of this system can be called.
            // solhint-disable-next-line avoid-low-level-calls
            (bool done, bytes memory result) = target.call{gas: ITEM_GAS}(data);
            if (!done) {
                result = _shortened(result);
                _reject(i, target, data, result);
            }
            succeeded[i] = done;
            results[i] = result;
        }
    }

    /// @notice Whether items may name this contract.
    function isTarget(address target) external view returns (bool) {
        return _targets[target];
    }

    function _reject(
        uint256 index,
        address target,
        bytes calldata data,
        bytes memory reason
    ) private {
        // The target says itself what it has rejected.
        // solhint-disable-next-line no-empty-blocks
        try ISignedOrders(target).reject{gas: ITEM_GAS}(data, reason) {} catch {
            emit ItemFailed(index, target, reason);
        }
    }

    function _shortened(bytes memory reason) private pure returns (bytes memory) {
        if (reason.length > REASON_BYTES_MAX) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                mstore(reason, REASON_BYTES_MAX)
            }
        }
        return reason;
    }
}
