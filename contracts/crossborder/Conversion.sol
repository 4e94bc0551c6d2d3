// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Conversion
/// @notice Amounts of one currency in another, at a rate that is a fraction: target minor units for one source
/// minor unit. Each rounding is against the one who converts.
/// @dev A product of two 128-bit numbers always fits, so nothing here overflows. The caller has refused a rate whose
/// numerator or denominator is zero.
library Conversion {
    uint256 private constant BPS = 10_000;

    /// @notice What `source` buys, rounded down.
    function targetDown(
        uint128 source,
        uint128 numerator,
        uint128 denominator
    ) internal pure returns (uint256) {
        return (uint256(source) * numerator) / denominator;
    }

    /// @notice What must be given for `target`, rounded up.
    function sourceUp(
        uint128 target,
        uint128 numerator,
        uint128 denominator
    ) internal pure returns (uint256) {
        return Math.ceilDiv(uint256(target) * denominator, numerator);
    }

    /// @notice Whether the rate is at most `bandBps` hundredths of a per cent away from the rate between two prices.
    /// @param sourcePrice Value of a source minor unit in some third currency, as `targetPrice` is of a target one.
    function isInBand(
        uint128 numerator,
        uint128 denominator,
        uint128 sourcePrice,
        uint128 targetPrice,
        uint256 bandBps
    ) internal pure returns (bool) {
        uint256 quoted = uint256(numerator) * targetPrice;
        uint256 mid = uint256(denominator) * sourcePrice;
        uint256 away = quoted > mid ? quoted - mid : mid - quoted;
        return away <= Math.mulDiv(mid, bandBps, BPS);
    }
}
