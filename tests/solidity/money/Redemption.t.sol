// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {IIssuance, RedemptionOrder, RedemptionState} from "../../../contracts/money/IIssuance.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ITransferPolicy, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract RedemptionTest is Customers {
    function _redeem(uint256 nonce) private returns (bytes32) {
        RedemptionOrder memory order = _redemption(alice, nonce);
        return issuance.redeem(order, _signedRedemption(order, aliceKey));
    }

    function test_redeem_refusesInOrderOfPrecedence() public {
        RedemptionOrder memory order = _redemption(alice, 1);
        order.currency = "GBP";
        order.amount = 0;
        order.deadline = uint64(START - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        issuance.redeem(order, "");
        order.currency = EUR;
        vm.expectRevert(IIssuance.ZeroAmount.selector);
        issuance.redeem(order, "");
        order.amount = 1_000_001;
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        issuance.redeem(order, "");
        order.deadline = uint64(START);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        issuance.redeem(order, "");
        _redeem(1);
        bytes memory signature = _signedRedemption(order, aliceKey);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1));
        issuance.redeem(order, signature);
        order.nonce = 2;
        signature = _signedRedemption(order, aliceKey);
        vm.prank(pauser);
        policy.pause(Switch.Redemption);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Redemption)
        );
        issuance.redeem(order, signature);
        vm.prank(pauser);
        policy.unpause(Switch.Redemption);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                999_500,
                1_000_001
            )
        );
        issuance.redeem(order, signature);
        assertFalse(issuance.nonceUsed(alice, 2), "what failed used no nonce");
    }

    function test_redeem_burns() public {
        RedemptionOrder memory order = _redemption(alice, 1);
        bytes32 orderId = _redemptionDigest(order);
        assertEq(issuance.redemptionId(order), orderId);
        bytes memory signature = _signedRedemption(order, aliceKey);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(orderId, MovementKind.Redemption, 2, 0);
        vm.expectEmit(address(issuance));
        emit IIssuance.Redeemed(orderId, order.reference_, alice, EUR, 500, order.payout);
        vm.prank(stranger);
        assertEq(issuance.redeem(order, signature), orderId);

        assertEq(euro.balanceOf(alice), 999_500);
        assertEq(euro.totalSupply(), 1_999_500);
        assertEq(uint8(issuance.redemptionState(orderId)), uint8(RedemptionState.Open));
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 500);
    }

    function test_redeem_bindsEveryField() public {
        RedemptionOrder memory signed = _redemption(alice, 1);
        bytes memory signature = _signedRedemption(signed, aliceKey);
        for (uint256 field = 0; field < 7; ++field) {
            RedemptionOrder memory order = _redemption(alice, 1);
            address signer = alice;
            if (field == 0) order.account = signer = bob;
            if (field == 1) order.currency = USD;
            if (field == 2) order.amount += 1;
            if (field == 3) order.payout = "elsewhere";
            if (field == 4) order.reference_ = "other";
            if (field == 5) order.nonce += 1;
            if (field == 6) order.deadline += 1;
            vm.expectRevert(
                abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, signer)
            );
            issuance.redeem(order, signature);
        }
        issuance.redeem(signed, signature);
    }

    function test_confirmPayout_refuses() public {
        bytes32 orderId = _redeem(1);
        bytes32 other = _redeem(2);
        vm.startPrank(payoutClerk);
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.RedemptionNotOpen.selector, bytes32("unknown"))
        );
        issuance.confirmPayout("unknown", "payout");
        vm.expectRevert(IIssuance.PayoutReferenceMissing.selector);
        issuance.confirmPayout(orderId, 0);
        issuance.confirmPayout(orderId, "payout");
        vm.expectRevert(abi.encodeWithSelector(IIssuance.RedemptionNotOpen.selector, orderId));
        issuance.confirmPayout(orderId, "another payout");
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.PayoutReferenceUsed.selector, bytes32("payout"))
        );
        issuance.confirmPayout(other, "payout");
        issuance.confirmPayout(other, "another payout");
        vm.stopPrank();
    }

    function test_confirmPayout_records() public {
        bytes32 orderId = _redeem(1);
        vm.expectEmit(address(issuance));
        emit IIssuance.PayoutConfirmed(orderId, "payout", payoutClerk);
        vm.prank(payoutClerk);
        issuance.confirmPayout(orderId, "payout");
        assertEq(uint8(issuance.redemptionState(orderId)), uint8(RedemptionState.PaidOut));
        assertEq(issuance.redemptionOfPayout("payout"), orderId);
        assertEq(issuance.redemptionOfPayout("other"), 0);
    }
}
