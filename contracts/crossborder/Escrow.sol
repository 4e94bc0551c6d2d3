// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {HeldWords} from "./HeldTransfers.sol";
import {HeldTransfer, ICrossBorder, TransferState} from "./ICrossBorder.sol";

/// @title Escrow
/// @notice Transfers that are held, and the only ways out.
abstract contract Escrow is PolicyBound, ICrossBorder {
    uint256 private constant STATES = 8;

    /// @dev The one table of allowed transitions: bit `from * STATES + to`.
    uint256 private constant TRANSITIONS =
        (1 << (uint256(TransferState.None) * STATES + uint256(TransferState.Held))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Settled))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Rejected))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Refunded))) |
            (1 << (uint256(TransferState.Held) * STATES + uint256(TransferState.Recalled)));

    IIdentityRegistry public immutable REGISTRY;

    mapping(bytes32 orderId => HeldWords) private _transfers;

    constructor(IIdentityRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc ICrossBorder
    function approveRelease(bytes32 orderId) external restricted {
        HeldTransfer memory held = _inReview(orderId);
        if (!held.twoReviewers) revert ApprovalNotNeeded(orderId);
        if (held.approver != address(0)) revert ReleaseAlreadyApproved(orderId, held.approver);
        _transfers[orderId].approver = msg.sender;
        emit ReleaseApproved(orderId, msg.sender);
    }

    /// @inheritdoc ICrossBorder
    function release(bytes32 orderId) external restricted {
        HeldTransfer memory held = _inReview(orderId);
        if (held.twoReviewers && held.approver == address(0)) revert ReleaseNotApproved(orderId);
        if (held.approver == msg.sender) revert MakerIsChecker(msg.sender);

        address recipient = _current(held.recipient);
        policy().requirePassage(_current(held.sender), recipient, MovementKind.EscrowOut);
        _end(orderId, held, TransferState.Settled, _current(held.provider), recipient);
        emit TransferReleased(
            orderId,
            held.sourceAmount,
            held.targetAmount,
            held.approver,
            msg.sender
        );
    }

    /// @inheritdoc ICrossBorder
    function rejectTransfer(bytes32 orderId, bytes4 reason) external restricted {
        if (reason == bytes4(0)) revert ReasonMissing();
        HeldTransfer memory held = _read(orderId, TransferState.Rejected);
        _return(orderId, held, TransferState.Rejected);
        emit TransferRejected(orderId, held.sourceAmount, held.targetAmount, reason, msg.sender);
    }

    /// @inheritdoc ICrossBorder
    function refund(bytes32 orderId) external {
        HeldTransfer memory held = _read(orderId, TransferState.Refunded);
        if (block.timestamp <= held.expiresAt) revert ReviewNotExpired(orderId, held.expiresAt);
        _return(orderId, held, TransferState.Refunded);
        emit TransferRefunded(orderId, held.sourceAmount, held.targetAmount, msg.sender);
    }

    /// @inheritdoc ICrossBorder
    function transferOf(bytes32 orderId) external view returns (HeldTransfer memory) {
        return _transfers[orderId].read();
    }

    /// @inheritdoc ICrossBorder
    function escrowed(bytes3 currency) external view returns (uint256) {
        return _token(currency).balanceOf(address(this));
    }

    /// @dev Records a transfer whose legs are in escrow.
    function _record(bytes32 orderId, HeldTransfer memory held) internal {
        _read(orderId, TransferState.Held);
        _transfers[orderId].write(held);
    }

    /// @dev Returns both legs by order of the sender.
    function _recall(bytes32 orderId, address sender) internal returns (HeldTransfer memory held) {
        held = _read(orderId, TransferState.Recalled);
        if (_current(held.sender) != sender) revert NotTheSender(orderId, sender);
        _return(orderId, held, TransferState.Recalled);
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

    function _token(bytes3 currency) internal view returns (ICurrencyToken) {
        return ICurrencyToken(policy().tokenOf(currency));
    }

    function _return(bytes32 orderId, HeldTransfer memory held, TransferState to) private {
        _end(orderId, held, to, _current(held.sender), _current(held.provider));
    }

    /// @dev The only way out of escrow.
    function _end(
        bytes32 orderId,
        HeldTransfer memory held,
        TransferState to,
        address sourceTo,
        address targetTo
    ) private {
        _transfers[orderId].writeState(to);
        MovementKind kind =
            to == TransferState.Settled ? MovementKind.EscrowOut : MovementKind.EscrowReturn;
        _move(
            _token(held.sourceCurrency),
            address(this),
            sourceTo,
            held.sourceAmount,
            kind,
            orderId
        );
        _move(
            _token(held.targetCurrency),
            address(this),
            targetTo,
            held.targetAmount,
            kind,
            orderId
        );
    }

    /// @dev A transfer that can be released, asked for by a reviewer that has no part in it.
    function _inReview(bytes32 orderId) private view returns (HeldTransfer memory held) {
        held = _read(orderId, TransferState.Settled);
        if (block.timestamp > held.expiresAt) revert ReviewExpired(orderId, held.expiresAt);
        if (
            msg.sender == held.sender || msg.sender == held.recipient || msg.sender == held.provider
        ) revert ReviewerIsParty(msg.sender);
    }

    /// @dev A transfer that may change to the state `to`.
    function _read(
        bytes32 orderId,
        TransferState to
    ) private view returns (HeldTransfer memory held) {
        held = _transfers[orderId].read();
        if ((TRANSITIONS >> (uint256(held.state) * STATES + uint256(to))) & 1 == 0) {
            revert TransitionNotAllowed(orderId, held.state, to);
        }
    }

    function _current(address account) private view returns (address) {
        return REGISTRY.currentAccount(account);
    }
}
