// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Why money moved. The number is part of every history head, so the order never changes
/// and new kinds are added at the end.
enum MovementKind {
    None,
    Mint,
    Redemption,
    Payment,
    Refund,
    Direct,
    CourtOrder,
    Recovery,
    EscrowIn,
    EscrowOut
}
