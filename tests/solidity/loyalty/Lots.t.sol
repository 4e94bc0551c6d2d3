// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotBook, Lots} from "../../../contracts/loyalty/Lots.sol";
import {Months} from "../../../contracts/loyalty/Months.sol";
import {Shares} from "../../../contracts/loyalty/Shares.sol";
import {Test} from "../support/Test.sol";

contract LotsTest is Test {
    Lots private lots;

    function test_monthsAreThoseOfTheCalendar() public pure {
        assertEq(Months.indexOf(0), 0);
        assertEq(Months.indexOf(31 days - 1), 0);
        assertEq(Months.indexOf(31 days), 1);
        // The last second of February 2000 and of 2024, which have 29 days, and of 2100, which has 28.
        assertEq(Months.indexOf(951_868_799), 30 * 12 + 1);
        assertEq(Months.indexOf(951_868_800), 30 * 12 + 2);
        assertEq(Months.indexOf(1_709_251_199), 54 * 12 + 1);
        assertEq(Months.indexOf(1_709_251_200), 54 * 12 + 2);
        assertEq(Months.indexOf(4_107_542_399), 130 * 12 + 1);
        assertEq(Months.indexOf(4_107_542_400), 130 * 12 + 2);
        // The turn of the year 2026.
        assertEq(Months.indexOf(1_798_761_599), 56 * 12 + 11);
        assertEq(Months.indexOf(1_798_761_600), 57 * 12);
    }

    /// @dev Counts month by month, from one that is known.
    function test_noMonthIsLeftOutInFourHundredYears() public pure {
        uint8[12] memory lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        uint256 day;
        for (uint256 month = 0; month < 4_800; ++month) {
            uint256 year = 1970 + month / 12;
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            assertEq(Months.indexOf(day * 1 days), month);
            day += lengths[month % 12];
            if (leap && month % 12 == 1) ++day;
            assertEq(Months.indexOf(day * 1 days - 1), month);
        }
    }

    function testFuzz_lotsOfAWordDoNotTouchOneAnother(
        uint256 month,
        uint64[6] memory points
    ) public {
        month = bound(month, 0, 1e6);
        for (uint256 i = 0; i < 6; ++i) {
            points[i] = uint64(bound(points[i], 0, LotBook.POINTS_MAX));
            lots.add(month + i, points[i]);
        }
        for (uint256 i = 0; i < 6; ++i) {
            assertEq(lots.pointsAt(month + i), points[i]);
            lots.sub(month + i, points[i]);
            assertEq(lots.pointsAt(month + i), 0);
        }
    }

    function testFuzz_theEarliestAreTakenFirst(uint32[5] memory points, uint256 asked) public {
        uint256 total;
        for (uint256 i = 0; i < 5; ++i) {
            lots.add(100 + i, points[i]);
            total += points[i];
        }
        asked = bound(asked, 0, total + 10);
        (uint256[] memory taken, uint256 missing) = lots.take(100, 104, asked);
        assertEq(missing, asked > total ? asked - total : 0);
        uint256 left = asked - missing;
        uint256 next;
        for (uint256 i = 0; i < 5; ++i) {
            uint256 part = points[i] < left ? points[i] : left;
            left -= part;
            assertEq(lots.pointsAt(100 + i), points[i] - part);
            if (part == 0) continue;
            assertEq(LotBook.monthOf(taken[next]), 100 + i);
            assertEq(LotBook.pointsOf(taken[next]), part);
            ++next;
        }
        assertEq(taken.length, next);
        assertEq(lots.sum(100, 104), total - (asked - missing));
    }

    function testFuzz_stepsAddUpToTheWhole(
        uint64 total,
        uint64 whole,
        uint64[3] memory cuts
    ) public pure {
        uint256 w = bound(whole, 1, type(uint64).max);
        uint256 before;
        uint256 down;
        uint256 up;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 next = i == 3 ? w : bound(cuts[i], before, w);
            down += Shares.down(total, before, next, w);
            up += Shares.up(total, before, next, w);
            assertLe(down * w, uint256(total) * next);
            assertGe(up * w, uint256(total) * next);
            before = next;
        }
        assertEq(down, total);
        assertEq(up, total);
    }

    function test_theGreatestCommonDivisor() public pure {
        assertEq(Shares.gcd(12, 18), 6);
        assertEq(Shares.gcd(7, 100), 1);
        assertEq(Shares.gcd(5, 0), 5);
    }
}
