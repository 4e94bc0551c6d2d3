// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Roles
/// @notice The role ids that the AccessManager knows. Role 0 is its own ADMIN_ROLE.
/// @dev `contracts/roles.json` says which function needs which role.
library Roles {
    // Held by people and by the machines that act for them.
    uint64 internal constant REGISTRAR = 1;
    uint64 internal constant FREEZER = 2;
    uint64 internal constant COURT = 3;
    uint64 internal constant RECOVERY_MAKER = 4;
    uint64 internal constant RECOVERY_CHECKER = 5;
    uint64 internal constant POLICY = 6;
    uint64 internal constant RATE_FEEDER = 7;
    uint64 internal constant ISSUER_MAKER = 8;
    uint64 internal constant ISSUER_CHECKER = 9;
    uint64 internal constant ATTESTOR = 10;
    uint64 internal constant PAUSER = 11;
    uint64 internal constant RELAYER = 12;
    uint64 internal constant PAYOUT = 13;
    /// @dev Replaces what others rest on: the policy, the batch's targets, the modules of a recovery.
    /// Held with an execution delay, so that everybody sees a replacement coming.
    uint64 internal constant GOVERNOR = 14;
    uint64 internal constant REVIEWER = 15;
    /// @dev Opens and closes loyalty programmes, and admits and suspends their members.
    uint64 internal constant LOYALTY = 16;
    /// @dev Notes the root of the transparency log, once a day. The product's own key holds it.
    uint64 internal constant ANCHOR = 17;

    // Held by contracts only.
    uint64 internal constant MINTER = 21;
    uint64 internal constant BURNER = 22;
    uint64 internal constant RECOVERY = 23;
    /// @dev Decides which points are earned, spent, given and taken back, and what offers give.
    uint64 internal constant CASHIER = 24;
}
