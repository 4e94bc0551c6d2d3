// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Batch} from "../../../contracts/Batch.sol";
import {Status} from "../../../contracts/identity/IIdentityRegistry.sol";
import {RedemptionOrder} from "../../../contracts/money/IIssuance.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {IPayments, PaymentOrder, RefundOrder} from "../../../contracts/payments/IPayments.sol";
import {Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Staff} from "./Staff.sol";

/// @notice Customers of a bank who pay, refund, redeem and try what they may not. No call may revert; each is
/// told beforehand how it must end.
abstract contract BankHandler is Staff {
    PaymentOrder[] private paid;
    bytes[] private paidSignatures;
    PaymentOrder[] private rejected;
    bytes[] private rejectedSignatures;
    uint256 private nonces;

    /// @notice How often each order has executed.
    mapping(bytes32 orderId => uint256) private executions;
    uint256 public doubleExecutions;
    uint256 public executedAfterRejection;

    function pay(uint256 seed) external acts {
        PaymentOrder memory order = _order(seed);
        bytes memory signature = _signedPayment(order, keys[order.payer]);
        (bytes memory refusal, ) = policy.explain(
            order.currency,
            MovementKind.Payment,
            order.payer,
            order.payee,
            order.amount
        );
        if (order.payer == order.payee) {
            refusal = abi.encodeWithSelector(IPayments.SelfPayment.selector, order.payer);
        }
        bytes memory data = abi.encodeCall(IPayments.pay, (order, signature));
        if (!_ends(address(payments), relayer, data, refusal)) return;
        _noteExecution(order, signature);
        _did("pay");
    }

    /// @dev Three orders in a batch, of which one may be signed by the wrong key and one may be a repetition.
    function payInBatch(uint256 seed) external acts {
        Batch.Item[] memory items = new Batch.Item[](3);
        PaymentOrder[] memory orders = new PaymentOrder[](3);
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            orders[i] = i == 2 && seed % 5 == 0 ? orders[0] : _order(_mix(seed, i));
            bool forged = i == 1 && seed % 7 == 0;
            signatures[i] = _signedPayment(orders[i], forged ? 1 : keys[orders[i].payer]);
            items[i] = Batch.Item(
                address(payments),
                abi.encodeCall(IPayments.pay, (orders[i], signatures[i]))
            );
        }
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        for (uint256 i = 0; i < 3; ++i) {
            if (succeeded[i]) {
                _noteExecution(orders[i], signatures[i]);
                _did("pay in a batch");
            } else if (payments.nonceVoided(orders[i].payer, orders[i].nonce)) {
                rejected.push(orders[i]);
                rejectedSignatures.push(signatures[i]);
                _did("reject");
            }
        }
    }

    /// @dev Whatever has executed or was rejected is sent again.
    function submitAgain(uint256 seed) external acts {
        bool late = seed % 2 == 0 && rejected.length != 0;
        if (!late && paid.length == 0) return;
        uint256 index = late ? seed % rejected.length : seed % paid.length;
        PaymentOrder memory order = late ? rejected[index] : paid[index];
        bytes memory signature = late ? rejectedSignatures[index] : paidSignatures[index];
        bytes memory used = abi.encodeWithSelector(
            ISignedOrders.NonceAlreadyUsed.selector,
            order.payer,
            order.nonce
        );
        if (block.timestamp > order.deadline) {
            used = abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, order.deadline);
        }
        if (order.payer == order.payee) {
            used = abi.encodeWithSelector(IPayments.SelfPayment.selector, order.payer);
        }
        bytes memory data = abi.encodeCall(IPayments.pay, (order, signature));
        if (_ends(address(payments), relayer, data, used)) {
            if (late) ++executedAfterRejection;
            else ++doubleExecutions;
        }
        _did(late ? "submit a rejected order" : "submit an executed order");
    }

    function refund(uint256 seed) external acts {
        if (paid.length == 0) return;
        uint256 index = seed % paid.length;
        PaymentOrder memory original = paid[index];
        RefundOrder memory order = _refundOf(original, ++nonces);
        order.from = registry.currentAccount(original.payee);
        order.to = registry.currentAccount(original.payer);
        order.amount = uint128(bound(_mix(seed, 1), 1, original.amount));
        order.deadline = uint64(block.timestamp);
        uint256 refunded = payments.refundedOf(order.payment);
        (bytes memory refusal, ) = policy.explain(
            order.currency,
            MovementKind.Refund,
            order.from,
            order.to,
            order.amount
        );
        if (refunded + order.amount > original.amount) {
            refusal = abi.encodeWithSelector(
                IPayments.RefundExceedsPayment.selector,
                order.payment,
                original.amount,
                refunded,
                order.amount
            );
        }
        bytes memory data = abi.encodeCall(
            IPayments.refund,
            (order, _signedRefund(order, keys[order.from]), original, paidSignatures[index])
        );
        if (_ends(address(payments), relayer, data, refusal)) _did("refund");
    }

    function redeem(uint256 seed) external acts {
        RedemptionOrder memory order = _redemption(_customer(seed), ++nonces);
        order.currency = _currency(seed);
        order.amount = uint128(_amount(_mix(seed, 1)));
        order.deadline = uint64(block.timestamp);
        (bytes memory refusal, ) = policy.explain(
            order.currency,
            MovementKind.Redemption,
            order.account,
            address(0),
            order.amount
        );
        bytes memory signature = _signedRedemption(order, keys[order.account]);
        bytes memory data = abi.encodeCall(issuance.redeem, (order, signature));
        if (!_ends(address(issuance), relayer, data, refusal)) return;
        _did("redeem");
        bytes32 orderId = _redemptionDigest(order);
        vm.prank(payoutClerk);
        issuance.confirmPayout(orderId, keccak256(abi.encode(orderId)));
    }

    function cancel(uint256 seed) external acts {
        PaymentOrder memory order = _order(seed);
        CancellationOrder memory cancellation = CancellationOrder(
            _paymentDigest(order),
            order.payer,
            order.nonce,
            uint64(block.timestamp)
        );
        bytes memory signature = signDigest(
            keys[order.payer],
            _cancellationDigest(address(payments), cancellation)
        );
        payments.cancel(cancellation, signature);
        rejected.push(order);
        rejectedSignatures.push(_signedPayment(order, keys[order.payer]));
        _did("cancel");
    }

    function transfer(uint256 seed) external acts {
        _moveAs("transfer", MovementKind.Direct, _customer(seed), _customer(_mix(seed, 2)), seed);
    }

    function escrowIn(uint256 seed) external acts {
        _moveAs("escrow in", MovementKind.EscrowIn, _customer(seed), escrow, seed);
    }

    function escrowOut(uint256 seed) external acts {
        _moveAs("escrow out", MovementKind.EscrowOut, escrow, _customer(seed), seed);
    }

    function courtOrder(uint256 seed) external acts {
        address from = accounts[seed % accounts.length];
        _moveAs("court order", MovementKind.CourtOrder, from, _customer(_mix(seed, 2)), seed);
    }

    function _moveAs(
        string memory name,
        MovementKind kind,
        address from,
        address to,
        uint256 seed
    ) private {
        bytes3 currency = _currency(seed);
        uint256 amount = _amount(_mix(seed, 1));
        uint256 held = tokens[currency].balanceOf(from);
        // Mostly what there is, so that frozen and poor accounts are not only refused.
        if (seed % 4 != 0 && held != 0) amount = bound(amount, 1, held);
        (bytes memory refusal, ) = policy.explain(currency, kind, from, to, amount);
        assertEq(_perform(tokens[currency], kind, from, to, amount), refusal);
        if (refusal.length == 0) {
            _did(name);
            if (registry.identityOf(from).status == Status.Frozen) _did("seizure");
        }
    }

    function _order(uint256 seed) private returns (PaymentOrder memory order) {
        order = _payment(++nonces);
        order.payer = _customer(seed);
        order.payee = _customer(_mix(seed, 2));
        order.currency = _currency(seed);
        order.amount = uint128(_amount(_mix(seed, 1)));
        order.deadline = uint64(block.timestamp + 40 days);
    }

    function _noteExecution(PaymentOrder memory order, bytes memory signature) private {
        bytes32 orderId = _paymentDigest(order);
        if (++executions[orderId] > 1) ++doubleExecutions;
        paid.push(order);
        paidSignatures.push(signature);
    }

    /// @dev One switch at a time, so that what a pause does not stop goes on meanwhile.
    function pauseOrUnpause(uint256 seed) external acts {
        for (uint256 i = 0; i < 4; ++i) {
            if (!policy.paused(Switch(i))) continue;
            vm.prank(pauser);
            policy.unpause(Switch(i));
            return _did("unpause");
        }
        vm.prank(pauser);
        policy.pause(Switch(seed % 4));
        _did("pause");
    }
}
