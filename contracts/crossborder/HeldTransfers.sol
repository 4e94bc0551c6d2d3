// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HeldTransfer, TransferState} from "./ICrossBorder.sol";

/// @notice A {HeldTransfer} in storage, lowest bits first.
/// @param sending sender (160), source currency (24), target currency (24), expiresAt (40), state (8).
/// @param receiving recipient (160), source amount (64), two reviewers (8).
/// @param providing provider (160), target amount (64).
struct HeldWords {
    uint256 sending;
    uint256 receiving;
    uint256 providing;
    address approver;
}

using HeldTransfers for HeldWords global;

/// @title HeldTransfers
/// @notice Writes and reads a {HeldTransfer} in as few words as it fits: three, as long as no one has approved it.
library HeldTransfers {
    uint256 private constant SOURCE_AT = 160;
    uint256 private constant TARGET_AT = 184;
    uint256 private constant EXPIRY_AT = 208;
    uint256 private constant STATE_AT = 248;
    uint256 private constant AMOUNT_AT = 160;
    uint256 private constant TWO_REVIEWERS_AT = 224;

    /// @dev Not the approver, which is written by itself.
    function write(HeldWords storage words, HeldTransfer memory held) internal {
        words.sending =
            uint160(held.sender) |
            (uint256(uint24(held.sourceCurrency)) << SOURCE_AT) |
            (uint256(uint24(held.targetCurrency)) << TARGET_AT) |
            (uint256(held.expiresAt) << EXPIRY_AT) |
            (uint256(held.state) << STATE_AT);
        words.receiving =
            uint160(held.recipient) |
            (uint256(held.sourceAmount) << AMOUNT_AT) |
            (held.twoReviewers ? 1 << TWO_REVIEWERS_AT : 0);
        words.providing = uint160(held.provider) | (uint256(held.targetAmount) << AMOUNT_AT);
    }

    function read(HeldWords storage words) internal view returns (HeldTransfer memory held) {
        (uint256 sending, uint256 receiving, uint256 providing) = (
            words.sending,
            words.receiving,
            words.providing
        );
        held.sender = address(uint160(sending));
        held.sourceCurrency = bytes3(uint24(sending >> SOURCE_AT));
        held.targetCurrency = bytes3(uint24(sending >> TARGET_AT));
        held.expiresAt = uint40(sending >> EXPIRY_AT);
        held.state = TransferState(sending >> STATE_AT);
        held.recipient = address(uint160(receiving));
        held.sourceAmount = uint64(receiving >> AMOUNT_AT);
        held.twoReviewers = receiving >> TWO_REVIEWERS_AT != 0;
        held.provider = address(uint160(providing));
        held.targetAmount = uint64(providing >> AMOUNT_AT);
        if (held.twoReviewers) held.approver = words.approver;
    }

    function writeState(HeldWords storage words, TransferState state) internal {
        uint256 others = (words.sending << (256 - STATE_AT)) >> (256 - STATE_AT);
        words.sending = others | (uint256(state) << STATE_AT);
    }
}
