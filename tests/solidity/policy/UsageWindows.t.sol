// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Usage, UsageWindows} from "../../../contracts/policy/UsageWindows.sol";
import {Test} from "../support/Test.sol";

/// @notice Holds the packed windows to a list of every debit and its time.
contract UsageWindowsTest is Test {
    uint256 private constant START = 1_800_000_000;
    uint256 private constant DAY = UsageWindows.DAY_BUCKET_SECONDS;
    uint256 private constant MONTH = UsageWindows.MONTH_BUCKET_SECONDS;

    struct Debit {
        uint256 time;
        uint256 amount;
    }

    Usage private usage;
    Debit[] private debits;

    function _sums(uint256 time) private view returns (uint256 daySum, uint256 monthSum) {
        (uint256 recent, , ) = usage.rolled(time);
        daySum = UsageWindows.daySum(recent);
        monthSum = UsageWindows.monthSum(recent, daySum);
    }

    function _debit(uint256 time, uint256 amount) private {
        (uint256 recent, uint256 past, bool pastChanged) = usage.rolled(time);
        usage.recent = UsageWindows.added(recent, amount);
        if (pastChanged) usage.past = past;
        debits.push(Debit(time, amount));
    }

    /// @dev What was debited in this bucket and the five before it.
    function _expected(uint256 time, uint256 width) private view returns (uint256 sum) {
        for (uint256 i = 0; i < debits.length; ++i) {
            if (debits[i].time / width + 5 >= time / width) sum += debits[i].amount;
        }
    }

    /// @dev What was debited in the window that ends now, to the second.
    function _exact(uint256 time, uint256 window) private view returns (uint256 sum) {
        for (uint256 i = 0; i < debits.length; ++i) {
            if (debits[i].time + window > time) sum += debits[i].amount;
        }
    }

    function test_fiveWidthsAreTheWindow() public pure {
        assertEq(DAY * 5, 1 days);
        assertEq(MONTH * 5, 30 days);
    }

    function test_sums_areThoseOfTheDebits(uint256[24] memory steps, uint256 seed) public {
        uint256 time = START;
        for (uint256 i = 0; i < steps.length; ++i) {
            time += _step(steps[i]);
            (uint256 daySum, uint256 monthSum) = _sums(time);
            assertEq(daySum, _expected(time, DAY), "day");
            assertEq(monthSum, _expected(time, MONTH), "month");
            assertGe(daySum, _exact(time, 1 days), "no debit of the last 24 hours is missing");
            assertGe(monthSum, _exact(time, 30 days), "no debit of the last 30 days is missing");
            seed = uint256(keccak256(abi.encode(seed)));
            _debit(time, seed % (UsageWindows.MAX_DAY_LIMIT / 32));
        }
    }

    /// @dev Often within a bucket, sometimes exactly to its edge, sometimes past the whole window.
    function _step(uint256 random) private pure returns (uint256) {
        uint256 kind = random % 5;
        random /= 5;
        if (kind == 0) return random % 60;
        if (kind == 1) return random % (2 * DAY);
        if (kind == 2) return DAY * (random % 8);
        if (kind == 3) return random % (2 * MONTH);
        return MONTH * (random % 8);
    }

    function test_buckets_holdTheLargestLimits() public {
        // The largest day limit, used up in every window for as long as a month counts.
        uint256 time = (START / MONTH) * MONTH;
        for (uint256 i = 0; i < 36; ++i) {
            _debit(time, UsageWindows.MAX_DAY_LIMIT);
            (uint256 daySum, uint256 monthSum) = _sums(time);
            assertEq(daySum, UsageWindows.MAX_DAY_LIMIT);
            assertEq(monthSum, _expected(time, MONTH));
            time += 6 * DAY;
        }
    }

    function test_freesAt_isTheFirstMomentAtWhichItFits(
        uint256[12] memory steps,
        uint256 asked,
        uint256 limit
    ) public {
        uint256 time = START;
        for (uint256 i = 0; i < steps.length; ++i) {
            time += _step(steps[i]);
            _debit(time, steps[i] % 1000);
        }
        asked = bound(asked, 0, 12_000);
        limit = bound(limit, 0, 12_000);
        (uint256 recent, , ) = usage.rolled(time);
        _checkFreesAt(UsageWindows.dayFreesAt(recent, asked, limit), time, asked, limit, DAY);
        uint64 freesAt = usage.monthFreesAt(time, asked, limit);
        _checkFreesAt(freesAt, time, asked, limit, MONTH);
    }

    function _checkFreesAt(
        uint64 freesAt,
        uint256 time,
        uint256 asked,
        uint256 limit,
        uint256 width
    ) private view {
        if (asked > limit || _expected(time, width) + asked <= limit) {
            assertEq(freesAt, 0);
        } else {
            assertGt(freesAt, time);
            assertLe(_expected(freesAt, width) + asked, limit, "it fits then");
            assertGt(_expected(freesAt - 1, width) + asked, limit, "it does not fit before");
            (uint256 daySum, uint256 monthSum) = _sums(freesAt);
            assertLe((width == DAY ? daySum : monthSum) + asked, limit);
        }
    }
}
