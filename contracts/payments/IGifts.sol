// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice Puts money aside for others to claim, signed by the giver:
/// Gift(address giver,string currency,uint64 amount,uint32 shares,address code,uint40 claimUntil,bytes32 details,
/// bytes32 reference,uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code.
/// @param amount All of it, in minor units.
/// @param shares By how many accounts it can be claimed.
/// @param code The address of a key made for this gift. Who holds it decides who gets which part.
/// @param claimUntil Unix time in seconds, the last at which it can be claimed.
/// @param details Salted hash of what it is for, or zero.
struct GiftOrder {
    address giver;
    bytes3 currency;
    uint64 amount;
    uint32 shares;
    address code;
    uint40 claimUntil;
    bytes32 details;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Gives a part of a gift to an account, signed by the gift's code:
/// Claim(bytes32 gift,address code,address account,uint64 amount,bytes32 reference,uint256 nonce,uint64 deadline)
/// @param gift Order id of the gift.
/// @param account Who gets it: a claim that is seen under way is of no use to anybody else.
/// @param amount Minor units.
struct ClaimOrder {
    bytes32 gift;
    address code;
    address account;
    uint64 amount;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @title IGifts
/// @notice Money that is put aside for others to claim for a while.
///
/// Promises
/// - A gift leaves its giver's account only as the giver signed it, and goes to accounts that its code named, or back.
/// - Each account gets at most one part, there are not more parts than shares, and every share left can still get
/// something.
/// - After `claimUntil` nothing can be claimed, and anyone may return the rest to the giver. No role and no pause can
/// prevent that. A giver whose account got a new key gets it there.
/// - What this contract has of a currency is what is left of all gifts in it, to the last unit.
/// - Refusals of a claim have one order: amount, deadline, signature, nonce, what it says of the gift, time, claimed
/// before, what is left, policy.
///
/// Warning: whoever learns the key of the code can give the money to any account. The window bounds for how long.
interface IGifts is ISignedOrders {
    event GiftMade(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed giver,
        GiftOrder gift
    );
    event GiftClaimed(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 indexed gift,
        address giver,
        address account,
        bytes3 currency,
        uint256 amount,
        uint256 left
    );
    event GiftReturned(
        bytes32 indexed gift,
        address indexed giver,
        bytes3 currency,
        uint256 amount,
        address by
    );

    error ZeroAmount();
    error InvalidGift();
    /// @notice The order names another gift or code than the gift it comes with.
    error GiftMismatch();
    error ClaimWindowOver(bytes32 gift, uint40 claimUntil);
    error ClaimWindowOpen(bytes32 gift, uint40 claimUntil);
    error GiftAlreadyClaimed(bytes32 gift, address account);
    /// @notice As much as is asked for is not left, or would leave nothing for the shares after it.
    /// @param most What could be claimed.
    error GiftTooSmall(bytes32 gift, uint256 most, uint256 asked);
    /// @notice Nothing is left of it, or it was never made.
    error NothingLeft(bytes32 gift);

    function give(
        GiftOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @param signature The code's.
    /// @param gift The gift, as it was made.
    function claim(
        ClaimOrder calldata order,
        bytes calldata signature,
        GiftOrder calldata gift
    ) external returns (bytes32 orderId);

    /// @notice Returns what is left of a gift to its giver, once its time is over.
    /// @param gift The gift, as it was made.
    function returnRest(GiftOrder calldata gift) external;

    /// @return left Minor units, zero for what was never made.
    /// @return shares How many accounts can still claim.
    function giftOf(bytes32 gift) external view returns (uint64 left, uint32 shares);

    function hasClaimed(bytes32 gift, address account) external view returns (bool);

    function giftId(GiftOrder calldata order) external view returns (bytes32);

    function claimId(ClaimOrder calldata order) external view returns (bytes32);
}
