// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Conversion} from "../../../contracts/crossborder/Conversion.sol";
import {Test} from "../support/Test.sol";

contract ConversionTest is Test {
    function _positive(uint128 x) private pure returns (uint128) {
        return x == 0 ? 1 : x;
    }

    function testFuzz_targetDown_isTheLargestAmountThatTheRateAllows(
        uint128 source,
        uint128 numerator,
        uint128 denominator
    ) public pure {
        denominator = _positive(denominator);
        uint256 target = Conversion.targetDown(source, numerator, denominator);
        uint256 exact = uint256(source) * numerator;
        assertLe(target * denominator, exact);
        assertLt(exact - target * denominator, denominator);
    }

    function testFuzz_sourceUp_isTheSmallestAmountThatTheRateAsksFor(
        uint128 target,
        uint128 numerator,
        uint128 denominator
    ) public pure {
        numerator = _positive(numerator);
        uint256 source = Conversion.sourceUp(target, numerator, denominator);
        uint256 exact = uint256(target) * denominator;
        // One less would be too little. Written without a product that could overflow.
        if (source == 0) assertEq(exact, 0);
        else assertEq(source, (exact - 1) / numerator + 1);
    }

    function testFuzz_thereAndBack_neverGains(
        uint64 amount,
        uint64 numerator,
        uint64 denominator
    ) public pure {
        uint128 n = _positive(numerator);
        uint128 d = _positive(denominator);
        uint256 there = Conversion.targetDown(amount, n, d);
        assertLe(Conversion.targetDown(uint128(there), d, n), amount);
        // What was got never costs more than what was given for it.
        assertLe(Conversion.sourceUp(uint128(there), n, d), amount);
        // What must be given buys at least what it was computed for.
        uint256 needed = Conversion.sourceUp(amount, n, d);
        if (needed <= type(uint128).max) {
            assertGe(Conversion.targetDown(uint128(needed), n, d), amount);
        }
    }

    function testFuzz_isInBand_isTheSameAsByExactFractions(
        uint64 numerator,
        uint64 denominator,
        uint64 sourcePrice,
        uint64 targetPrice,
        uint16 bandBps
    ) public pure {
        bandBps = uint16(bound(bandBps, 0, 10_000));
        uint256 quoted = uint256(numerator) * targetPrice * 10_000;
        uint256 mid = uint256(denominator) * sourcePrice;
        bool expected = quoted >= mid * (10_000 - bandBps) && quoted <= mid * (10_000 + bandBps);
        assertEq(
            Conversion.isInBand(numerator, denominator, sourcePrice, targetPrice, bandBps),
            expected
        );
    }

    function testFuzz_isInBand_neverOverflows(
        uint128 numerator,
        uint128 denominator,
        uint128 sourcePrice,
        uint128 targetPrice
    ) public pure {
        Conversion.isInBand(numerator, denominator, sourcePrice, targetPrice, 2_000);
        uint128 most = type(uint128).max;
        assertTrue(Conversion.isInBand(most, most, most, most, 0));
        assertFalse(Conversion.isInBand(most, 1, 1, most, 2_000));
    }
}
