// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Corridor, Exchange} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Conversion} from "./Conversion.sol";
import {ICrossBorder, PairTerms, QuoteTerms, Rounding, TransferOrder} from "./ICrossBorder.sol";

/// @title TransferTerms
/// @notice What order and quote must say, and the terms set for each pair of currencies.
abstract contract TransferTerms is PolicyBound, ICrossBorder {
    uint256 public constant BAND_BPS_MAX = 2_000;
    uint256 public constant REVIEW_SECONDS_MIN = 1 minutes;
    uint256 public constant REVIEW_SECONDS_MAX = 30 days;

    uint40 private constant NEVER = type(uint40).max;

    mapping(bytes3 source => mapping(bytes3 target => PairTerms)) private _pairs;

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
    function pairTerms(bytes3 source, bytes3 target) external view returns (PairTerms memory) {
        return _pairs[source][target];
    }

    /// @dev What can be said of order and quote without asking anyone else.
    function _requireConsistent(
        TransferOrder memory order,
        QuoteTerms memory quote,
        bytes32 quoteHash_
    ) internal pure {
        if (order.quote != quoteHash_) revert QuoteMismatch(order.quote, quoteHash_);
        if (order.sourceAmount == 0 || order.targetAmount == 0) revert ZeroAmount();
        if (order.provider == order.sender || order.provider == order.recipient) {
            revert ProviderIsParty(order.provider);
        }
        if (order.purpose == bytes4(0)) revert PurposeMissing();
        _requireSum(order, quote);
    }

    /// @dev Refuses what the terms of the pair of currencies do not allow.
    /// @return terms The terms of the pair.
    /// @return review Whether they ask for a review.
    function _requirePair(
        TransferOrder memory order,
        QuoteTerms memory quote,
        Exchange memory exchange
    ) internal view returns (PairTerms memory terms, bool review) {
        terms = _pairs[order.sourceCurrency][order.targetCurrency];
        if (terms.state == Corridor.Closed || terms.reviewSeconds == 0) {
            revert PairClosed(order.sourceCurrency, order.targetCurrency);
        }
        if (order.sourceAmount < terms.amountMin || order.sourceAmount > terms.amountMax) {
            revert AmountOutOfRange(
                order.sourceCurrency,
                order.targetCurrency,
                order.sourceAmount,
                terms.amountMin,
                terms.amountMax
            );
        }
        if (
            !Conversion.isInBand(
                quote.rateNumerator,
                quote.rateDenominator,
                exchange.sourcePrice,
                exchange.targetPrice,
                terms.bandBps
            )
        ) {
            revert RateOutOfBand(
                quote.rateNumerator,
                quote.rateDenominator,
                exchange.sourcePrice,
                exchange.targetPrice,
                terms.bandBps
            );
        }
        if (order.travelRule == bytes32(0) && _reaches(exchange.value, terms.travelRuleFrom)) {
            revert TravelRuleMissing(exchange.value, terms.travelRuleFrom);
        }
        review = terms.state == Corridor.Review || _reaches(exchange.value, terms.reviewFrom);
    }

    function _reaches(uint256 value, uint40 threshold) internal pure returns (bool) {
        return value >= threshold && threshold != NEVER;
    }

    function _requireSum(TransferOrder memory order, QuoteTerms memory quote) private pure {
        (uint128 numerator, uint128 denominator) = (quote.rateNumerator, quote.rateDenominator);
        if (numerator == 0 || denominator == 0) revert InvalidRate(numerator, denominator);
        if (quote.fee >= order.sourceAmount) revert FeeTooLarge(quote.fee, order.sourceAmount);

        uint128 converted = order.sourceAmount - quote.fee;
        (uint256 stated, uint256 computed) = quote.rounding == Rounding.TargetDown
            ? (order.targetAmount, Conversion.targetDown(converted, numerator, denominator))
            : (converted, Conversion.sourceUp(order.targetAmount, numerator, denominator));
        if (stated != computed) revert QuoteDoesNotAddUp(quote.rounding, stated, computed);
    }
}
