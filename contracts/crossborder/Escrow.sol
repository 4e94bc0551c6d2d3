// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry, Status} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ICrossBorder, RecallOrder, Review, TransferOrder, TransferState} from "./ICrossBorder.sol";
import {OrderHashes} from "./OrderHashes.sol";

/// @title Escrow
/// @notice Transfers that are held, and the only ways out.
abstract contract Escrow is PolicyBound, OrderHashes {
    uint256 private constant STATES = 8;

    /// @dev The one table of allowed transitions: bit `from * STATES + to`.
    uint256 private constant TRANSITIONS =
        (1 << (uint256(TransferState.None) * STATES + uint256(TransferState.Held))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Settled))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Rejected))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Refunded))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Recalled)));

    IIdentityRegistry public immutable REGISTRY;

    mapping(bytes32 orderId => Review) private _reviews;

    constructor(IIdentityRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc ICrossBorder
    function approveRelease(TransferOrder memory order) external restricted {
        (bytes32 orderId, Review storage review) = _inReview(order);
        if (!review.twoReviewers) revert ApprovalNotNeeded(orderId);
        if (review.approver != address(0)) revert ReleaseAlreadyApproved(orderId, review.approver);
        review.approver = msg.sender;
        emit ReleaseApproved(orderId, msg.sender);
    }

    /// @inheritdoc ICrossBorder
    function release(TransferOrder memory order) external restricted {
        (bytes32 orderId, Review storage review) = _inReview(order);
        address approver = review.approver;
        if (review.twoReviewers && approver == address(0)) revert ReleaseNotApproved(orderId);
        if (approver == msg.sender) revert MakerIsChecker(msg.sender);
        review.state = TransferState.Settled;

        (address sender, address recipient) = _current(order.sender, order.recipient);
        policy().requirePassage(sender, recipient, MovementKind.EscrowOut);
        address provider = REGISTRY.currentAccount(order.provider);
        _empty(orderId, order, provider, recipient, MovementKind.EscrowOut);
        emit TransferReleased(
            orderId,
            order.quote,
            order.sourceAmount,
            order.targetAmount,
            approver,
            msg.sender
        );
    }

    /// @inheritdoc ICrossBorder
    function rejectTransfer(TransferOrder memory order, bytes4 reason) external restricted {
        (bytes32 orderId, Review storage review) = _leaving(order, TransferState.Rejected);
        if (reason == bytes4(0)) revert ReasonMissing();
        review.state = TransferState.Rejected;
        _return(orderId, order);
        emit TransferRejected(
            orderId,
            order.quote,
            order.sourceAmount,
            order.targetAmount,
            reason,
            msg.sender
        );
    }

    /// @inheritdoc ICrossBorder
    function refund(TransferOrder memory order) external {
        (bytes32 orderId, Review storage review) = _leaving(order, TransferState.Refunded);
        if (block.timestamp <= review.expiresAt) {
            revert ReviewNotExpired(orderId, review.expiresAt);
        }
        review.state = TransferState.Refunded;
        _return(orderId, order);
        emit TransferRefunded(
            orderId,
            order.quote,
            order.sourceAmount,
            order.targetAmount,
            msg.sender
        );
    }

    /// @inheritdoc ICrossBorder
    function recall(
        RecallOrder memory order,
        bytes calldata signature,
        TransferOrder memory original
    ) external returns (bytes32 recallOrderId) {
        recallOrderId = recallId(order);
        _authorize(recallOrderId, order.sender, order.nonce, order.deadline, signature);
        (bytes32 orderId, Review storage review) = _leaving(original, TransferState.Recalled);
        if (order.transfer_ != orderId) revert RecallMismatch(order.transfer_, orderId);
        if (order.sender != REGISTRY.currentAccount(original.sender)) {
            revert NotTheSender(orderId, order.sender);
        }
        review.state = TransferState.Recalled;
        _return(orderId, original);
        emit TransferRecalled(
            orderId,
            order.reference_,
            original.quote,
            original.sourceAmount,
            original.targetAmount,
            recallOrderId
        );
    }

    /// @inheritdoc ICrossBorder
    function reviewOf(bytes32 orderId) external view returns (Review memory) {
        return _reviews[orderId];
    }

    /// @inheritdoc ICrossBorder
    function escrowed(bytes3 currency) external view returns (uint256) {
        return _token(currency).balanceOf(address(this));
    }

    /// @dev Records a transfer whose legs are in escrow.
    function _record(bytes32 orderId, uint40 expiresAt, bool twoReviewers) internal {
        Review storage review = _reviews[orderId];
        _requireAllowed(orderId, review.state, TransferState.Held);
        review.state = TransferState.Held;
        review.expiresAt = expiresAt;
        review.twoReviewers = twoReviewers;
    }

    function _move(
        ICurrencyToken token,
        address from,
        address to,
        uint256 amount,
        MovementKind kind,
        bytes32 orderId
    ) internal {
        token.move(from, to, amount, kind, orderId);
    }

    function _return(bytes32 orderId, TransferOrder memory order) private {
        (address sender, address provider) = _current(order.sender, order.provider);
        _empty(orderId, order, sender, provider, MovementKind.EscrowReturn);
    }

    /// @dev The only way out of escrow.
    function _empty(
        bytes32 orderId,
        TransferOrder memory order,
        address sourceTo,
        address targetTo,
        MovementKind kind
    ) private {
        _move(
            _token(order.sourceCurrency),
            address(this),
            sourceTo,
            order.sourceAmount,
            kind,
            orderId
        );
        _move(
            _token(order.targetCurrency),
            address(this),
            targetTo,
            order.targetAmount,
            kind,
            orderId
        );
    }

    /// @dev A transfer that can be released, asked for by a reviewer that has no part in it.
    function _inReview(
        TransferOrder memory order
    ) private view returns (bytes32 orderId, Review storage review) {
        (orderId, review) = _leaving(order, TransferState.Settled);
        if (block.timestamp > review.expiresAt) revert ReviewExpired(orderId, review.expiresAt);
        if (
            msg.sender == order.sender ||
            msg.sender == order.recipient ||
            msg.sender == order.provider
        ) revert ReviewerIsParty(msg.sender);
    }

    /// @dev A transfer that may change to the state `to`.
    function _leaving(
        TransferOrder memory order,
        TransferState to
    ) private view returns (bytes32 orderId, Review storage review) {
        orderId = transferId(order);
        review = _reviews[orderId];
        _requireAllowed(orderId, review.state, to);
    }

    function _token(bytes3 currency) private view returns (ICurrencyToken) {
        return ICurrencyToken(policy().tokenOf(currency));
    }

    /// @dev The accounts, or those that replaced them. Few were ever replaced, so their words are asked for first.
    function _current(address a, address b) private view returns (address, address) {
        (IdentityWord wordOfA, IdentityWord wordOfB) = REGISTRY.pair(a, b);
        if (wordOfA.status() == Status.Replaced) a = REGISTRY.currentAccount(a);
        if (wordOfB.status() == Status.Replaced) b = REGISTRY.currentAccount(b);
        return (a, b);
    }

    function _requireAllowed(bytes32 orderId, TransferState from, TransferState to) private pure {
        if ((TRANSITIONS >> (uint256(from) * STATES + uint256(to))) & 1 == 0) {
            revert TransitionNotAllowed(orderId, from, to);
        }
    }
}
