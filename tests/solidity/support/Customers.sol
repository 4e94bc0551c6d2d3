// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CancellationOrder} from "../../../contracts/orders/ISignedOrders.sol";
import {RedemptionOrder} from "../../../contracts/money/IIssuance.sol";
import {PaymentOrder, RefundOrder} from "../../../contracts/payments/IPayments.sol";
import {World} from "./World.sol";

/// @notice Customers with keys, and orders signed with them. The digests are built here a second time,
/// from the text of EIP-712, and not asked of the contracts.
abstract contract Customers is World {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    address internal alice;
    address internal bob;
    uint256 internal aliceKey;
    uint256 internal bobKey;

    function setUp() public virtual override {
        super.setUp();
        (alice, aliceKey) = makeAccount("alice");
        (bob, bobKey) = makeAccount("bob");
        _register(alice, 2, GERMANY);
        _register(bob, 2, GERMANY);
        _give(alice, EUR, 1_000_000);
        _give(bob, EUR, 1_000_000);
    }

    /// @dev A payment of 12.34 euros from Alice to Bob.
    function _payment(uint256 nonce) internal view returns (PaymentOrder memory) {
        return
            PaymentOrder({
                payer: alice,
                payee: bob,
                currency: EUR,
                amount: 1234,
                reference_: keccak256(abi.encode("request", nonce)),
                details: "details",
                nonce: nonce,
                deadline: uint64(START + 30 days)
            });
    }

    /// @dev Pays a payment back in whole.
    function _refundOf(
        PaymentOrder memory paid,
        uint256 nonce
    ) internal view returns (RefundOrder memory) {
        return
            RefundOrder({
                payment: _paymentDigest(paid),
                from: paid.payee,
                to: paid.payer,
                currency: paid.currency,
                amount: paid.amount,
                reference_: keccak256(abi.encode("refund", nonce)),
                nonce: nonce,
                deadline: uint64(START + 30 days)
            });
    }

    function _redemption(
        address account,
        uint256 nonce
    ) internal pure returns (RedemptionOrder memory) {
        return
            RedemptionOrder({
                account: account,
                currency: EUR,
                amount: 500,
                payout: "account at a bank",
                reference_: keccak256(abi.encode("redemption", nonce)),
                nonce: nonce,
                deadline: uint64(START + 30 days)
            });
    }

    function _signedPayment(
        PaymentOrder memory order,
        uint256 key
    ) internal view returns (bytes memory) {
        return signDigest(key, _paymentDigest(order));
    }

    function _signedRefund(
        RefundOrder memory order,
        uint256 key
    ) internal view returns (bytes memory) {
        return signDigest(key, _refundDigest(order));
    }

    function _signedRedemption(
        RedemptionOrder memory order,
        uint256 key
    ) internal view returns (bytes memory) {
        return signDigest(key, _redemptionDigest(order));
    }

    function _paymentDigest(PaymentOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Payment(address payer,address payee,string currency,uint128 amount,bytes32 reference,bytes32 details,uint256 nonce,uint64 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(
                typehash,
                order.payer,
                order.payee,
                keccak256(bytes(_text(order.currency))),
                order.amount,
                order.reference_,
                order.details,
                order.nonce,
                order.deadline
            )
        );
        return _digest(address(payments), structHash);
    }

    function _refundDigest(RefundOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Refund(bytes32 payment,address from,address to,string currency,uint128 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(
                typehash,
                order.payment,
                order.from,
                order.to,
                keccak256(bytes(_text(order.currency))),
                order.amount,
                order.reference_,
                order.nonce,
                order.deadline
            )
        );
        return _digest(address(payments), structHash);
    }

    function _redemptionDigest(RedemptionOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Redemption(address account,string currency,uint128 amount,bytes32 payout,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(
                typehash,
                order.account,
                keccak256(bytes(_text(order.currency))),
                order.amount,
                order.payout,
                order.reference_,
                order.nonce,
                order.deadline
            )
        );
        return _digest(address(issuance), structHash);
    }

    function _cancellationDigest(
        address verifier,
        CancellationOrder memory order
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Cancellation(bytes32 order,address signer,uint256 nonce,uint64 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, order.order, order.signer, order.nonce, order.deadline)
        );
        return _digest(verifier, structHash);
    }

    function _acceptanceDigest(
        address oldAccount,
        address newAccount,
        uint64 deadline
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "AcceptRecovery(address oldAccount,address newAccount,uint64 deadline)"
        );
        return
            _digest(
                address(recovery),
                keccak256(abi.encode(typehash, oldAccount, newAccount, deadline))
            );
    }

    function _digest(address verifier, bytes32 structHash) internal view returns (bytes32) {
        return _digestFor(block.chainid, verifier, structHash);
    }

    function _digestFor(
        uint256 chainId,
        address verifier,
        bytes32 structHash
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256("Wallet Chain"),
                keccak256("1"),
                chainId,
                verifier
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function _text(bytes3 code) internal pure returns (string memory) {
        return string(abi.encodePacked(code));
    }
}
