// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice Allows a merchant to collect money again and again, signed by the payer:
/// Mandate(address payer,address merchant,string currency,uint64 ceiling,uint32 periodDays,uint40 startsAt,uint40 endsAt,
/// bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code.
/// @param ceiling The most that can be collected in a period, in minor units.
/// @param periodDays How long a period is; zero stands for a calendar month in UTC.
/// @param startsAt Unix time in seconds, the first at which money can be collected, as `endsAt` is the last.
/// @param details Salted hash of what the mandate is for, or zero.
/// @param deadline Unix time in seconds, the last at which the mandate can be granted.
struct MandateOrder {
    address payer;
    address merchant;
    bytes3 currency;
    uint64 ceiling;
    uint32 periodDays;
    uint40 startsAt;
    uint40 endsAt;
    bytes32 details;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Collects money by a mandate, signed by the merchant:
/// Charge(bytes32 mandate,address merchant,string currency,uint64 amount,uint32 period,bytes32 details,bytes32 reference,
/// uint256 nonce,uint64 deadline)
/// @param mandate Order id of the mandate.
/// @param merchant The account that the mandate names, or the one that replaced it.
/// @param amount Minor units.
/// @param period For which period, the first being 0. It must be the current one.
struct ChargeOrder {
    bytes32 mandate;
    address merchant;
    bytes3 currency;
    uint64 amount;
    uint32 period;
    bytes32 details;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Ends a mandate, signed by its payer or its merchant:
/// MandateEnd(bytes32 mandate,address account,bytes32 reference,uint256 nonce,uint64 deadline)
/// @param account Payer or merchant, or the account that replaced it.
struct MandateEndOrder {
    bytes32 mandate;
    address account;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @title IMandates
/// @notice Mandates to collect money, each with a ceiling for a period.
///
/// Promises
/// - A mandate exists only as its payer signed it, and either side can end it at any time; no pause prevents that.
/// - By a mandate money goes to its merchant only, once a period at most, and not more than the ceiling.
/// - A period that has passed cannot be collected later, so nothing adds up.
/// - A charge is a payment to the policy: standing of both sides, corridor and the payer's limits hold.
/// - Refusals of a charge have one order: currency, amount, deadline, signature, nonce, what it says of the mandate,
/// not granted, over, time, period, charged before, ceiling, merchant, policy, balance.
///
/// Warning: a mandate ends with the key that signed it. Whose account got a new key grants it again.
/// Warning: money is paid back by a payment; the contract does not know of it.
interface IMandates is ISignedOrders {
    event MandateGranted(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed payer,
        MandateOrder mandate
    );
    event MandateCharged(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 indexed mandate,
        address payer,
        address merchant,
        bytes3 currency,
        uint256 amount,
        uint32 period,
        bytes32 details
    );
    event MandateEnded(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 indexed mandate,
        address account
    );

    error ZeroAmount();
    error SelfPayment(address account);
    error NotAMerchant(address account);
    error InvalidMandate();
    /// @notice The order names another mandate, currency or account than the mandate it comes with.
    error MandateMismatch();
    error MandateNotGranted(bytes32 mandate);
    error MandateIsOver(bytes32 mandate);
    error MandateNotInTime(bytes32 mandate, uint40 startsAt, uint40 endsAt);
    error WrongPeriod(bytes32 mandate, uint32 period, uint32 asked);
    error PeriodAlreadyCharged(bytes32 mandate, uint32 period);
    error CeilingExceeded(bytes32 mandate, uint256 ceiling, uint256 asked);

    function grant(
        MandateOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @param mandate The mandate, as it was granted.
    function charge(
        ChargeOrder calldata order,
        bytes calldata signature,
        MandateOrder calldata mandate
    ) external returns (bytes32 orderId);

    /// @param mandate The mandate, as it was granted.
    function endMandate(
        MandateEndOrder calldata order,
        bytes calldata signature,
        MandateOrder calldata mandate
    ) external returns (bytes32 orderId);

    /// @return granted Whether it was.
    /// @return ended Whether a side ended it.
    /// @return next The first period that can still be collected.
    /// @return collected All that was collected, in minor units.
    function mandateOf(
        bytes32 mandate
    ) external view returns (bool granted, bool ended, uint32 next, uint64 collected);

    /// @notice The period in which `timestamp` lies. Reverts when that is before the mandate starts.
    function periodAt(
        MandateOrder calldata mandate,
        uint256 timestamp
    ) external view returns (uint32);

    function mandateId(MandateOrder calldata order) external view returns (bytes32);

    function chargeId(ChargeOrder calldata order) external view returns (bytes32);

    function mandateEndId(MandateEndOrder calldata order) external view returns (bytes32);
}
