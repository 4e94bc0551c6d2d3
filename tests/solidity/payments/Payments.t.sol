// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {IPayments, PaymentOrder} from "../../../contracts/payments/IPayments.sol";
import {Payments} from "../../../contracts/payments/Payments.sol";
import {ITransferPolicy, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";
import {OwnedWallet} from "../support/Wallets.sol";

contract PaymentsTest is Customers {
    uint256 private constant CURVE_ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function _refused(PaymentOrder memory order, bytes memory signature, bytes memory why) private {
        vm.expectRevert(why);
        payments.pay(order, signature);
    }

    function _invalid(address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, signer);
    }

    // --- refusals ---

    function test_pay_refusesInOrderOfPrecedence() public {
        PaymentOrder memory order = _payment(1);
        order.currency = "GBP";
        order.amount = 0;
        order.payee = alice;
        order.deadline = uint64(START - 1);
        _refused(
            order,
            "",
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        order.currency = EUR;
        _refused(order, "", abi.encodeWithSelector(IPayments.ZeroAmount.selector));
        order.amount = 1_000_001;
        _refused(order, "", abi.encodeWithSelector(IPayments.SelfPayment.selector, alice));
        order.payee = bob;
        _refused(
            order,
            "",
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        order.deadline = uint64(START);
        _refused(order, "", _invalid(alice));
        PaymentOrder memory first = _payment(1);
        payments.pay(first, _signedPayment(first, aliceKey));
        _refused(
            order,
            _signedPayment(order, aliceKey),
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1)
        );
        order.nonce = 2;
        vm.prank(pauser);
        policy.pause(Switch.Outgoing);
        _freeze(alice);
        bytes memory signature = _signedPayment(order, aliceKey);
        _refused(
            order,
            signature,
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
        vm.prank(pauser);
        policy.unpause(Switch.Outgoing);
        _refused(
            order,
            signature,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice)
        );
        vm.prank(freezer);
        registry.unfreeze(alice, "reason");
        _refused(
            order,
            signature,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                998_766,
                1_000_001
            )
        );
        _give(alice, EUR, 2_000);
        payments.pay(order, signature);
    }

    function test_pay_toNobodyIsRefused() public {
        PaymentOrder memory order = _payment(1);
        order.payee = address(0);
        _refused(
            order,
            _signedPayment(order, aliceKey),
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
    }

    // --- what happens ---

    function test_pay_settles() public {
        PaymentOrder memory order = _payment(1);
        bytes32 orderId = _paymentDigest(order);
        assertEq(payments.paymentId(order), orderId);
        bytes memory signature = _signedPayment(order, aliceKey);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(orderId, MovementKind.Payment, 2, 2);
        vm.expectEmit(address(payments));
        emit IPayments.PaymentSettled(
            orderId,
            order.reference_,
            alice,
            bob,
            EUR,
            1234,
            order.details
        );
        vm.prank(stranger);
        assertEq(payments.pay(order, signature), orderId);
        assertEq(euro.balanceOf(alice), 1_000_000 - 1234);
        assertEq(euro.balanceOf(bob), 1_000_000 + 1234);
        assertTrue(payments.nonceUsed(alice, 1));
        assertFalse(payments.nonceVoided(alice, 1));
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 1234);
    }

    function test_pay_takesEveryCurrency() public {
        for (uint256 i = 0; i < currencies.length; ++i) {
            if (i != 0) _give(alice, currencies[i], 5_000);
            PaymentOrder memory order = _payment(i);
            order.currency = currencies[i];
            uint256 before = tokens[currencies[i]].balanceOf(bob);
            payments.pay(order, _signedPayment(order, aliceKey));
            assertEq(tokens[currencies[i]].balanceOf(bob), before + 1234);
        }
    }

    // --- signatures ---

    function test_pay_bindsEveryField() public {
        PaymentOrder memory signed = _payment(1);
        bytes memory signature = _signedPayment(signed, aliceKey);
        for (uint256 field = 0; field < 8; ++field) {
            PaymentOrder memory order = _payment(1);
            address signer = alice;
            if (field == 0) {
                order.payer = signer = bob;
                order.payee = alice;
            }
            if (field == 1) order.payee = stranger;
            if (field == 2) order.currency = USD;
            if (field == 3) order.amount += 1;
            if (field == 4) order.reference_ = "other";
            if (field == 5) order.details = "other";
            if (field == 6) order.nonce += 1;
            if (field == 7) order.deadline += 1;
            _refused(order, signature, _invalid(signer));
        }
        payments.pay(signed, signature);
    }

    function test_pay_bindsChainAndContract() public {
        PaymentOrder memory order = _payment(1);
        Payments other = new Payments(policy, registry, address(batch), address(manager));
        bytes memory signature = _signedPayment(order, aliceKey);
        vm.expectRevert(_invalid(alice));
        other.pay(order, signature);

        uint256 chainId = block.chainid;
        vm.chainId(chainId + 1);
        assertNotEq(payments.paymentId(order), _paymentDigestOn(order, chainId));
        _refused(order, signature, _invalid(alice));
        vm.chainId(chainId);
        assertEq(payments.paymentId(order), _paymentDigestOn(order, chainId));
        payments.pay(order, signature);
    }

    function _paymentDigestOn(
        PaymentOrder memory order,
        uint256 chainId
    ) private returns (bytes32 digest) {
        uint256 here = block.chainid;
        vm.chainId(chainId);
        digest = _paymentDigest(order);
        vm.chainId(here);
    }

    function test_pay_refusesTheOtherFormOfASignature() public {
        PaymentOrder memory order = _payment(1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, _paymentDigest(order));
        bytes memory highS = abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v ^ 7);
        assertEq(
            ecrecover(_paymentDigest(order), v ^ 7, r, bytes32(CURVE_ORDER - uint256(s))),
            alice
        );
        _refused(order, highS, _invalid(alice));
        _refused(order, abi.encodePacked(r, s, v, uint8(0)), _invalid(alice));
        _refused(order, abi.encodePacked(r, s), _invalid(alice));
        _refused(order, abi.encodePacked(r, s, uint8(0)), _invalid(alice));
        payments.pay(order, abi.encodePacked(r, s, v));
    }

    function test_pay_takesNoSignatureOfNobody() public {
        // A signature that recovers to nothing must not stand for the zero address.
        PaymentOrder memory order = _payment(1);
        order.payer = address(0);
        _refused(order, new bytes(65), _invalid(address(0)));
    }

    function test_pay_takesContractAccounts() public {
        OwnedWallet wallet = new OwnedWallet(bob);
        _register(address(wallet), 2, GERMANY);
        _give(address(wallet), EUR, 5_000);
        PaymentOrder memory order = _payment(1);
        order.payer = address(wallet);
        _refused(order, _signedPayment(order, aliceKey), _invalid(address(wallet)));
        payments.pay(order, _signedPayment(order, bobKey));
        assertEq(euro.balanceOf(address(wallet)), 5_000 - 1234);

        // The wallet decides anew each time.
        order.nonce = 2;
        bytes memory signature = _signedPayment(order, bobKey);
        wallet.setOwner(alice);
        _refused(order, signature, _invalid(address(wallet)));
    }

    // --- nonces ---

    function test_pay_executesAnOrderOnce() public {
        PaymentOrder memory order = _payment(1);
        bytes memory signature = _signedPayment(order, aliceKey);
        payments.pay(order, signature);
        _refused(
            order,
            signature,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1)
        );
    }

    function test_nonces_comeInAnyOrder(uint256[6] memory nonces) public {
        uint256 paid;
        for (uint256 i = 0; i < nonces.length; ++i) {
            PaymentOrder memory order = _payment(nonces[i]);
            bytes memory signature = _signedPayment(order, aliceKey);
            if (payments.nonceUsed(alice, nonces[i])) {
                _refused(
                    order,
                    signature,
                    abi.encodeWithSelector(
                        ISignedOrders.NonceAlreadyUsed.selector,
                        alice,
                        nonces[i]
                    )
                );
                continue;
            }
            payments.pay(order, signature);
            ++paid;
            (uint256 used, uint256 voided) = payments.nonceWord(alice, nonces[i] >> 8);
            assertEq((used >> (nonces[i] & 0xff)) & 1, 1);
            assertEq(voided, 0);
        }
        assertEq(euro.balanceOf(bob), 1_000_000 + 1234 * paid);
    }

    function test_nonces_areEachSignersOwn() public {
        PaymentOrder memory order = _payment(1);
        payments.pay(order, _signedPayment(order, aliceKey));
        (order.payer, order.payee) = (bob, alice);
        payments.pay(order, _signedPayment(order, bobKey));
        assertEq(euro.balanceOf(bob), 1_000_000);
    }

    // --- who may ---

    function test_onlyTheRoleMaySetThePolicy() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        payments.setPolicy(policy);
        vm.prank(governor);
        payments.setPolicy(policy);
        assertEq(address(payments.policy()), address(policy));
    }
}
