// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IdentityWord} from "./IdentityWord.sol";

/// @notice Where an account stands.
/// Unknown: never registered. Active: may pay and be paid. Frozen: loses money by court order only.
/// Closed: for good. Replaced: its key was recovered and all it had moved to its successor.
enum Status {
    Unknown,
    Active,
    Frozen,
    Closed,
    Replaced
}

/// @notice What the chain knows about an account. No personal data, and no plain hash of any.
/// @param tier 1 to 4, chooses the limits.
/// @param status See {Status}.
/// @param country ISO 3166-1 numeric, 1 to 999.
/// @param kycExpiry Unix time in seconds from which the account's due diligence no longer holds.
/// @param flags See the FLAG constants in IdentityWord.sol.
struct Identity {
    uint8 tier;
    Status status;
    uint16 country;
    uint40 kycExpiry;
    uint16 flags;
}

/// @title IIdentityRegistry
/// @notice Who may hold and move money, under which tier, country and status.
///
/// Promises
/// - An account is registered once, for ever: a closed or replaced one never comes back.
/// - Only a freezer ends a freeze: neither an update, a closing nor a recovery does.
/// - A system account (escrow and the like) is always a contract, stays one for ever, and is never frozen,
/// closed or recovered: nobody can lock in what it holds for others.
///
/// Warning: whoever holds the REGISTRAR role decides tiers, and thereby limits.
interface IIdentityRegistry {
    event AccountRegistered(
        address indexed account,
        bytes32 indexed customerRef,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags
    );
    event AccountUpdated(
        address indexed account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags
    );
    event AccountFrozen(address indexed account, bytes32 reason, address by);
    event AccountUnfrozen(address indexed account, bytes32 reason, address by);
    event AccountClosed(address indexed account, bytes32 reason, address by);
    event AccountReplaced(address indexed account, address indexed successor);

    /// @notice The account was never registered.
    error UnknownAccount(address account);
    /// @notice The address has been registered before, whatever became of it.
    error AlreadyRegistered(address account);
    error AccountIsFrozen(address account);
    error AccountIsClosed(address account);
    /// @param successor The account that everything moved to.
    error AccountWasReplaced(address account, address successor);
    /// @param expiredAt Unix time in seconds.
    error KycExpired(address account, uint40 expiredAt);
    error InvalidTier(uint8 tier);
    error InvalidCountry(uint16 country);
    /// @notice The expiry is not in the future.
    error InvalidKycExpiry(uint40 kycExpiry);
    error NotFrozen(address account);
    /// @notice The zero address, or something that cannot be done to this account because it is, or is not,
    /// a system account.
    error InvalidAccount(address account);
    error CustomerRefMissing();

    /// @notice Registers `account`, which becomes Active.
    /// @param kycExpiry Unix time in seconds, in the future; not looked at for a system account.
    /// @param customerRef Salted reference to the customer's record off chain; never zero.
    function register(
        address account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags,
        bytes32 customerRef
    ) external;

    /// @notice Changes what is known about an Active or Frozen account; its status stays, and so does whether it
    /// is a system account.
    function update(
        address account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags
    ) external;

    /// @notice Closes an Active account for good.
    /// Warning: what it still holds can then be moved by court order only.
    /// @param reason Code or salted hash of the reason kept off chain.
    function close(address account, bytes32 reason) external;

    /// @notice Freezes an Active account.
    function freeze(address account, bytes32 reason) external;

    /// @notice Makes a Frozen account Active again.
    function unfreeze(address account, bytes32 reason) external;

    /// @notice What is known about `account`; all zero when it is unknown.
    function identityOf(address account) external view returns (Identity memory);

    function customerRefOf(address account) external view returns (bytes32);

    /// @notice Both sides of a movement in one call, packed; see {IdentityWord}.
    function pair(address a, address b) external view returns (IdentityWord, IdentityWord);

    /// @notice The account that replaced `account`, or zero.
    function successorOf(address account) external view returns (address);

    /// @notice Follows successors from `account` to the one in use now; `account` itself if it was never replaced.
    /// @dev Stops after MAX_SUCCESSORS steps with the account reached by then.
    function currentAccount(address account) external view returns (address);
}
