// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {IPayments, PaymentOrder, RefundOrder} from "../../../contracts/payments/IPayments.sol";
import {
    ITransferPolicy,
    LimitRule,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";
import {OwnedWallet} from "../support/Wallets.sol";

contract RefundsTest is Customers {
    PaymentOrder private paid;
    bytes private paidSignature;

    function setUp() public override {
        super.setUp();
        paid = _payment(1);
        paidSignature = _signedPayment(paid, aliceKey);
        payments.pay(paid, paidSignature);
    }

    function _refund(RefundOrder memory order, uint256 key) private returns (bytes32) {
        return payments.refund(order, _signedRefund(order, key), paid, paidSignature);
    }

    function _refused(RefundOrder memory order, uint256 key, bytes memory why) private {
        bytes memory signature = _signedRefund(order, key);
        PaymentOrder memory original = paid;
        bytes memory originalSignature = paidSignature;
        vm.expectRevert(why);
        payments.refund(order, signature, original, originalSignature);
    }

    function test_refund_refusesInOrderOfPrecedence() public {
        RefundOrder memory order = _refundOf(paid, 1);
        order.currency = "GBP";
        order.amount = 0;
        order.from = order.to;
        order.deadline = uint64(START - 1);
        order.payment = "another";
        _refused(
            order,
            1,
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        order.currency = USD;
        _refused(order, 1, abi.encodeWithSelector(IPayments.ZeroAmount.selector));
        order.amount = 1235;
        _refused(order, 1, abi.encodeWithSelector(IPayments.SelfPayment.selector, alice));
        order.from = bob;
        _refused(
            order,
            1,
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        order.deadline = uint64(START);
        _refused(order, 1, abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, bob));
        RefundOrder memory small = _refundOf(paid, 1);
        small.amount = 1;
        _refund(small, bobKey);
        _refused(
            order,
            bobKey,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, bob, 1)
        );
        order.nonce = 2;
        _refused(order, bobKey, abi.encodeWithSelector(IPayments.RefundMismatch.selector));
        order.payment = _paymentDigest(paid);
        order.currency = EUR;
        _refused(
            order,
            bobKey,
            abi.encodeWithSelector(
                IPayments.RefundExceedsPayment.selector,
                order.payment,
                1234,
                1,
                1235
            )
        );
        order.amount = 1233;
        vm.prank(registrar);
        registry.update(bob, 1, GERMANY, uint40(START + 1 days), 0);
        _setLimits(1, TierLimits(0, 0, 0, 0));
        _refused(
            order,
            bobKey,
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                LimitRule.PerPayment,
                0,
                0,
                1233,
                uint64(0)
            )
        );
        vm.prank(registrar);
        registry.update(bob, 2, GERMANY, uint40(START + 1 days), 0);
        _refund(order, bobKey);
    }

    function test_refund_mustMatchItsPayment() public {
        bytes memory mismatch = abi.encodeWithSelector(IPayments.RefundMismatch.selector);
        for (uint256 field = 0; field < 4; ++field) {
            RefundOrder memory order = _refundOf(paid, 1);
            uint256 key = bobKey;
            if (field == 0) order.payment = "another";
            if (field == 1) (order.from, key) = makeAccount("another merchant");
            if (field == 2) order.to = stranger;
            if (field == 3) order.currency = USD;
            _refused(order, key, mismatch);
        }
        _refund(_refundOf(paid, 1), bobKey);
    }

    function test_refund_mustBeOfAnExecutedPayment() public {
        PaymentOrder memory unpaid = _payment(2);
        bytes memory unpaidSignature = _signedPayment(unpaid, aliceKey);
        RefundOrder memory order = _refundOf(unpaid, 1);
        bytes memory signature = _signedRefund(order, bobKey);
        bytes memory notRefundable = abi.encodeWithSelector(
            IPayments.NotRefundable.selector,
            order.payment
        );
        vm.expectRevert(notRefundable);
        payments.refund(order, signature, unpaid, unpaidSignature);

        CancellationOrder memory cancellation = CancellationOrder(
            order.payment,
            alice,
            2,
            uint64(START)
        );
        payments.cancel(
            cancellation,
            signDigest(aliceKey, _cancellationDigest(address(payments), cancellation))
        );
        vm.expectRevert(notRefundable);
        payments.refund(order, signature, unpaid, unpaidSignature);

        // An order that its payer never signed proves nothing, though its nonce was used.
        PaymentOrder memory forged = _payment(1);
        forged.amount = 900_000;
        order = _refundOf(forged, 1);
        signature = _signedRefund(order, bobKey);
        bytes memory forgedSignature = _signedPayment(forged, bobKey);
        vm.expectRevert(abi.encodeWithSelector(IPayments.NotRefundable.selector, order.payment));
        payments.refund(order, signature, forged, forgedSignature);
    }

    function test_refund_paysBack() public {
        RefundOrder memory order = _refundOf(paid, 1);
        order.amount = 234;
        bytes32 orderId = _refundDigest(order);
        assertEq(payments.refundId(order), orderId);
        bytes memory signature = _signedRefund(order, bobKey);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(orderId, MovementKind.Refund, 3, 3);
        vm.expectEmit(address(payments));
        emit IPayments.PaymentRefunded(
            orderId,
            order.reference_,
            order.payment,
            bob,
            alice,
            EUR,
            234,
            234
        );
        assertEq(payments.refund(order, signature, paid, paidSignature), orderId);
        assertEq(payments.refundedOf(order.payment), 234);
        assertEq(euro.balanceOf(alice), 1_000_000 - 1000);
        (uint256 dayUsed, ) = policy.usageOf(bob);
        assertEq(dayUsed, 234, "a refund counts against the refunder's limits");
    }

    function test_refunds_neverExceedThePayment(uint128[5] memory amounts) public {
        uint256 total;
        for (uint256 i = 0; i < amounts.length; ++i) {
            RefundOrder memory order = _refundOf(paid, i);
            order.amount = uint128(bound(amounts[i], 1, 1000));
            if (total + order.amount > 1234) {
                _refused(
                    order,
                    bobKey,
                    abi.encodeWithSelector(
                        IPayments.RefundExceedsPayment.selector,
                        order.payment,
                        1234,
                        total,
                        order.amount
                    )
                );
            } else {
                _refund(order, bobKey);
                total += order.amount;
            }
        }
        assertEq(payments.refundedOf(_paymentDigest(paid)), total);
        assertEq(euro.balanceOf(alice), 1_000_000 - 1234 + total);
    }

    function test_refund_bindsEveryField() public {
        bytes memory signature = _signedRefund(_refundOf(paid, 1), bobKey);
        for (uint256 field = 0; field < 8; ++field) {
            RefundOrder memory order = _refundOf(paid, 1);
            address signer = bob;
            if (field == 0) order.payment = "other";
            if (field == 1) order.from = signer = stranger;
            if (field == 2) order.to = stranger;
            if (field == 3) order.currency = USD;
            if (field == 4) order.amount -= 1;
            if (field == 5) order.reference_ = "other";
            if (field == 6) order.nonce += 1;
            if (field == 7) order.deadline += 1;
            vm.expectRevert(
                abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, signer)
            );
            payments.refund(order, signature, paid, paidSignature);
        }
        payments.refund(_refundOf(paid, 1), signature, paid, paidSignature);
    }

    function test_refund_followsBothAccountsToTheirNewKeys() public {
        (address newAlice, ) = makeAccount("new alice");
        (address newBob, uint256 newBobKey) = makeAccount("new bob");
        _recover(alice, newAlice, uint256(keccak256("new alice")));
        _recover(bob, newBob, newBobKey);
        RefundOrder memory order = _refundOf(paid, 1);
        _refused(order, bobKey, abi.encodeWithSelector(IPayments.RefundMismatch.selector));
        order.from = newBob;
        _refused(order, newBobKey, abi.encodeWithSelector(IPayments.RefundMismatch.selector));
        order.to = newAlice;
        _refund(order, newBobKey);
        assertEq(euro.balanceOf(newAlice), 1_000_000);
    }

    function _recover(address oldAccount, address newAccount, uint256 key) private {
        uint64 deadline = uint64(START + 1 days);
        bytes memory acceptance = signDigest(
            key,
            _acceptanceDigest(oldAccount, newAccount, deadline)
        );
        vm.prank(recoveryMaker);
        recovery.propose(oldAccount, newAccount, deadline, acceptance);
        vm.prank(recoveryChecker);
        recovery.execute(oldAccount, newAccount);
    }

    function test_refund_ofAContractAccountHoldsAsLongAsTheContractSaysSo() public {
        OwnedWallet wallet = new OwnedWallet(alice);
        _register(address(wallet), 2, GERMANY);
        _give(address(wallet), EUR, 5_000);
        PaymentOrder memory order = _payment(3);
        order.payer = address(wallet);
        paid = order;
        paidSignature = _signedPayment(order, aliceKey);
        payments.pay(order, paidSignature);
        RefundOrder memory half = _refundOf(paid, 1);
        half.amount = 600;
        _refund(half, bobKey);
        wallet.setOwner(bob);
        half.nonce = 2;
        _refused(
            half,
            bobKey,
            abi.encodeWithSelector(IPayments.NotRefundable.selector, half.payment)
        );
    }
}
