// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BUCKETS, UsageWindows} from "../policy/UsageWindows.sol";

/// @notice A sum over the last 24 hours of amounts too large for {UsageWindows}.
/// @param newest Index of the bucket that is filling: Unix time in seconds / bucket width.
/// @param buckets Bucket i is at i % BUCKETS.
struct RollingDay {
    uint64 newest;
    uint64[BUCKETS] buckets;
}

using RollingDays for RollingDay global;

/// @title RollingDays
/// @notice The day of {UsageWindows}, with the same buckets, without a month and with 64 bits a bucket.
library RollingDays {
    /// @notice The sum at `timestamp`.
    function sum(RollingDay storage day, uint256 timestamp) internal view returns (uint256 total) {
        uint256 now_ = timestamp / UsageWindows.DAY_BUCKET_SECONDS;
        for (uint256 age = 0; age < BUCKETS; ++age) total += _at(day, now_ - age);
    }

    /// @notice Adds to the newest bucket.
    /// @dev The caller has checked that the sum stays within 64 bits.
    function add(RollingDay storage day, uint256 timestamp, uint256 amount) internal {
        uint256 now_ = timestamp / UsageWindows.DAY_BUCKET_SECONDS;
        uint256 last = day.newest;
        // Whatever lies between the last use and now saw nothing.
        uint256 first = last + BUCKETS > now_ ? last + 1 : now_ + 1 - BUCKETS;
        for (uint256 index = first; index <= now_; ++index) day.buckets[index % BUCKETS] = 0;
        day.newest = uint64(now_);
        day.buckets[now_ % BUCKETS] += uint64(amount);
    }

    /// @notice Unix time in seconds from which `asked` fits under the limit; 0 when it fits now, or never will.
    function freesAt(
        RollingDay storage day,
        uint256 timestamp,
        uint256 asked,
        uint256 limit
    ) internal view returns (uint64) {
        uint256 left = sum(day, timestamp);
        if (asked > limit || left + asked <= limit) return 0;
        uint256 index = timestamp / UsageWindows.DAY_BUCKET_SECONDS - BUCKETS;
        while (left + asked > limit) {
            ++index;
            left -= _at(day, index);
        }
        return uint64((index + BUCKETS) * UsageWindows.DAY_BUCKET_SECONDS);
    }

    /// @dev Zero for a bucket that was not begun, or has been written over since.
    function _at(RollingDay storage day, uint256 index) private view returns (uint256) {
        uint256 last = day.newest;
        if (index > last || index + BUCKETS <= last) return 0;
        return day.buckets[index % BUCKETS];
    }
}
