// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Points by the month at whose end they expire; see {Months}. Four months of 63 bits share a storage slot.
struct Lots {
    mapping(uint256 group => uint256) words;
}

using LotBook for Lots global;

/// @title LotBook
/// @notice Reads and changes {Lots}. However many times points were earned, there is one lot for a month.
/// @dev A list of lots is `month << 64 | points` for each, the earliest month first.
library LotBook {
    uint256 internal constant POINTS_MAX = 2 ** 63 - 1;

    uint256 private constant PER_WORD = 4;
    uint256 private constant BITS = 64;
    /// @dev Keeps a word that was used from becoming zero: points that come back would have to pay for a fresh slot.
    uint256 private constant USED = 1 << 255;

    /// @notice The points of a month.
    function pointsAt(Lots storage lots, uint256 month) internal view returns (uint256) {
        return (lots.words[month / PER_WORD] >> _shift(month)) & POINTS_MAX;
    }

    /// @dev The caller has checked that the sum is not more than POINTS_MAX.
    function add(Lots storage lots, uint256 month, uint256 points) internal {
        uint256 group = month / PER_WORD;
        lots.words[group] = (lots.words[group] + (points << _shift(month))) | USED;
    }

    /// @dev The caller has checked that there are so many.
    function sub(Lots storage lots, uint256 month, uint256 points) internal {
        lots.words[month / PER_WORD] -= points << _shift(month);
    }

    /// @notice The points of `first` to `last`, both included.
    function sum(
        Lots storage lots,
        uint256 first,
        uint256 last
    ) internal view returns (uint256 total) {
        for (uint256 month = first; month <= last; ++month) total += pointsAt(lots, month);
    }

    /// @notice Takes points from `first` to `last`, the earliest month first.
    /// @return taken What was taken of which month.
    /// @return missing How many there were too few.
    function take(
        Lots storage lots,
        uint256 first,
        uint256 last,
        uint256 points
    ) internal returns (uint256[] memory taken, uint256 missing) {
        taken = new uint256[](last - first + 1);
        uint256 count;
        missing = points;
        for (uint256 month = first; month <= last && missing != 0; ++month) {
            uint256 lot = pointsAt(lots, month);
            if (lot == 0) continue;
            if (lot > missing) lot = missing;
            sub(lots, month, lot);
            missing -= lot;
            taken[count++] = entry(month, lot);
        }
        // Only shortens: the memory behind stays unused.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(taken, count)
        }
    }

    function entry(uint256 month, uint256 points) internal pure returns (uint256) {
        return (month << BITS) | points;
    }

    function monthOf(uint256 lot) internal pure returns (uint256) {
        return lot >> BITS;
    }

    function pointsOf(uint256 lot) internal pure returns (uint256) {
        return uint64(lot);
    }

    function _shift(uint256 month) private pure returns (uint256) {
        return BITS * (month % PER_WORD);
    }
}
