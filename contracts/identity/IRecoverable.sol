// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IRecoverable
/// @notice Something that keeps state under an account and can move all of it to the account's new key.
interface IRecoverable {
    /// @notice Moves everything kept under `from` to `to`. Only the recovery contract may call this.
    /// @dev Must leave nothing under `from`, and must be harmless when there is nothing to move.
    function moveAccount(address from, address to) external;
}
