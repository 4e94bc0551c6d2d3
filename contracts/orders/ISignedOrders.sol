// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Takes back an order that has not executed.
/// @param order Order id, which is the EIP-712 digest, of the order to take back.
/// @param signer The account that signed it.
/// @param nonce The nonce of that order.
/// @param deadline Unix time in seconds, the last at which the cancellation counts.
struct CancellationOrder {
    bytes32 order;
    address signer;
    uint256 nonce;
    uint64 deadline;
}

/// @title ISignedOrders
/// @notice Orders that carry their signer's EIP-712 signature, each of which executes at most once.
///
/// Promises
/// - An order id is the EIP-712 digest of the order, so it is known before the order is sent.
/// - Anyone may submit an order; who does has no power over its content.
/// - Of all orders with the same signer and nonce, at most one executes. Nonces come in any order: they are
///   bits of a map, and those that share `nonce >> 8` share a storage slot.
/// - No order executes after its deadline.
/// - An order that failed in a batch is public, and could execute later against the signer's expectation:
///   therefore the batch voids it, and a voided nonce never executes.
///
/// Warning: a relayer can void an order by submitting it when it fails, though never an order it was not given.
/// Warning: the signature of a contract account (ERC-1271) holds only as long as the contract says so.
interface ISignedOrders {
    /// @param orderId The order that can no longer execute.
    /// @param cancellation Order id of the cancellation.
    event OrderCancelled(
        bytes32 indexed orderId,
        address indexed signer,
        uint256 nonce,
        bytes32 cancellation
    );
    /// @param reason The ABI-encoded error with which the order failed, cut at 1 KiB.
    event OrderRejected(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed signer,
        uint256 nonce,
        bytes reason
    );

    /// @param deadline Unix time in seconds.
    error OrderExpired(uint64 deadline);
    /// @notice The nonce has executed, was cancelled or was voided.
    error NonceAlreadyUsed(address signer, uint256 nonce);
    error InvalidSignature(address signer);
    /// @notice Only the batch contract may reject orders.
    error OnlyBatch();
    /// @notice No order function that can be rejected has this selector.
    error UnknownOrder(bytes4 selector);

    /// @notice Voids the nonce of an order that has not executed.
    /// @param signature The signer's over
    /// Cancellation(bytes32 order,address signer,uint256 nonce,uint64 deadline).
    function cancel(
        CancellationOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice Voids the nonce of an order that failed in a batch, whatever its deadline.
    /// @dev A cancellation cannot be rejected: it changes nothing when it fails, and may be sent again.
    /// @param callData Full call data of one of this contract's order functions.
    /// @param reason The ABI-encoded error with which it failed.
    function reject(bytes calldata callData, bytes calldata reason) external;

    /// @notice Whether the nonce can no longer execute.
    function nonceUsed(address signer, uint256 nonce) external view returns (bool);

    /// @notice Whether the nonce was used up without execution, by a cancellation or a rejection.
    function nonceVoided(address signer, uint256 nonce) external view returns (bool);

    /// @notice The nonces `word * 256` to `word * 256 + 255`, one bit each, the lowest bit for the lowest nonce.
    function nonceWord(
        address signer,
        uint256 word
    ) external view returns (uint256 used, uint256 voided);

    /// @notice The EIP-712 domain separator.
    function domainSeparator() external view returns (bytes32);
}
