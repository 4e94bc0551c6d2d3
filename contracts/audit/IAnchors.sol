// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IAnchors
/// @notice Root hashes of the bank's transparency log, one a day at most. What is here can't be taken back, so a log
/// whose root was noted at some block had its entries then, and has to begin with them ever after.
/// Warning: the contract knows nothing of the log but its size and root. That each log begins with the one before is for
/// whoever verifies to check, by a consistency proof.
interface IAnchors {
    /// @notice The root was noted. `day` is counted from 1970-01-01 in UTC.
    event Anchored(uint32 indexed day, uint64 size, bytes32 root);

    /// @notice A root was noted for this day already.
    error DayAnchored(uint32 day);

    /// @notice A log only grows.
    error LogShrank(uint64 size, uint64 lastSize);

    /// @notice A log of this size had another root.
    error LogForked(uint64 size);

    /// @notice Notes the log's size and root for the day of the block.
    /// Refused in this order: `DayAnchored`, `LogShrank`, `LogForked`.
    function anchor(uint64 size, bytes32 root) external;

    /// @notice The root that was noted for a day; zero for a day without one.
    function rootOf(uint32 day) external view returns (bytes32 root);

    /// @notice The last day with a root, and how many entries the log had; both zero before the first one.
    function latest() external view returns (uint32 day, uint64 size);
}
