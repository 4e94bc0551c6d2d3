// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Identity, Status} from "./IIdentityRegistry.sol";

/// @notice An {Identity} packed into one word, lowest bits first:
/// tier (8), status (8), country (16), kycExpiry (40), flags (16).
/// Every movement reads two of them, and a word costs far less to pass on than a struct.
type IdentityWord is uint256;

/// @dev For statistics and rules off chain.
uint16 constant FLAG_BUSINESS = 1;
/// @dev Takes payments as a merchant.
uint16 constant FLAG_MERCHANT = 2;
/// @dev Provides foreign exchange: signs quotes, and may hold any balance.
uint16 constant FLAG_PROVIDER = 4;
/// @dev A contract of this system: no expiry and no limits.
uint16 constant FLAG_SYSTEM = 8;

using IdentityWords for IdentityWord global;

/// @title IdentityWords
/// @notice Reads and writes the parts of an {IdentityWord}.
library IdentityWords {
    uint256 private constant STATUS_AT = 8;
    uint256 private constant COUNTRY_AT = 16;
    uint256 private constant EXPIRY_AT = 32;
    uint256 private constant FLAGS_AT = 72;

    uint256 private constant ACTIVE = uint256(Status.Active) << STATUS_AT;
    uint256 private constant STATUS_AND_SYSTEM =
        (uint256(type(uint8).max) << STATUS_AT) | (uint256(FLAG_SYSTEM) << FLAGS_AT);

    function pack(Identity memory identity) internal pure returns (IdentityWord) {
        return
            IdentityWord.wrap(
                uint256(identity.tier) |
                    (uint256(identity.status) << STATUS_AT) |
                    (uint256(identity.country) << COUNTRY_AT) |
                    (uint256(identity.kycExpiry) << EXPIRY_AT) |
                    (uint256(identity.flags) << FLAGS_AT)
            );
    }

    function unpack(IdentityWord word) internal pure returns (Identity memory) {
        return
            Identity({
                tier: tier(word),
                status: status(word),
                country: country(word),
                kycExpiry: kycExpiry(word),
                flags: uint16(IdentityWord.unwrap(word) >> FLAGS_AT)
            });
    }

    function tier(IdentityWord word) internal pure returns (uint8) {
        return uint8(IdentityWord.unwrap(word));
    }

    function status(IdentityWord word) internal pure returns (Status) {
        return Status(uint8(IdentityWord.unwrap(word) >> STATUS_AT));
    }

    function country(IdentityWord word) internal pure returns (uint16) {
        return uint16(IdentityWord.unwrap(word) >> COUNTRY_AT);
    }

    function kycExpiry(IdentityWord word) internal pure returns (uint40) {
        return uint40(IdentityWord.unwrap(word) >> EXPIRY_AT);
    }

    function isSystem(IdentityWord word) internal pure returns (bool) {
        return IdentityWord.unwrap(word) & (uint256(FLAG_SYSTEM) << FLAGS_AT) != 0;
    }

    function isProvider(IdentityWord word) internal pure returns (bool) {
        return IdentityWord.unwrap(word) & (uint256(FLAG_PROVIDER) << FLAGS_AT) != 0;
    }

    /// @notice Whether nothing can be said against the account: it is active, its due diligence holds at `timestamp`,
    /// and it is no contract of this system.
    function isInGoodStanding(IdentityWord word, uint256 timestamp) internal pure returns (bool) {
        return
            IdentityWord.unwrap(word) & STATUS_AND_SYSTEM == ACTIVE && word.kycExpiry() > timestamp;
    }

    function isMerchant(IdentityWord word) internal pure returns (bool) {
        return IdentityWord.unwrap(word) & (uint256(FLAG_MERCHANT) << FLAGS_AT) != 0;
    }

    function withStatus(IdentityWord word, Status newStatus) internal pure returns (IdentityWord) {
        uint256 others = IdentityWord.unwrap(word) & ~(uint256(type(uint8).max) << STATUS_AT);
        return IdentityWord.wrap(others | (uint256(newStatus) << STATUS_AT));
    }
}
