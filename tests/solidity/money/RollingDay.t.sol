// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RollingDay} from "../../../contracts/money/RollingDay.sol";
import {UsageWindows} from "../../../contracts/policy/UsageWindows.sol";
import {Test} from "../support/Test.sol";

/// @notice Holds the rolling day to a list of every amount and its time.
contract RollingDayTest is Test {
    uint256 private constant WIDTH = UsageWindows.DAY_BUCKET_SECONDS;

    struct Entry {
        uint256 time;
        uint256 amount;
    }

    RollingDay private day;
    Entry[] private entries;

    function _expected(uint256 time) private view returns (uint256 sum) {
        for (uint256 i = 0; i < entries.length; ++i) {
            if (entries[i].time / WIDTH + 5 >= time / WIDTH) sum += entries[i].amount;
        }
    }

    function test_sum_isThatOfTheEntries(uint256[24] memory steps, uint256 asked) public {
        uint256 time = 1_800_000_000;
        asked = bound(asked, 0, 20_000);
        for (uint256 i = 0; i < steps.length; ++i) {
            time += steps[i] % 3 == 0 ? WIDTH * (steps[i] % 9) : steps[i] % WIDTH;
            assertEq(day.sum(time), _expected(time));
            day.add(time, steps[i] % 1000);
            entries.push(Entry(time, steps[i] % 1000));
            assertEq(day.sum(time), _expected(time));
            _checkFreesAt(time, asked, 10_000);
        }
    }

    function _checkFreesAt(uint256 time, uint256 asked, uint256 limit) private view {
        uint64 freesAt = day.freesAt(time, asked, limit);
        if (asked > limit || _expected(time) + asked <= limit) {
            assertEq(freesAt, 0);
        } else {
            assertLe(_expected(freesAt) + asked, limit, "it fits then");
            assertGt(_expected(freesAt - 1) + asked, limit, "it does not fit before");
        }
    }

    function test_bucketHoldsTheLargestCap() public {
        day.add(1_800_000_000, type(uint64).max);
        assertEq(day.sum(1_800_000_000), type(uint64).max);
    }
}
