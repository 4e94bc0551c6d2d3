// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Shares
/// @notice Parts of whole numbers. `down` and `up` give the part of something that belongs to the step from `before` to `next` of a whole. The parts of steps that
/// follow one another add up exactly, to `total` at the end: no series of steps gives another sum than one step.
/// @dev Everything is below 2**128, so no product overflows.
library Shares {
    function down(
        uint256 total,
        uint256 before,
        uint256 next,
        uint256 whole
    ) internal pure returns (uint256) {
        return (total * next) / whole - (total * before) / whole;
    }

    function up(
        uint256 total,
        uint256 before,
        uint256 next,
        uint256 whole
    ) internal pure returns (uint256) {
        return Math.ceilDiv(total * next, whole) - Math.ceilDiv(total * before, whole);
    }

    /// @notice The greatest common divisor (Euclid).
    function gcd(uint256 a, uint256 b) internal pure returns (uint256) {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
