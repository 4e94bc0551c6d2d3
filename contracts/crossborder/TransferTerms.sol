// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Corridor} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Conversion} from "./Conversion.sol";
import {
    ICrossBorder,
    PairTerms,
    Quote,
    Rounding,
    Thresholds,
    TransferOrder
} from "./ICrossBorder.sol";

/// @title TransferTerms
/// @notice What order and quote must say, and the terms set for each pair of currencies.
abstract contract TransferTerms is PolicyBound, ICrossBorder {
    uint256 public constant BAND_BPS_MAX = 2_000;
    uint256 public constant REVIEW_SECONDS_MIN = 1 minutes;
    uint256 public constant REVIEW_SECONDS_MAX = 30 days;

    mapping(bytes3 source => mapping(bytes3 target => PairTerms)) private _pairs;
    Thresholds private _thresholds;

    /// @inheritdoc ICrossBorder
    function setPair(bytes3 source, bytes3 target, PairTerms calldata terms) external restricted {
        if (
            source == target ||
            terms.bandBps > BAND_BPS_MAX ||
            terms.reviewSeconds < REVIEW_SECONDS_MIN ||
            terms.reviewSeconds > REVIEW_SECONDS_MAX ||
            terms.amountMin == 0 ||
            terms.amountMin > terms.amountMax
        ) revert InvalidPairTerms(source, target, terms);
        _pairs[source][target] = terms;
        emit PairSet(source, target, terms);
    }

    /// @inheritdoc ICrossBorder
    function setThresholds(Thresholds calldata thresholds_) external restricted {
        _thresholds = thresholds_;
        emit ThresholdsSet(thresholds_);
    }

    /// @inheritdoc ICrossBorder
    function pairTerms(bytes3 source, bytes3 target) external view returns (PairTerms memory) {
        return _pairs[source][target];
    }

    /// @inheritdoc ICrossBorder
    function thresholds() public view returns (Thresholds memory) {
        return _thresholds;
    }

    /// @dev What can be said of order and quote without asking anyone else.
    function _requireConsistent(
        TransferOrder calldata order,
        Quote calldata quote,
        bytes32 quoteHash_
    ) internal pure {
        if (
            order.quote != quoteHash_ ||
            order.sourceCurrency != quote.sourceCurrency ||
            order.sourceAmount != quote.sourceAmount ||
            order.targetCurrency != quote.targetCurrency ||
            order.targetAmount != quote.targetAmount
        ) revert QuoteMismatch(order.quote, quoteHash_);
        if (quote.sourceAmount == 0 || quote.targetAmount == 0) revert ZeroAmount();
        if (quote.provider == order.sender || quote.provider == order.recipient) {
            revert ProviderIsParty(quote.provider);
        }
        if (!_isPurpose(order.purpose)) revert InvalidPurpose(order.purpose);
        _requireSum(quote);
    }

    /// @dev Refuses what the terms of the quote's pair of currencies do not allow.
    function _requirePair(
        Quote calldata quote,
        uint128 sourcePrice,
        uint128 targetPrice
    ) internal view returns (PairTerms memory terms) {
        terms = _pairs[quote.sourceCurrency][quote.targetCurrency];
        if (terms.state == Corridor.Closed || terms.reviewSeconds == 0) {
            revert PairClosed(quote.sourceCurrency, quote.targetCurrency);
        }
        if (quote.sourceAmount < terms.amountMin || quote.sourceAmount > terms.amountMax) {
            revert AmountOutOfRange(
                quote.sourceCurrency,
                quote.targetCurrency,
                quote.sourceAmount,
                terms.amountMin,
                terms.amountMax
            );
        }
        if (
            !Conversion.isInBand(
                quote.rateNumerator,
                quote.rateDenominator,
                sourcePrice,
                targetPrice,
                terms.bandBps
            )
        ) {
            revert RateOutOfBand(
                quote.rateNumerator,
                quote.rateDenominator,
                sourcePrice,
                targetPrice,
                terms.bandBps
            );
        }
    }

    function _requireSum(Quote calldata quote) private pure {
        (uint128 numerator, uint128 denominator) = (quote.rateNumerator, quote.rateDenominator);
        if (numerator == 0 || denominator == 0) revert InvalidRate(numerator, denominator);
        if (quote.fee >= quote.sourceAmount) revert FeeTooLarge(quote.fee, quote.sourceAmount);

        uint128 converted = quote.sourceAmount - quote.fee;
        (uint256 stated, uint256 computed) = quote.rounding == Rounding.TargetDown
            ? (quote.targetAmount, Conversion.targetDown(converted, numerator, denominator))
            : (converted, Conversion.sourceUp(quote.targetAmount, numerator, denominator));
        if (stated != computed) revert QuoteDoesNotAddUp(quote.rounding, stated, computed);
    }

    function _isPurpose(bytes4 purpose) private pure returns (bool) {
        for (uint256 rest = uint32(purpose); rest != 0; rest >>= 8) {
            uint256 character = rest & 0xff;
            bool isLetter = character >= 0x41 && character <= 0x5a;
            if (!isLetter && !(character >= 0x30 && character <= 0x39)) return false;
        }
        return uint32(purpose) >> 24 != 0;
    }
}
