// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {MovementKind} from "../MovementKind.sol";

/// @title ICurrencyToken
/// @notice One currency: who holds how much, and a head for each account that commits to its whole history.
///
/// Promises
/// - Balances sum up to totalSupply, which stays below 2**63, so that any database can hold it.
/// - Every change of a balance goes through one place, which asks the policy first.
/// - A holder's money moves by the holder's own call, by a contract that may move it for this kind of movement (which
///   asks for the holder's signature), by redemption, by court order or by recovery of the holder's key; by nothing else.
/// - Escrow moves by the call of the contract that holds it only, and needs no permission for that.
/// - Directly after each Transfer comes its EntryRecorded.
/// - After entry n of an account:
///   head = keccak256(abi.encode(head before, uint64 n, uint8 kind, from, to, value, ref)), its first 19 bytes; the
///   other 13 are zero. A list of entries that leads to the stored head has no line missing, added or changed.
/// - An account has 2**40 - 1 entries at most, which a hundred a second fill in 348 years.
///
/// Warning: there are no allowances. A contract that pulls money by `transferFrom` cannot work with this token.
/// Warning: a mover can move anybody's money within the policy. Name audited contracts only.
interface ICurrencyToken is IERC20Metadata {
    /// @param ref What the entry belongs to: the order id of a payment, refund or redemption, the proposal id
    /// of a mint, the reference of a court order, keccak256(abi.encode(old, new)) of a recovery,
    /// zero for a direct transfer.
    /// @param fromSeq The number of the entry in the payer's history, from 1; 0 for a mint.
    /// @param toSeq The number of the entry in the payee's history; 0 for a redemption.
    event EntryRecorded(bytes32 indexed ref, MovementKind kind, uint64 fromSeq, uint64 toSeq);
    event CourtOrderExecuted(
        bytes32 indexed orderReference,
        address indexed from,
        address indexed to,
        uint256 value,
        address by
    );

    /// @notice Replaces what the mover could do before; without kinds it is none any more.
    event MoverSet(address indexed mover, MovementKind[] kinds);

    error ZeroAmount();
    /// @notice The caller may not ask for a movement of this kind.
    error NotAMover(address caller, MovementKind kind);
    error ApprovalsDisabled();
    /// @notice The account has as many entries as can be counted. Nothing foretells this refusal.
    error HistoryFull(address account);
    error SupplyTooLarge(uint256 supply, uint256 asked, uint256 supplyMax);
    /// @notice The kind is kept for another function.
    error KindNotAllowed(MovementKind kind);
    error CourtOrderReferenceMissing();
    error CourtOrderAlreadyExecuted(bytes32 orderReference);

    /// @notice Moves money for a contract that has checked the payer's consent.
    /// @param value Minor units.
    /// @param kind One that the caller was allowed, or EscrowOut or EscrowReturn of the caller's own.
    function move(address from, address to, uint256 value, MovementKind kind, bytes32 ref) external;

    /// @notice Allows a contract to move money, by certain kinds of movement only.
    /// @param kinds Of Payment, Refund, EscrowIn, ExchangeIn and ExchangeOut.
    function setMover(address mover, MovementKind[] calldata kinds) external;

    function mint(address to, uint256 value, bytes32 ref) external;

    function burn(address from, uint256 value, bytes32 ref) external;

    /// @notice Moves money by order of a court: from any customer's account, frozen or not, past every limit.
    /// Escrow is not a customer's: it is returned first.
    /// @param orderReference Never zero; executes once in this currency.
    function courtTransfer(
        address from,
        address to,
        uint256 value,
        bytes32 orderReference
    ) external;

    /// @notice ISO 4217 code.
    function currency() external view returns (bytes3);

    /// @return balance Minor units.
    /// @return seq Number of entries in the account's history.
    /// @return head Commits to all of them; zero when there is none.
    function accountState(
        address account
    ) external view returns (uint256 balance, uint64 seq, bytes32 head);

    /// @notice Whether `mover` may move money of others by movements of this kind.
    function mayMove(address mover, MovementKind kind) external view returns (bool);

    function courtOrderExecuted(bytes32 orderReference) external view returns (bool);

    /// @notice The error, ABI-encoded, with which a movement would fail before the policy is asked; empty when none.
    function refusalBeforePolicy(
        address from,
        address to,
        uint256 value,
        MovementKind kind
    ) external view returns (bytes memory);

    /// @notice The same for what is looked at after the policy: supply and balance.
    function refusalAfterPolicy(address from, uint256 value) external view returns (bytes memory);
}
