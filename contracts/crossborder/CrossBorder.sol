// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {Corridor, Exchange, ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Escrow} from "./Escrow.sol";
import {ICrossBorder, PairTerms, QuoteTerms, TransferOrder} from "./ICrossBorder.sol";
import {TransferTerms} from "./TransferTerms.sol";

/// @title CrossBorder
contract CrossBorder is TransferTerms, Escrow {
    /// @dev The way a transfer takes.
    /// @param expiresAt Until when it is held; 0 when it is not.
    struct Route {
        address sourceToken;
        address targetToken;
        uint40 expiresAt;
        bool twoReviewers;
    }

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) Escrow(registry) SignedOrders(batch) {}

    /// @inheritdoc ICrossBorder
    function transfer(
        TransferOrder memory order,
        bytes calldata signature,
        QuoteTerms memory quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId) {
        return _execute(order, signature, quote, quoteSignature, false);
    }

    /// @inheritdoc ICrossBorder
    function hold(
        TransferOrder memory order,
        bytes calldata signature,
        QuoteTerms memory quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId) {
        if (msg.sender != BATCH) revert OnlyBatch();
        return _execute(order, signature, quote, quoteSignature, true);
    }

    /// @inheritdoc ICrossBorder
    function preview(
        TransferOrder memory order,
        QuoteTerms memory quote
    ) external view returns (bool held, uint40 expiresAt) {
        _requireConsistent(order, quote, quoteHash(order, quote));
        if (block.timestamp > order.deadline) revert OrderExpired(order.deadline);
        if (nonceUsed(order.sender, order.nonce)) {
            revert NonceAlreadyUsed(order.sender, order.nonce);
        }
        if (block.timestamp > quote.expiry) revert QuoteExpired(quote.expiry);
        if (nonceUsed(order.provider, uint256(quote.quoteId))) {
            revert QuoteAlreadyUsed(order.provider, quote.quoteId);
        }
        expiresAt = _route(order, quote, false).expiresAt;
        held = expiresAt != 0;
        policy().requireAllowed(
            order.sourceCurrency,
            MovementKind.ExchangeIn,
            order.sender,
            held ? address(this) : order.provider,
            order.sourceAmount
        );
        policy().requireAllowed(
            order.targetCurrency,
            MovementKind.ExchangeOut,
            order.provider,
            held ? address(this) : order.recipient,
            order.targetAmount
        );
    }

    function _execute(
        TransferOrder memory order,
        bytes calldata signature,
        QuoteTerms memory quote,
        bytes calldata quoteSignature,
        bool mustHold
    ) private returns (bytes32 orderId) {
        bytes32 quoteHash_ = quoteHash(order, quote);
        _requireConsistent(order, quote, quoteHash_);
        orderId = transferId(order);
        _authorize(orderId, order.sender, order.nonce, order.deadline, signature);
        if (block.timestamp > quote.expiry) revert QuoteExpired(quote.expiry);
        if (!_isSignedBy(order.provider, quoteHash_, quoteSignature)) {
            revert InvalidQuoteSignature(order.provider);
        }
        if (!_tryUseNonce(order.provider, uint256(quote.quoteId))) {
            revert QuoteAlreadyUsed(order.provider, quote.quoteId);
        }
        emit QuoteUsed(
            quoteHash_,
            orderId,
            order.provider,
            quote.quoteId,
            quote.fee,
            quote.rateNumerator,
            quote.rateDenominator,
            quote.rounding
        );

        Route memory route = _route(order, quote, mustHold);
        if (route.expiresAt == 0) _settle(orderId, order, route);
        else _putOnHold(orderId, order, route);
    }

    function _settle(bytes32 orderId, TransferOrder memory order, Route memory route) private {
        _moveLegs(orderId, order, route, order.provider, order.recipient);
        emit TransferSettled(
            orderId,
            order.reference_,
            order.sender,
            order.recipient,
            order.quote,
            order.sourceCurrency,
            order.sourceAmount,
            order.targetCurrency,
            order.targetAmount,
            order.purpose,
            order.travelRule
        );
    }

    function _putOnHold(bytes32 orderId, TransferOrder memory order, Route memory route) private {
        _moveLegs(orderId, order, route, address(this), address(this));
        _record(orderId, route.expiresAt, route.twoReviewers);
        emit TransferHeld(
            orderId,
            order.reference_,
            order.sender,
            order,
            route.expiresAt,
            route.twoReviewers
        );
    }

    function _moveLegs(
        bytes32 orderId,
        TransferOrder memory order,
        Route memory route,
        address sourceTo,
        address targetTo
    ) private {
        _move(
            ICurrencyToken(route.sourceToken),
            order.sender,
            sourceTo,
            order.sourceAmount,
            MovementKind.ExchangeIn,
            orderId
        );
        _move(
            ICurrencyToken(route.targetToken),
            order.provider,
            targetTo,
            order.targetAmount,
            MovementKind.ExchangeOut,
            orderId
        );
    }

    /// @dev Refuses what policy and terms do not allow, and decides on a review.
    function _route(
        TransferOrder memory order,
        QuoteTerms memory quote,
        bool mustHold
    ) private view returns (Route memory route) {
        Exchange memory exchange = policy().requireExchange(
            order.sender,
            order.recipient,
            order.sourceCurrency,
            order.targetCurrency,
            order.sourceAmount
        );
        (PairTerms memory terms, bool review) = _requirePair(order, quote, exchange);
        route.sourceToken = exchange.sourceToken;
        route.targetToken = exchange.targetToken;
        if (mustHold || review || exchange.corridor == Corridor.Review) {
            route.expiresAt = uint40(block.timestamp + terms.reviewSeconds);
            route.twoReviewers = _reaches(exchange.value, terms.twoReviewersFrom);
        }
    }
}
