// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EitherRole} from "../EitherRole.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {Roles} from "../Roles.sol";
import {ICurrencyToken} from "./ICurrencyToken.sol";
import {
    IIssuance,
    Proposal,
    ProposalState,
    RedemptionOrder,
    RedemptionState
} from "./IIssuance.sol";
import {MintCeilings} from "./MintCeilings.sol";

// solhint-disable gas-calldata-parameters

/// @title Issuance
/// @dev Orders are decoded once into memory: reading every field several times from call data costs more.
contract Issuance is MintCeilings, EitherRole, SignedOrders {
    uint40 public constant PROPOSAL_LIFETIME = 7 days;

    bytes32 private constant REDEMPTION_TYPEHASH = keccak256(
        "Redemption(address account,string currency,uint128 amount,bytes32 payout,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    mapping(bytes32 proposalId => Proposal) private _proposals;
    mapping(bytes3 currency => mapping(bytes32 depositReference => bytes32 proposalId))
        private _proposalOfDeposit;
    mapping(bytes32 orderId => RedemptionState) private _redemptions;
    mapping(bytes32 payoutReference => bytes32 orderId) private _redemptionOfPayout;

    constructor(
        ITransferPolicy initialPolicy,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {}

    /// @inheritdoc IIssuance
    function propose(
        bytes3 currency,
        address to,
        uint128 amount,
        bytes32 depositReference,
        bytes32 reference_
    ) external restricted returns (bytes32 proposalId) {
        _tokenOf(currency);
        if (amount == 0) revert ZeroAmount();
        if (depositReference == bytes32(0)) revert DepositReferenceMissing();
        if (_isDepositTaken(currency, depositReference))
            revert DepositAlreadyUsed(depositReference);

        proposalId = keccak256(abi.encode(currency, depositReference, to, amount, reference_));
        _proposalOfDeposit[currency][depositReference] = proposalId;
        _proposals[proposalId] = Proposal({
            currency: currency,
            state: ProposalState.Proposed,
            proposedAt: uint40(block.timestamp),
            maker: msg.sender,
            to: to,
            amount: amount,
            depositReference: depositReference,
            reference_: reference_
        });
        emit MintProposed(
            proposalId,
            currency,
            to,
            amount,
            depositReference,
            reference_,
            msg.sender
        );
    }

    /// @inheritdoc IIssuance
    function approve(bytes32 proposalId) external restricted {
        Proposal storage proposal = _openProposal(proposalId);
        if (proposal.maker == msg.sender) revert MakerIsChecker(msg.sender);
        if (_isLapsed(proposal))
            revert ProposalLapsed(proposalId, proposal.proposedAt + PROPOSAL_LIFETIME);

        (bytes3 currency, uint256 amount) = (proposal.currency, proposal.amount);
        ICurrencyToken token = _tokenOf(currency);
        proposal.state = ProposalState.Minted;
        _useCeilings(currency, token, amount);
        emit MintApproved(proposalId, msg.sender);
        token.mint(proposal.to, amount, proposalId);
    }

    /// @inheritdoc IIssuance
    function decline(
        bytes32 proposalId,
        bytes32 reason
    ) external eitherRole(Roles.ISSUER_MAKER, Roles.ISSUER_CHECKER) {
        _openProposal(proposalId).state = ProposalState.Declined;
        emit MintDeclined(proposalId, msg.sender, reason);
    }

    /// @inheritdoc IIssuance
    function redeem(
        RedemptionOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = _tokenOf(order.currency);
        if (order.amount == 0) revert ZeroAmount();
        orderId = redemptionId(order);
        _authorize(orderId, order.account, order.nonce, order.deadline, signature);

        _redemptions[orderId] = RedemptionState.Open;
        token.burn(order.account, order.amount, orderId);
        emit Redeemed(
            orderId,
            order.reference_,
            order.account,
            order.currency,
            order.amount,
            order.payout
        );
    }

    /// @inheritdoc IIssuance
    function confirmPayout(bytes32 orderId, bytes32 payoutReference) external restricted {
        if (_redemptions[orderId] != RedemptionState.Open) revert RedemptionNotOpen(orderId);
        if (payoutReference == bytes32(0)) revert PayoutReferenceMissing();
        if (_redemptionOfPayout[payoutReference] != bytes32(0))
            revert PayoutReferenceUsed(payoutReference);

        _redemptions[orderId] = RedemptionState.PaidOut;
        _redemptionOfPayout[payoutReference] = orderId;
        emit PayoutConfirmed(orderId, payoutReference, msg.sender);
    }

    /// @inheritdoc IIssuance
    function proposalOf(bytes32 proposalId) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    /// @inheritdoc IIssuance
    function proposalOfDeposit(
        bytes3 currency,
        bytes32 depositReference
    ) external view returns (bytes32) {
        return _proposalOfDeposit[currency][depositReference];
    }

    /// @inheritdoc IIssuance
    function redemptionState(bytes32 orderId) external view returns (RedemptionState) {
        return _redemptions[orderId];
    }

    /// @inheritdoc IIssuance
    function redemptionOfPayout(bytes32 payoutReference) external view returns (bytes32) {
        return _redemptionOfPayout[payoutReference];
    }

    /// @inheritdoc IIssuance
    function redemptionId(RedemptionOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        REDEMPTION_TYPEHASH,
                        order.account,
                        _textHash(order.currency, 3),
                        order.amount,
                        order.payout,
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
        if (selector != this.redeem.selector) revert UnknownOrder(selector);
        (RedemptionOrder memory r, bytes memory signature) = abi.decode(
            arguments,
            (RedemptionOrder, bytes)
        );
        return Rejectable(redemptionId(r), r.reference_, r.account, r.nonce, signature);
    }

    function _openProposal(bytes32 proposalId) private view returns (Proposal storage proposal) {
        proposal = _proposals[proposalId];
        if (proposal.state != ProposalState.Proposed)
            revert ProposalNotOpen(proposalId, proposal.state);
    }

    function _isDepositTaken(
        bytes3 currency,
        bytes32 depositReference
    ) private view returns (bool) {
        Proposal storage latest = _proposals[_proposalOfDeposit[currency][depositReference]];
        if (latest.state == ProposalState.Proposed) return !_isLapsed(latest);
        return latest.state == ProposalState.Minted;
    }

    function _isLapsed(Proposal storage proposal) private view returns (bool) {
        return block.timestamp > proposal.proposedAt + PROPOSAL_LIFETIME;
    }
}
