// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {Corridor, ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Escrow} from "./Escrow.sol";
import {
    HeldTransfer,
    ICrossBorder,
    PairTerms,
    Quote,
    RecallOrder,
    Thresholds,
    TransferOrder,
    TransferState
} from "./ICrossBorder.sol";
import {TransferTerms} from "./TransferTerms.sol";

/// @title CrossBorder
contract CrossBorder is TransferTerms, Escrow, SignedOrders {
    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address provider,string sourceCurrency,string targetCurrency,uint128 sourceAmount,uint128 fee,uint128 targetAmount,uint128 rateNumerator,uint128 rateDenominator,uint8 rounding,uint64 expiry,bytes32 quoteId)"
    );
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "Transfer(bytes32 quote,address sender,address recipient,string sourceCurrency,uint128 sourceAmount,string targetCurrency,uint128 targetAmount,string purpose,bytes32 travelRule,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant RECALL_TYPEHASH = keccak256(
        "Recall(bytes32 transfer,address sender,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    /// @dev The way a transfer takes.
    /// @param expiresAt Until when it is held; 0 when it is not.
    struct Route {
        ICurrencyToken source;
        ICurrencyToken target;
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
        TransferOrder calldata order,
        bytes calldata signature,
        Quote calldata quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId) {
        return _execute(order, signature, quote, quoteSignature, false);
    }

    /// @inheritdoc ICrossBorder
    function hold(
        TransferOrder calldata order,
        bytes calldata signature,
        Quote calldata quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId) {
        if (msg.sender != BATCH) revert OnlyBatch();
        return _execute(order, signature, quote, quoteSignature, true);
    }

    /// @inheritdoc ICrossBorder
    function recall(
        RecallOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 recallOrderId) {
        recallOrderId = recallId(order);
        _authorize(recallOrderId, order.sender, order.nonce, order.deadline, signature);
        HeldTransfer memory held = _recall(order.transfer_, order.sender);
        emit TransferRecalled(
            order.transfer_,
            order.reference_,
            held.sourceAmount,
            held.targetAmount,
            recallOrderId
        );
    }

    /// @inheritdoc ICrossBorder
    function preview(
        TransferOrder calldata order,
        Quote calldata quote
    ) external view returns (bool held, uint40 expiresAt) {
        _requireConsistent(order, quote, quoteHash(quote));
        if (block.timestamp > order.deadline) revert OrderExpired(order.deadline);
        if (nonceUsed(order.sender, order.nonce)) {
            revert NonceAlreadyUsed(order.sender, order.nonce);
        }
        _requireUsable(quote);
        Route memory route = _route(order, quote, false);
        expiresAt = route.expiresAt;
        held = expiresAt != 0;
        policy().requireAllowed(
            quote.sourceCurrency,
            MovementKind.ExchangeIn,
            order.sender,
            held ? address(this) : quote.provider,
            quote.sourceAmount
        );
        policy().requireAllowed(
            quote.targetCurrency,
            MovementKind.ExchangeOut,
            quote.provider,
            held ? address(this) : order.recipient,
            quote.targetAmount
        );
    }

    /// @inheritdoc ICrossBorder
    function quoteHash(Quote calldata quote) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        QUOTE_TYPEHASH,
                        quote.provider,
                        // EIP-712 hashes a string; the three bytes are the string.
                        keccak256(abi.encodePacked(quote.sourceCurrency)),
                        keccak256(abi.encodePacked(quote.targetCurrency)),
                        quote.sourceAmount,
                        quote.fee,
                        quote.targetAmount,
                        quote.rateNumerator,
                        quote.rateDenominator,
                        quote.rounding,
                        quote.expiry,
                        quote.quoteId
                    )
                )
            );
    }

    /// @inheritdoc ICrossBorder
    function transferId(TransferOrder calldata order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        TRANSFER_TYPEHASH,
                        order.quote,
                        order.sender,
                        order.recipient,
                        keccak256(abi.encodePacked(order.sourceCurrency)),
                        order.sourceAmount,
                        keccak256(abi.encodePacked(order.targetCurrency)),
                        order.targetAmount,
                        keccak256(abi.encodePacked(order.purpose)),
                        order.travelRule,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    /// @inheritdoc ICrossBorder
    function recallId(RecallOrder calldata order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        RECALL_TYPEHASH,
                        order.transfer_,
                        order.sender,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    function _decodeOrder(
        bytes4 selector,
        bytes calldata arguments
    ) internal view override returns (Rejectable memory order) {
        // The detour through an external call hashes memory with the code that hashes call data.
        if (selector == this.transfer.selector || selector == this.hold.selector) {
            (TransferOrder memory t, bytes memory signature) = abi.decode(
                arguments,
                (TransferOrder, bytes)
            );
            return Rejectable(this.transferId(t), t.reference_, t.sender, t.nonce, signature);
        }
        if (selector == this.recall.selector) {
            (RecallOrder memory r, bytes memory signature) = abi.decode(
                arguments,
                (RecallOrder, bytes)
            );
            return Rejectable(this.recallId(r), r.reference_, r.sender, r.nonce, signature);
        }
        revert UnknownOrder(selector);
    }

    function _execute(
        TransferOrder calldata order,
        bytes calldata signature,
        Quote calldata quote,
        bytes calldata quoteSignature,
        bool mustHold
    ) private returns (bytes32 orderId) {
        bytes32 quoteHash_ = quoteHash(quote);
        _requireConsistent(order, quote, quoteHash_);
        orderId = transferId(order);
        _authorize(orderId, order.sender, order.nonce, order.deadline, signature);
        _useQuote(orderId, quote, quoteHash_, quoteSignature);

        Route memory route = _route(order, quote, mustHold);
        if (route.expiresAt == 0) _settle(orderId, order, quote.provider, route);
        else _putOnHold(orderId, order, quote.provider, route);
    }

    function _useQuote(
        bytes32 orderId,
        Quote calldata quote,
        bytes32 quoteHash_,
        bytes calldata signature
    ) private {
        _requireUsable(quote);
        if (!_isSignedBy(quote.provider, quoteHash_, signature)) {
            revert InvalidQuoteSignature(quote.provider);
        }
        _useNonce(quote.provider, uint256(quote.quoteId));
        emit QuoteUsed(
            quoteHash_,
            orderId,
            quote.provider,
            quote.quoteId,
            quote.fee,
            quote.rateNumerator,
            quote.rateDenominator,
            quote.rounding
        );
    }

    function _settle(
        bytes32 orderId,
        TransferOrder calldata order,
        address provider,
        Route memory route
    ) private {
        _moveLegs(orderId, order, provider, route, provider, order.recipient);
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

    function _putOnHold(
        bytes32 orderId,
        TransferOrder calldata order,
        address provider,
        Route memory route
    ) private {
        _moveLegs(orderId, order, provider, route, address(this), address(this));
        _record(
            orderId,
            HeldTransfer({
                sender: order.sender,
                sourceCurrency: order.sourceCurrency,
                targetCurrency: order.targetCurrency,
                expiresAt: route.expiresAt,
                state: TransferState.Held,
                recipient: order.recipient,
                // The money has moved, and no currency has as much as would not fit.
                sourceAmount: uint64(order.sourceAmount),
                twoReviewers: route.twoReviewers,
                provider: provider,
                targetAmount: uint64(order.targetAmount),
                approver: address(0)
            })
        );
        emit TransferHeld(
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
            order.travelRule,
            route.expiresAt,
            route.twoReviewers
        );
    }

    function _moveLegs(
        bytes32 orderId,
        TransferOrder calldata order,
        address provider,
        Route memory route,
        address sourceTo,
        address targetTo
    ) private {
        _move(
            route.source,
            order.sender,
            sourceTo,
            order.sourceAmount,
            MovementKind.ExchangeIn,
            orderId
        );
        _move(
            route.target,
            provider,
            targetTo,
            order.targetAmount,
            MovementKind.ExchangeOut,
            orderId
        );
    }

    /// @dev Refuses what the terms, the policy and the parties' standing do not allow, and decides on a review.
    function _route(
        TransferOrder calldata order,
        Quote calldata quote,
        bool mustHold
    ) private view returns (Route memory route) {
        ITransferPolicy current = policy();
        (address source, uint128 sourcePrice, uint256 value) = current.valueOf(
            quote.sourceCurrency,
            quote.sourceAmount
        );
        (address target, uint128 targetPrice, ) = current.valueOf(quote.targetCurrency, 0);
        PairTerms memory terms = _requirePair(quote, sourcePrice, targetPrice);
        Corridor corridor = current.requirePassage(
            order.sender,
            order.recipient,
            MovementKind.ExchangeIn
        );
        Thresholds memory from = thresholds();
        if (order.travelRule == bytes32(0) && value >= from.travelRule) {
            revert TravelRuleMissing(value, from.travelRule);
        }

        (route.source, route.target) = (ICurrencyToken(source), ICurrencyToken(target));
        if (
            mustHold ||
            terms.state == Corridor.Review ||
            corridor == Corridor.Review ||
            value >= from.review
        ) {
            route.expiresAt = uint40(block.timestamp + terms.reviewSeconds);
            route.twoReviewers = value >= from.twoReviewers;
        }
    }

    function _requireUsable(Quote calldata quote) private view {
        if (block.timestamp > quote.expiry) revert QuoteExpired(quote.expiry);
        if (nonceUsed(quote.provider, uint256(quote.quoteId))) {
            revert QuoteAlreadyUsed(quote.provider, quote.quoteId);
        }
    }
}
