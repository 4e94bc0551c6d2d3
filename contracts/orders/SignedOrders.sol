// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {CancellationOrder, ISignedOrders} from "./ISignedOrders.sol";

/// @title SignedOrders
abstract contract SignedOrders is EIP712, ISignedOrders {
    bytes32 private constant CANCELLATION_TYPEHASH = keccak256(
        "Cancellation(bytes32 order,address signer,uint256 nonce,uint64 deadline)"
    );

    /// @notice The contract that runs many orders in one transaction, each isolated from its neighbours.
    address public immutable BATCH;

    /// @dev A struct of one word, so that its place is computed once for reading and writing.
    struct NonceWord {
        uint256 bits;
    }

    mapping(address signer => mapping(uint256 word => NonceWord)) private _used;
    mapping(address signer => mapping(uint256 word => uint256)) private _voided;

    /// @dev What `reject` needs to know of an order.
    struct Rejectable {
        bytes32 orderId;
        bytes32 reference_;
        address signer;
        uint256 nonce;
        bytes signature;
    }

    constructor(address batch) EIP712("Wallet Chain", "1") {
        BATCH = batch;
    }

    /// @inheritdoc ISignedOrders
    function cancel(
        CancellationOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId) {
        orderId = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    CANCELLATION_TYPEHASH,
                    order.order,
                    order.signer,
                    order.nonce,
                    order.deadline
                )
            )
        );
        _authorize(orderId, order.signer, order.nonce, order.deadline, signature);
        _void(order.signer, order.nonce);
        emit OrderCancelled(order.order, order.signer, order.nonce, orderId);
    }

    /// @inheritdoc ISignedOrders
    function reject(bytes calldata callData, bytes calldata reason) external {
        if (msg.sender != BATCH) revert OnlyBatch();
        if (callData.length < 4) revert UnknownOrder(bytes4(callData));
        Rejectable memory order = _decodeOrder(bytes4(callData[:4]), callData[4:]);
        if (!_isSignedBy(order.signer, order.orderId, order.signature))
            revert InvalidSignature(order.signer);
        _useNonce(order.signer, order.nonce);
        _void(order.signer, order.nonce);
        emit OrderRejected(order.orderId, order.reference_, order.signer, order.nonce, reason);
    }

    /// @inheritdoc ISignedOrders
    function nonceUsed(address signer, uint256 nonce) public view returns (bool) {
        return (_used[signer][nonce >> 8].bits >> (nonce & 0xff)) & 1 != 0;
    }

    /// @inheritdoc ISignedOrders
    function nonceVoided(address signer, uint256 nonce) public view returns (bool) {
        return (_voided[signer][nonce >> 8] >> (nonce & 0xff)) & 1 != 0;
    }

    /// @inheritdoc ISignedOrders
    function nonceWord(
        address signer,
        uint256 word
    ) external view returns (uint256 used, uint256 voided) {
        return (_used[signer][word].bits, _voided[signer][word]);
    }

    /// @inheritdoc ISignedOrders
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev Decodes the arguments of the order function with this selector, or reverts with UnknownOrder.
    function _decodeOrder(
        bytes4 selector,
        bytes calldata arguments
    ) internal view virtual returns (Rejectable memory order);

    /// @dev Everything that makes an order executable; uses its nonce up. Nothing that is not ours is called after it.
    function _authorize(
        bytes32 orderId,
        address signer,
        uint256 nonce,
        uint64 deadline,
        bytes memory signature
    ) internal {
        if (block.timestamp > deadline) revert OrderExpired(deadline);
        if (!_isSignedBy(signer, orderId, signature)) revert InvalidSignature(signer);
        _useNonce(signer, nonce);
    }

    /// @dev A person's key is tried first: asking whether the signer is a contract would cost every payment 2,600 gas.
    /// No one can have the key of a contract's address, so the order makes no other difference.
    function _isSignedBy(
        address signer,
        bytes32 digest,
        bytes memory signature
    ) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNow(signer, digest, signature);
    }

    /// @dev EIP-712 hashes a string; the first `length` bytes of `text` are the string.
    function _textHash(bytes32 text, uint256 length) internal pure returns (bytes32 hash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, text)
            hash := keccak256(0, length)
        }
    }

    /// @dev Uses the nonce up, unless it is used already.
    function _tryUseNonce(address signer, uint256 nonce) internal returns (bool) {
        uint256 bit = 1 << (nonce & 0xff);
        NonceWord storage word = _used[signer][nonce >> 8];
        uint256 used = word.bits;
        if (used & bit != 0) return false;
        word.bits = used | bit;
        return true;
    }

    function _useNonce(address signer, uint256 nonce) private {
        if (!_tryUseNonce(signer, nonce)) revert NonceAlreadyUsed(signer, nonce);
    }

    function _void(address signer, uint256 nonce) private {
        _voided[signer][nonce >> 8] |= 1 << (nonce & 0xff);
    }
}
