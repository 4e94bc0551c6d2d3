// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {Months} from "../loyalty/Months.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ChargeOrder, IMandates, MandateEndOrder, MandateOrder} from "./IMandates.sol";
import {MandateHashes} from "./MandateHashes.sol";

// solhint-disable gas-calldata-parameters

/// @title Mandates
contract Mandates is PolicyBound, MandateHashes {
    IIdentityRegistry public immutable REGISTRY;

    /// @param next The first period that can still be collected.
    /// @param collected In all, in minor units.
    struct Mandate {
        bool granted;
        bool ended;
        uint32 next;
        uint64 collected;
    }

    mapping(bytes32 mandate => Mandate) private _mandates;

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {
        REGISTRY = registry;
    }

    /// @inheritdoc IMandates
    function grant(
        MandateOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        policy().tokenOf(order.currency);
        if (order.ceiling == 0) revert ZeroAmount();
        if (order.payer == order.merchant) revert SelfPayment(order.payer);
        if (order.startsAt >= order.endsAt || order.endsAt <= block.timestamp) {
            revert InvalidMandate();
        }
        orderId = mandateId(order);
        _authorize(orderId, order.payer, order.nonce, order.deadline, signature);
        policy().requirePassage(order.payer, order.merchant, MovementKind.Payment);
        _requireMerchant(order.payer, order.merchant);
        _mandates[orderId].granted = true;
        emit MandateGranted(orderId, order.reference_, order.payer, order);
    }

    /// @inheritdoc IMandates
    function charge(
        ChargeOrder memory order,
        bytes memory signature,
        MandateOrder memory mandate
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = ICurrencyToken(policy().tokenOf(order.currency));
        if (order.amount == 0) revert ZeroAmount();
        orderId = chargeId(order);
        _authorize(orderId, order.merchant, order.nonce, order.deadline, signature);
        if (
            order.mandate != mandateId(mandate) ||
            order.currency != mandate.currency ||
            order.merchant != REGISTRY.currentAccount(mandate.merchant)
        ) revert MandateMismatch();
        _use(order, mandate);
        _requireMerchant(mandate.payer, order.merchant);

        token.move(mandate.payer, order.merchant, order.amount, MovementKind.Payment, orderId);
        emit MandateCharged(
            orderId,
            order.reference_,
            order.mandate,
            mandate.payer,
            order.merchant,
            order.currency,
            order.amount,
            order.period,
            order.details
        );
    }

    /// @inheritdoc IMandates
    function endMandate(
        MandateEndOrder memory order,
        bytes memory signature,
        MandateOrder memory mandate
    ) external returns (bytes32 orderId) {
        orderId = mandateEndId(order);
        _authorize(orderId, order.account, order.nonce, order.deadline, signature);
        if (
            order.mandate != mandateId(mandate) ||
            (order.account != REGISTRY.currentAccount(mandate.payer) &&
                order.account != REGISTRY.currentAccount(mandate.merchant))
        ) revert MandateMismatch();
        _requireLive(order.mandate).ended = true;
        emit MandateEnded(orderId, order.reference_, order.mandate, order.account);
    }

    /// @inheritdoc IMandates
    function mandateOf(
        bytes32 mandate
    ) external view returns (bool granted, bool ended, uint32 next, uint64 collected) {
        Mandate memory m = _mandates[mandate];
        return (m.granted, m.ended, m.next, m.collected);
    }

    /// @inheritdoc IMandates
    function periodAt(MandateOrder memory mandate, uint256 timestamp) public pure returns (uint32) {
        if (mandate.periodDays == 0) {
            return uint32(Months.indexOf(timestamp) - Months.indexOf(mandate.startsAt));
        }
        return uint32((timestamp - mandate.startsAt) / (uint256(mandate.periodDays) * 1 days));
    }

    function _use(ChargeOrder memory order, MandateOrder memory mandate) private {
        Mandate storage m = _requireLive(order.mandate);
        if (block.timestamp < mandate.startsAt || block.timestamp > mandate.endsAt) {
            revert MandateNotInTime(order.mandate, mandate.startsAt, mandate.endsAt);
        }
        uint32 period = periodAt(mandate, block.timestamp);
        if (order.period != period) revert WrongPeriod(order.mandate, period, order.period);
        if (period < m.next) revert PeriodAlreadyCharged(order.mandate, period);
        if (order.amount > mandate.ceiling) {
            revert CeilingExceeded(order.mandate, mandate.ceiling, order.amount);
        }
        m.next = period + 1;
        m.collected += order.amount;
    }

    function _requireLive(bytes32 mandate) private view returns (Mandate storage m) {
        m = _mandates[mandate];
        if (!m.granted) revert MandateNotGranted(mandate);
        if (m.ended) revert MandateIsOver(mandate);
    }

    function _requireMerchant(address payer, address merchant) private view {
        (, IdentityWord word) = REGISTRY.pair(payer, merchant);
        if (!word.isMerchant()) revert NotAMerchant(merchant);
    }
}
