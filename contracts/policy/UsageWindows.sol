// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What one account has used of its rolling day and month; see {UsageWindows}.
struct Usage {
    uint256 recent;
    uint256 past;
}

/// @dev The newest bucket and five whole ones.
uint256 constant BUCKETS = 6;

using UsageWindows for Usage global;

/// @title UsageWindows
/// @notice Sums over the last 24 hours and the last 30 days that roll in buckets, never starting from zero
/// at a boundary.
/// @dev Six buckets cover a window: the newest, which is filling, and five whole ones, which together are
/// exactly as long as the window. A debit therefore counts for at least the window and for at most one bucket more.
///
/// A month bucket is as wide as 30 day buckets and starts with one of them. So a debit is written
/// to a day bucket only, and moves to its month bucket when it falls out of the day. This way a payment
/// usually touches one slot, `recent`, and `past` only when something falls out of the day.
///
/// recent, lowest bits first: index of the newest day bucket (20), sum of the month buckets of `past` (44),
/// six day buckets by age (32 each). past: index of the newest month bucket (16), six month buckets by age (40 each).
/// Index = Unix time in seconds / bucket width.
library UsageWindows {
    uint256 internal constant DAY_BUCKET_SECONDS = 17_280;
    uint256 internal constant MONTH_BUCKET_SECONDS = 518_400;

    /// @dev Largest limits that can be counted, in minor units. They keep every bucket inside its bits:
    /// a day bucket never exceeds a day limit, nor do 31 of them and a month limit exceed 40 bits.
    uint256 internal constant MAX_DAY_LIMIT = type(uint32).max;
    uint256 internal constant MAX_MONTH_LIMIT = (1 << 38) - 1;

    uint256 private constant DAYS_IN_MONTH_BUCKET = MONTH_BUCKET_SECONDS / DAY_BUCKET_SECONDS;

    uint256 private constant DAY_INDEX_MASK = (1 << 20) - 1;
    uint256 private constant BEFORE_AT = 20;
    uint256 private constant BEFORE_MASK = (1 << 44) - 1;
    uint256 private constant DAYS_AT = 64;
    uint256 private constant DAY_BITS = 32;
    uint256 private constant DAY_MASK = type(uint32).max;

    uint256 private constant MONTH_INDEX_MASK = type(uint16).max;
    uint256 private constant MONTHS_AT = 16;
    uint256 private constant MONTH_BITS = 40;
    uint256 private constant MONTH_MASK = (1 << 40) - 1;

    /// @notice The usage rolled forward to `timestamp`.
    /// @return recent The first word, as of `timestamp`.
    /// @return past The second word; it differs from the stored one only if `pastChanged`, and is 0 when not needed.
    function rolled(
        Usage storage usage,
        uint256 timestamp
    ) internal view returns (uint256 recent, uint256 past, bool pastChanged) {
        recent = usage.recent;
        uint256 oldDay = recent & DAY_INDEX_MASK;
        uint256 newDay = timestamp / DAY_BUCKET_SECONDS;
        if (oldDay == newDay) return (recent, 0, false);
        if (recent >> BEFORE_AT == 0) return (newDay, 0, false);

        uint256 age = newDay - oldDay;
        uint256 kept = age < BUCKETS ? BUCKETS - age : 0;
        uint256 days_ = recent >> DAYS_AT;
        uint256 fallen = days_ >> (kept * DAY_BITS);
        uint256 before = (recent >> BEFORE_AT) & BEFORE_MASK;
        uint256 newMonth = newDay / DAYS_IN_MONTH_BUCKET;

        if (fallen != 0 || newMonth != oldDay / DAYS_IN_MONTH_BUCKET) {
            past = _rolledMonths(usage.past, newMonth);
            for (; fallen != 0; ++kept) {
                past = _addedToMonth(
                    past,
                    newMonth,
                    (oldDay - kept) / DAYS_IN_MONTH_BUCKET,
                    fallen & DAY_MASK
                );
                fallen >>= DAY_BITS;
                pastChanged = true;
            }
            before = _sum(past >> MONTHS_AT, MONTH_BITS, MONTH_MASK);
        }
        // What is shifted above bit 255 is what has fallen out.
        recent = (((days_ << (age * DAY_BITS)) << DAYS_AT) | (before << BEFORE_AT)) | newDay;
    }

    /// @notice `recent` with `amount` added to its newest bucket.
    /// @dev The caller has checked that the day's sum stays within MAX_DAY_LIMIT.
    function added(uint256 recent, uint256 amount) internal pure returns (uint256) {
        return recent + (amount << DAYS_AT);
    }

    /// @notice The day's sum in a word that was rolled to now.
    function daySum(uint256 recent) internal pure returns (uint256) {
        return _sum(recent >> DAYS_AT, DAY_BITS, DAY_MASK);
    }

    /// @notice The month's sum in a word that was rolled to now: what has left the day, and the day.
    function monthSum(uint256 recent, uint256 daySum_) internal pure returns (uint256) {
        return ((recent >> BEFORE_AT) & BEFORE_MASK) + daySum_;
    }

    /// @notice Unix time in seconds from which `asked` fits under the day limit; 0 when it fits now, or never will.
    function dayFreesAt(
        uint256 recent,
        uint256 asked,
        uint256 limit
    ) internal pure returns (uint64) {
        uint256 left = daySum(recent);
        if (asked > limit || left + asked <= limit) return 0;
        uint256 newest = recent & DAY_INDEX_MASK;
        uint256 age = BUCKETS;
        while (left + asked > limit) {
            --age;
            left -= (recent >> (DAYS_AT + age * DAY_BITS)) & DAY_MASK;
        }
        return uint64((newest - age + BUCKETS) * DAY_BUCKET_SECONDS);
    }

    /// @notice The same for the month limit.
    function monthFreesAt(
        Usage storage usage,
        uint256 timestamp,
        uint256 asked,
        uint256 limit
    ) internal view returns (uint64) {
        (uint256 recent, uint256 past, bool pastChanged) = rolled(usage, timestamp);
        uint256 left = monthSum(recent, daySum(recent));
        if (asked > limit || left + asked <= limit) return 0;

        uint256 newestDay = recent & DAY_INDEX_MASK;
        uint256 newest = newestDay / DAYS_IN_MONTH_BUCKET;
        if (!pastChanged) past = _rolledMonths(usage.past, newest);
        // Count the days in their months, as they will be once they have left the day.
        for (uint256 dayAge = 0; dayAge < BUCKETS; ++dayAge) {
            uint256 amount = (recent >> (DAYS_AT + dayAge * DAY_BITS)) & DAY_MASK;
            if (amount != 0) {
                past = _addedToMonth(
                    past,
                    newest,
                    (newestDay - dayAge) / DAYS_IN_MONTH_BUCKET,
                    amount
                );
            }
        }
        uint256 age = BUCKETS;
        while (left + asked > limit) {
            --age;
            left -= (past >> (MONTHS_AT + age * MONTH_BITS)) & MONTH_MASK;
        }
        return uint64((newest - age + BUCKETS) * MONTH_BUCKET_SECONDS);
    }

    function _rolledMonths(uint256 past, uint256 newMonth) private pure returns (uint256) {
        uint256 age = newMonth - (past & MONTH_INDEX_MASK);
        return (((past >> MONTHS_AT) << (age * MONTH_BITS)) << MONTHS_AT) | newMonth;
    }

    function _addedToMonth(
        uint256 past,
        uint256 newMonth,
        uint256 month,
        uint256 amount
    ) private pure returns (uint256) {
        uint256 age = newMonth - month;
        return age < BUCKETS ? past + (amount << (MONTHS_AT + age * MONTH_BITS)) : past;
    }

    /// @dev Six buckets of 40 bits at most cannot overflow.
    function _sum(uint256 buckets, uint256 bits, uint256 mask) private pure returns (uint256 sum) {
        unchecked {
            for (; buckets != 0; buckets >>= bits) sum += buckets & mask;
        }
    }
}
