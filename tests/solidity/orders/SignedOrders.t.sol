// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuance, RedemptionOrder} from "../../../contracts/money/IIssuance.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {IPayments, PaymentOrder, RefundOrder} from "../../../contracts/payments/IPayments.sol";
import {Customers} from "../support/Customers.sol";

/// @notice Cancelling and rejecting, which all contracts with signed orders share.
contract SignedOrdersTest is Customers {
    function _cancellation(
        bytes32 orderId,
        uint256 nonce
    ) private view returns (CancellationOrder memory) {
        return CancellationOrder(orderId, alice, nonce, uint64(START + 1 days));
    }

    function _cancel(
        ISignedOrders where,
        CancellationOrder memory order
    ) private returns (bytes32) {
        return
            where.cancel(order, signDigest(aliceKey, _cancellationDigest(address(where), order)));
    }

    function _reject(ISignedOrders where, bytes memory callData) private {
        vm.prank(address(batch));
        where.reject(callData, "reason");
    }

    function _used(uint256 nonce) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, nonce);
    }

    function test_theDomainSeparatorIsThatOfEip712() public view {
        bytes32 structHash = "struct";
        assertEq(
            keccak256(abi.encodePacked("\x19\x01", payments.domainSeparator(), structHash)),
            _digest(address(payments), structHash)
        );
        assertEq(payments.BATCH(), address(batch));
        assertEq(issuance.BATCH(), address(batch));
    }

    // --- cancel ---

    function test_cancel_refuses() public {
        PaymentOrder memory payment = _payment(1);
        CancellationOrder memory order = _cancellation(_paymentDigest(payment), 1);
        bytes memory signature = signDigest(
            aliceKey,
            _cancellationDigest(address(payments), order)
        );
        vm.warp(order.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, order.deadline)
        );
        payments.cancel(order, "");
        vm.warp(order.deadline);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        payments.cancel(order, "");
        // A signature for one contract says nothing to another.
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        issuance.cancel(order, signature);
        order.nonce = 2;
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        payments.cancel(order, signature);
        order.nonce = 1;
        payments.pay(payment, _signedPayment(payment, aliceKey));
        vm.expectRevert(_used(1));
        payments.cancel(order, signature);
    }

    function test_cancel_voidsInEveryContract() public {
        PaymentOrder memory payment = _payment(1);
        CancellationOrder memory order = _cancellation(_paymentDigest(payment), 1);
        bytes32 cancellation = _cancellationDigest(address(payments), order);
        vm.expectEmit(address(payments));
        emit ISignedOrders.OrderCancelled(order.order, alice, 1, cancellation);
        assertEq(_cancel(payments, order), cancellation);
        assertTrue(payments.nonceUsed(alice, 1));
        assertTrue(payments.nonceVoided(alice, 1));
        bytes memory signature = _signedPayment(payment, aliceKey);
        vm.expectRevert(_used(1));
        payments.pay(payment, signature);
        (uint256 used, uint256 voided) = payments.nonceWord(alice, 0);
        assertEq(used, 2);
        assertEq(voided, 2);

        RedemptionOrder memory redemption = _redemption(alice, 1);
        _cancel(issuance, _cancellation(_redemptionDigest(redemption), 1));
        signature = _signedRedemption(redemption, aliceKey);
        vm.expectRevert(_used(1));
        issuance.redeem(redemption, signature);
    }

    // --- reject ---

    function test_reject_isForTheBatch() public {
        PaymentOrder memory order = _payment(1);
        bytes memory callData = abi.encodeCall(
            IPayments.pay,
            (order, _signedPayment(order, aliceKey))
        );
        vm.prank(relayer);
        vm.expectRevert(ISignedOrders.OnlyBatch.selector);
        payments.reject(callData, "reason");
        _reject(payments, callData);
    }

    function test_reject_refuses() public {
        PaymentOrder memory order = _payment(1);
        bytes memory signature = _signedPayment(order, aliceKey);
        CancellationOrder memory cancellation = _cancellation(_paymentDigest(order), 1);
        bytes[3] memory unknown = [
            bytes(hex"a1b2c3"),
            abi.encodeWithSignature("transfer(address,uint256)", bob, 1),
            abi.encodeCall(ISignedOrders.cancel, (cancellation, signature))
        ];
        for (uint256 i = 0; i < unknown.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(
                ISignedOrders.UnknownOrder.selector,
                bytes4(unknown[i])
            );
            vm.expectRevert(refusal);
            _reject(payments, unknown[i]);
            vm.expectRevert(refusal);
            _reject(issuance, unknown[i]);
        }
        // Without its signer's consent no nonce can be voided.
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        _reject(payments, abi.encodeCall(IPayments.pay, (order, hex"00")));
        bytes memory callData = abi.encodeCall(IPayments.pay, (order, signature));
        bytes memory cut = callData;
        assembly {
            mstore(cut, 200)
        }
        vm.expectRevert();
        _reject(payments, cut);
        payments.pay(order, signature);
        vm.expectRevert(_used(1));
        _reject(payments, abi.encodeCall(IPayments.pay, (order, signature)));
        assertFalse(payments.nonceVoided(alice, 1));
    }

    function test_reject_voidsAPaymentWhateverItsDeadline() public {
        PaymentOrder memory order = _payment(1);
        bytes memory signature = _signedPayment(order, aliceKey);
        vm.warp(order.deadline + 1);
        vm.expectEmit(address(payments));
        emit ISignedOrders.OrderRejected(
            _paymentDigest(order),
            order.reference_,
            alice,
            1,
            "reason"
        );
        _reject(payments, abi.encodeCall(IPayments.pay, (order, signature)));
        assertTrue(payments.nonceVoided(alice, 1));
        vm.warp(order.deadline);
        vm.expectRevert(_used(1));
        payments.pay(order, signature);
    }

    function test_reject_voidsARefund() public {
        PaymentOrder memory paid = _payment(1);
        bytes memory paidSignature = _signedPayment(paid, aliceKey);
        payments.pay(paid, paidSignature);
        RefundOrder memory order = _refundOf(paid, 5);
        bytes memory signature = _signedRefund(order, bobKey);
        vm.expectEmit(address(payments));
        emit ISignedOrders.OrderRejected(_refundDigest(order), order.reference_, bob, 5, "reason");
        _reject(
            payments,
            abi.encodeCall(IPayments.refund, (order, signature, paid, paidSignature))
        );
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, bob, 5));
        payments.refund(order, signature, paid, paidSignature);
    }

    function test_reject_voidsARedemption() public {
        RedemptionOrder memory order = _redemption(alice, 9);
        bytes memory signature = _signedRedemption(order, aliceKey);
        vm.expectEmit(address(issuance));
        emit ISignedOrders.OrderRejected(
            _redemptionDigest(order),
            order.reference_,
            alice,
            9,
            "reason"
        );
        _reject(issuance, abi.encodeCall(IIssuance.redeem, (order, signature)));
        vm.expectRevert(_used(9));
        issuance.redeem(order, signature);
    }
}
