// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ILoyalty} from "./ILoyalty.sol";
import {EarningOrder, ILoyaltyDesk, PointsOrder, PoolOrder} from "./ILoyaltyDesk.sol";

// solhint-disable gas-calldata-parameters

/// @title LoyaltyDesk
contract LoyaltyDesk is PolicyBound, SignedOrders, ILoyaltyDesk {
    bytes32 private constant DEPOSIT_TYPEHASH = keccak256(
        "PoolDeposit(uint32 programme,address account,string currency,uint128 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "PoolWithdrawal(uint32 programme,address account,string currency,uint128 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant EARNING_TYPEHASH = keccak256(
        "Earning(uint32 programme,address account,address merchant,uint32 points,uint32 perMinor,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "PointsTransfer(uint32 programme,address from,address to,uint64 points,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    IIdentityRegistry public immutable REGISTRY;
    ILoyalty public immutable LOYALTY;

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        ILoyalty loyalty,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {
        REGISTRY = registry;
        LOYALTY = loyalty;
    }

    /// @inheritdoc ILoyaltyDesk
    function setEarning(
        EarningOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        orderId = earningId(order);
        _authorize(orderId, order.account, order.nonce, order.deadline, signature);
        LOYALTY.setEarning(
            order.programme,
            order.account,
            order.merchant,
            order.points,
            order.perMinor
        );
        emit EarningSet(
            orderId,
            order.reference_,
            order.merchant,
            order.programme,
            order.account,
            order.points,
            order.perMinor
        );
    }

    /// @inheritdoc ILoyaltyDesk
    function deposit(
        PoolOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        if (order.amount == 0) revert ZeroAmount();
        orderId = depositId(order);
        _authorize(orderId, order.account, order.nonce, order.deadline, signature);
        LOYALTY.deposit(order.programme, order.account, order.currency, order.amount, orderId);
        emit PoolDeposited(
            orderId,
            order.reference_,
            order.account,
            order.programme,
            order.currency,
            order.amount
        );
    }

    /// @inheritdoc ILoyaltyDesk
    function withdraw(
        PoolOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        if (order.amount == 0) revert ZeroAmount();
        orderId = withdrawalId(order);
        _authorize(orderId, order.account, order.nonce, order.deadline, signature);
        LOYALTY.withdraw(order.programme, order.account, order.currency, order.amount, orderId);
        emit PoolWithdrawn(
            orderId,
            order.reference_,
            order.account,
            order.programme,
            order.currency,
            order.amount
        );
    }

    /// @inheritdoc ILoyaltyDesk
    function transferPoints(
        PointsOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        if (order.points == 0) revert ZeroAmount();
        if (order.from == order.to) revert SelfPayment(order.from);
        orderId = pointsTransferId(order);
        _authorize(orderId, order.from, order.nonce, order.deadline, signature);
        policy().requirePassage(order.from, order.to, MovementKind.Direct);
        (, IdentityWord receiver) = REGISTRY.pair(order.from, order.to);
        if (receiver.isSystem()) revert InvalidHolder(order.to);
        emit PointsTransferred(
            orderId,
            order.reference_,
            order.from,
            order.to,
            order.programme,
            LOYALTY.transferPoints(order.programme, order.from, order.to, order.points)
        );
    }

    /// @inheritdoc ILoyaltyDesk
    function depositId(PoolOrder memory order) public view returns (bytes32) {
        return _poolId(DEPOSIT_TYPEHASH, order);
    }

    /// @inheritdoc ILoyaltyDesk
    function withdrawalId(PoolOrder memory order) public view returns (bytes32) {
        return _poolId(WITHDRAWAL_TYPEHASH, order);
    }

    /// @inheritdoc ILoyaltyDesk
    function earningId(EarningOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        EARNING_TYPEHASH,
                        order.programme,
                        order.account,
                        order.merchant,
                        order.points,
                        order.perMinor,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    /// @inheritdoc ILoyaltyDesk
    function pointsTransferId(PointsOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        TRANSFER_TYPEHASH,
                        order.programme,
                        order.from,
                        order.to,
                        order.points,
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
    ) internal view override returns (Rejectable memory) {
        if (selector == this.deposit.selector || selector == this.withdraw.selector) {
            (PoolOrder memory o, bytes memory s) = abi.decode(arguments, (PoolOrder, bytes));
            bytes32 orderId = selector == this.deposit.selector ? depositId(o) : withdrawalId(o);
            return Rejectable(orderId, o.reference_, o.account, o.nonce, s);
        }
        if (selector == this.setEarning.selector) {
            (EarningOrder memory o, bytes memory s) = abi.decode(arguments, (EarningOrder, bytes));
            return Rejectable(earningId(o), o.reference_, o.account, o.nonce, s);
        }
        if (selector == this.transferPoints.selector) {
            (PointsOrder memory o, bytes memory s) = abi.decode(arguments, (PointsOrder, bytes));
            return Rejectable(pointsTransferId(o), o.reference_, o.from, o.nonce, s);
        }
        revert UnknownOrder(selector);
    }

    function _poolId(bytes32 typehash, PoolOrder memory order) private view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        typehash,
                        order.programme,
                        order.account,
                        _textHash(order.currency, 3),
                        order.amount,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }
}
