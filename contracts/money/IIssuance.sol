// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice Takes money out of the wallet, signed by its holder:
/// Redemption(address account,string currency,uint128 amount,bytes32 payout,bytes32 reference,
/// uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code.
/// @param amount Minor units.
/// @param payout Salted hash of where the money is to be paid out to.
/// @param reference_ The request this belongs to; the event repeats it.
struct RedemptionOrder {
    address account;
    bytes3 currency;
    uint128 amount;
    bytes32 payout;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice None: never proposed. Minted: final. What was declined, and what lapsed, may be proposed again.
enum ProposalState {
    None,
    Proposed,
    Minted,
    Declined
}

/// @notice None: no such redemption. Open: burned, to be paid out. PaidOut: final.
enum RedemptionState {
    None,
    Open,
    PaidOut
}

/// @notice A request to mint.
/// @param proposedAt Unix time in seconds.
struct Proposal {
    bytes3 currency;
    ProposalState state;
    uint40 proposedAt;
    address maker;
    address to;
    uint128 amount;
    bytes32 depositReference;
    bytes32 reference_;
}

/// @title IIssuance
/// @notice Where money comes from and where it goes: mints against deposits, redemptions against payouts.
///
/// Promises
/// - A mint needs two people, a deposit reference that was never minted before, room under the cap for one mint
///   and under the cap for any 24 hours, and a fresh attestation of reserves.
/// - No mint leaves the supply above the attested reserves.
/// - A redemption needs its holder's signature, and a payout reference is used once.
///
/// Assumptions
/// - The attestor tells the truth.
///
/// Warning: an attestation below the supply is recorded, since bad news must be recordable. From then on nothing is
/// minted until reserves or redemptions make up for it; the supply itself stays.
/// Warning: caps start at zero, so nothing can be minted in a currency until they are set.
interface IIssuance is ISignedOrders {
    event ReservesAttested(
        bytes3 indexed currency,
        uint256 amount,
        uint40 asOf,
        bytes32 document,
        address by
    );
    event CapsSet(bytes3 indexed currency, uint128 perMint, uint128 perDay);
    event MaxAttestationAgeSet(uint40 maxAge);
    event MintProposed(
        bytes32 indexed proposalId,
        bytes3 indexed currency,
        address indexed to,
        uint256 amount,
        bytes32 depositReference,
        bytes32 reference_,
        address maker
    );
    event MintApproved(bytes32 indexed proposalId, address indexed checker);
    event MintDeclined(bytes32 indexed proposalId, address by, bytes32 reason);
    event Redeemed(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed account,
        bytes3 currency,
        uint256 amount,
        bytes32 payout
    );
    event PayoutConfirmed(bytes32 indexed orderId, bytes32 payoutReference, address by);

    error ZeroAmount();
    error DepositReferenceMissing();
    /// @notice The deposit was minted before, or a proposal for it is open.
    error DepositAlreadyUsed(bytes32 depositReference);
    error ProposalNotOpen(bytes32 proposalId, ProposalState state);
    /// @notice The one who proposed cannot approve.
    error MakerIsChecker(address account);
    /// @param lapsedAt Unix time in seconds.
    error ProposalLapsed(bytes32 proposalId, uint40 lapsedAt);
    error MintCapExceeded(bytes3 currency, uint256 cap, uint256 asked);
    /// @param freesAt Unix time in seconds from which it would fit; 0 when it never will.
    error DailyMintCapExceeded(
        bytes3 currency,
        uint256 cap,
        uint256 used,
        uint256 asked,
        uint64 freesAt
    );
    error CapNotCountable(uint256 cap, uint256 capMax);
    /// @param asOf Date of the last attestation, 0 when there is none. Unix time in seconds.
    error ReservesStale(bytes3 currency, uint40 asOf, uint40 oldestAllowed);
    error ReservesExceeded(bytes3 currency, uint256 attested, uint256 supply, uint256 asked);
    /// @notice The date is in the future or before that of the last attestation, or the amount is not countable.
    error AttestationInvalid(bytes3 currency, uint256 amount, uint40 asOf, uint40 lastAsOf);
    error InvalidMaxAttestationAge(uint40 maxAge);
    error RedemptionNotOpen(bytes32 orderId);
    error PayoutReferenceMissing();
    error PayoutReferenceUsed(bytes32 payoutReference);

    /// @notice Records what reserves there were.
    /// @param amount Minor units.
    /// @param asOf When the reserves were there. Unix time in seconds; equal to the last one corrects it.
    /// @param document Hash of the evidence kept off chain.
    function attestReserves(
        bytes3 currency,
        uint256 amount,
        uint40 asOf,
        bytes32 document
    ) external;

    /// @param perMint Largest single mint, in minor units.
    /// @param perDay Largest sum minted in any 24 hours, in minor units.
    function setCaps(bytes3 currency, uint128 perMint, uint128 perDay) external;

    /// @param maxAge How old an attestation may be for a mint, in seconds; 1 to 31 days.
    function setMaxAttestationAge(uint40 maxAge) external;

    /// @notice Proposes to mint against a deposit.
    /// @param depositReference Salted hash of the bank's reference of the deposit, never zero.
    /// @return proposalId keccak256(abi.encode(currency, depositReference, to, amount, reference_)): it names all the
    /// terms, so that a checker approves what the checker has read, even if the maker declines and proposes anew.
    function propose(
        bytes3 currency,
        address to,
        uint128 amount,
        bytes32 depositReference,
        bytes32 reference_
    ) external returns (bytes32 proposalId);

    /// @notice Approves a proposal and mints. The caller must not be the one who proposed.
    function approve(bytes32 proposalId) external;

    /// @notice Turns a proposal down, by either role.
    /// @param reason Code or salted hash of the reason kept off chain.
    function decline(bytes32 proposalId, bytes32 reason) external;

    /// @notice Burns money that is to be paid out.
    /// @return orderId EIP-712 digest of the order.
    function redeem(
        RedemptionOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice Records that a redemption was paid out.
    /// @param payoutReference Salted hash of the bank's reference of the payout, never zero and never used before.
    function confirmPayout(bytes32 orderId, bytes32 payoutReference) external;

    function proposalOf(bytes32 proposalId) external view returns (Proposal memory);

    /// @notice The latest proposal for a deposit, or zero.
    function proposalOfDeposit(
        bytes3 currency,
        bytes32 depositReference
    ) external view returns (bytes32 proposalId);

    function redemptionState(bytes32 orderId) external view returns (RedemptionState);

    /// @notice The redemption that a payout reference belongs to, or zero.
    function redemptionOfPayout(bytes32 payoutReference) external view returns (bytes32 orderId);

    /// @notice The last attestation.
    function reservesOf(bytes3 currency) external view returns (uint256 amount, uint40 asOf);

    /// @notice Both caps, and what the rolling day has used of `perDay`, in minor units.
    function capsOf(
        bytes3 currency
    ) external view returns (uint128 perMint, uint128 perDay, uint256 mintedToday);

    function maxAttestationAge() external view returns (uint40);

    /// @notice The order id of a redemption.
    function redemptionId(RedemptionOrder calldata order) external view returns (bytes32);
}
