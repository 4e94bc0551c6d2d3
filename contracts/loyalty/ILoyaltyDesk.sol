// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice Puts money into a pool, or takes out what is free in it, signed by whose pool it is:
/// PoolDeposit(uint32 programme,address account,string currency,uint128 amount,bytes32 reference,uint256 nonce,
/// uint64 deadline), and PoolWithdrawal with the same fields.
/// @param amount Minor units.
struct PoolOrder {
    uint32 programme;
    address account;
    bytes3 currency;
    uint128 amount;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Sets how points are earned at a member, signed by who pays for them:
/// Earning(uint32 programme,address account,address merchant,uint32 points,uint32 perMinor,bytes32 reference,
/// uint256 nonce,uint64 deadline)
/// @param account Who pays for the points: the owner, or in a coalition the merchant.
/// @param points How many are earned for `perMinor` minor units that are paid in money; zero ends it.
struct EarningOrder {
    uint32 programme;
    address account;
    address merchant;
    uint32 points;
    uint32 perMinor;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Gives points to another customer, signed by who gives:
/// PointsTransfer(uint32 programme,address from,address to,uint64 points,bytes32 reference,uint256 nonce,
/// uint64 deadline)
struct PointsOrder {
    uint32 programme;
    address from;
    address to;
    uint64 points;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @title ILoyaltyDesk
/// @notice Takes the orders of merchants about their pools and of customers about their points. It holds nothing itself.
///
/// Promises
/// - A pool gets and gives money only as its account signed, and points change hands only as their holder signed.
/// - Refusals have one order: amount, parties, deadline, signature, nonce, policy, what the programme says, pool or points,
/// the movement of money.
///
/// Warning: limits of the policy count money, not points. Who is frozen can neither give nor get them.
interface ILoyaltyDesk is ISignedOrders {
    event EarningSet(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed merchant,
        uint32 programme,
        address account,
        uint32 points,
        uint32 perMinor
    );
    event PoolDeposited(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed account,
        uint32 programme,
        bytes3 currency,
        uint256 amount
    );
    event PoolWithdrawn(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed account,
        uint32 programme,
        bytes3 currency,
        uint256 amount
    );
    event PointsTransferred(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed from,
        address to,
        uint32 programme,
        uint256[] lots
    );

    error ZeroAmount();
    error SelfPayment(address account);
    /// @notice Points belong to customers, not to contracts of this system.
    error InvalidHolder(address account);

    function setEarning(
        EarningOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    function deposit(
        PoolOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    function withdraw(
        PoolOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    function transferPoints(
        PointsOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    function depositId(PoolOrder calldata order) external view returns (bytes32);

    function withdrawalId(PoolOrder calldata order) external view returns (bytes32);

    function earningId(EarningOrder calldata order) external view returns (bytes32);

    function pointsTransferId(PointsOrder calldata order) external view returns (bytes32);
}
