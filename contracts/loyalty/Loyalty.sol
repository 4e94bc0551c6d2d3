// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../MovementKind.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ILoyalty, MemberState, ProgrammeKind} from "./ILoyalty.sol";
import {Points} from "./Points.sol";

/// @title Loyalty
contract Loyalty is Points {
    constructor(
        ITransferPolicy initialPolicy,
        address authority_
    ) PolicyBound(initialPolicy, authority_) {}

    /// @inheritdoc ILoyalty
    function setEarning(
        uint32 programme,
        address account,
        address merchant,
        uint32 points,
        uint32 perMinor
    ) external restricted {
        Programme storage p = _requireOpen(programme);
        address origin = originOf(merchant);
        if (_payerFor(p, origin) != originOf(account)) revert NotThePayer(programme, account);
        Member storage member = _members[programme][origin];
        if (member.state == MemberState.None) {
            revert MemberNotActive(programme, merchant, member.state);
        }
        // Points worth more than what was paid would be a gain to whoever buys and gets a refund.
        if (uint256(points) * p.numerator > uint256(perMinor) * p.denominator) {
            revert EarningTooHigh(points, perMinor);
        }
        (member.points, member.perMinor) = (points, perMinor);
    }

    /// @inheritdoc ILoyalty
    function deposit(
        uint32 programme,
        address account,
        bytes3 currency,
        uint256 amount,
        bytes32 orderId
    ) external restricted {
        Programme storage p = _requireOpen(programme);
        if (p.currency != currency) revert ProgrammeMismatch(programme, currency);
        address origin = originOf(account);
        bool pays =
            p.kind == ProgrammeKind.Coalition
                ? _members[programme][origin].state != MemberState.None
                : origin == p.owner;
        if (!pays) revert NotThePayer(programme, account);
        _addFree(programme, origin, amount * p.denominator);
        _token(p).move(account, address(this), amount, MovementKind.EscrowIn, orderId);
    }

    /// @inheritdoc ILoyalty
    function withdraw(
        uint32 programme,
        address account,
        bytes3 currency,
        uint256 amount,
        bytes32 orderId
    ) external restricted {
        Programme storage p = _requireKnown(programme);
        if (p.currency != currency) revert ProgrammeMismatch(programme, currency);
        _giveBack(programme, account, amount, orderId);
    }

    /// @inheritdoc ILoyalty
    function transferPoints(
        uint32 programme,
        address from,
        address to,
        uint256 points
    ) external restricted returns (uint256[] memory lots) {
        if (!_requireKnown(programme).transferable) revert PointsNotTransferable(programme);
        return _transfer(programme, from, to, points);
    }
}
