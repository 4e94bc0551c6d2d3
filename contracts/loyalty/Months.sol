// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Months
/// @notice Calendar months in UTC, counted from January 1970, which is month 0.
library Months {
    uint256 private constant DAY_SECONDS = 86_400;

    /// @dev A cycle of the Gregorian calendar: 400 years have 146,097 days and 4,800 months.
    uint256 private constant CYCLE_DAYS = 146_097;
    /// @dev From 1 March of the year 0 to 1 January 1970.
    uint256 private constant DAYS_BEFORE = 719_468;
    uint256 private constant MONTHS_BEFORE = 1970 * 12;

    /// @notice The month in which `timestamp` lies.
    /// @param timestamp Unix time in seconds.
    /// @dev Counts years from March, so that the leap day is a year's last: H. Hinnant, "chrono-compatible low-level
    /// date algorithms", civil_from_days.
    function indexOf(uint256 timestamp) internal pure returns (uint256) {
        uint256 day = timestamp / DAY_SECONDS + DAYS_BEFORE;
        uint256 dayOfCycle = day % CYCLE_DAYS;
        uint256 year =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365;
        uint256 dayOfYear = dayOfCycle - (365 * year + year / 4 - year / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        return ((day / CYCLE_DAYS) * 400 + year) * 12 + monthFromMarch + 2 - MONTHS_BEFORE;
    }
}
