// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    ICrossBorder,
    PairTerms,
    RecallOrder,
    Review,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";

import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {Corridor} from "../../../contracts/policy/ITransferPolicy.sol";
import {AbroadChecks} from "./AbroadChecks.sol";

contract ReviewTest is AbroadChecks {
    // --- when a transfer is held ---

    function test_hold_whereThePairAsksForIt() public {
        PairTerms memory terms = _terms();
        terms.state = Corridor.Review;
        _setPair(EUR, USD, terms);
        _checkHeld(1, 12_345, false);
    }

    function test_hold_whereTheCorridorAsksForIt() public {
        _setCorridor(BRAZIL, GERMANY, Corridor.Review);
        _send(_signed(1, 12_345));
        _setCorridor(GERMANY, BRAZIL, Corridor.Review);
        _checkHeld(2, 12_345, false);
    }

    function test_hold_fromTheAmountThatAsksForIt() public {
        _send(_signed(1, REVIEW_FROM - 1));
        _checkHeld(2, REVIEW_FROM, false);
        _checkHeld(3, TWO_REVIEWERS_FROM - 1, false);
        _give(alice, EUR, 1_000_000);
        _checkHeld(4, TWO_REVIEWERS_FROM, true);
        PairTerms memory terms = _terms();
        (terms.reviewFrom, terms.travelRuleFrom) = (NEVER, NEVER);
        _setPair(EUR, USD, terms);
        Signed memory s = _draft(5, REVIEW_FROM);
        s.order.travelRule = 0;
        _send(_sign(s));
        assertTrue(_stateOf(s.order) == TransferState.None);
    }

    function test_hold_withNothingSet_asksForEverything() public {
        PairTerms memory terms = _terms();
        (terms.reviewFrom, terms.twoReviewersFrom, terms.travelRuleFrom) = (0, 0, 0);
        _setPair(EUR, USD, terms);
        Signed memory s = _draft(1, 100);
        s.order.travelRule = 0;
        _refused(_sign(s), abi.encodeWithSelector(ICrossBorder.TravelRuleMissing.selector, 100, 0));
        _checkHeld(1, 100, true);
    }

    function _checkHeld(uint256 nonce, uint128 amount, bool twoReviewers) private {
        Signed memory s = _signed(nonce, amount);
        bytes32 orderId = _transferDigest(s.order);
        (uint256 sourceBefore, uint256 targetBefore) = (abroad.escrowed(EUR), abroad.escrowed(USD));
        (bool held, uint40 expiresAt) = abroad.preview(s.order, s.quote);
        assertTrue(held, "the preview says that it settles");
        assertEq(expiresAt, block.timestamp + REVIEW_SECONDS);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferHeld(
            orderId,
            s.order.reference_,
            alice,
            s.order,
            expiresAt,
            twoReviewers
        );
        assertEq(_send(s), orderId);
        Review memory review = abroad.reviewOf(orderId);
        assertTrue(review.state == TransferState.Held, "it is not held");
        assertEq(review.expiresAt, expiresAt);
        assertEq(review.twoReviewers, twoReviewers);
        assertEq(review.approver, address(0));
        assertEq(abroad.escrowed(EUR), sourceBefore + s.order.sourceAmount);
        assertEq(abroad.escrowed(USD), targetBefore + s.order.targetAmount);
        assertEq(euro.balanceOf(address(abroad)), abroad.escrowed(EUR));
    }

    function test_hold_countsAgainstTheSendersLimitsOnce_untilTheWindowRolls() public {
        TransferOrder memory order = _held(1);
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 200_000);
        vm.prank(reviewer);
        abroad.release(order);
        (dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 200_000);
        order = _held(2);
        vm.prank(reviewer);
        abroad.rejectTransfer(order, "RR04");
        (dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 400_000);
    }

    // --- the ways out ---

    function test_release_settlesBothLegs() public {
        uint256 providerEur = euro.balanceOf(provider);
        uint256 providerUsd = tokens[USD].balanceOf(provider);
        TransferOrder memory order = _held(1);
        bytes32 orderId = _transferDigest(order);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferReleased(
            orderId,
            order.quote,
            200_000,
            order.targetAmount,
            address(0),
            reviewer
        );
        vm.prank(reviewer);
        abroad.release(order);
        assertTrue(_stateOf(order) == TransferState.Settled);
        assertEq(euro.balanceOf(alice), 800_000);
        assertEq(euro.balanceOf(provider), providerEur + 200_000);
        assertEq(tokens[USD].balanceOf(provider), providerUsd - order.targetAmount);
        assertEq(tokens[USD].balanceOf(carol), order.targetAmount);
        _checkNothingHeld();
    }

    function test_rejectTransfer_returnsBothLegs() public {
        TransferOrder memory order = _held(1);
        vm.startPrank(reviewer);
        vm.expectRevert(abi.encodeWithSelector(ICrossBorder.ReasonMissing.selector));
        abroad.rejectTransfer(order, 0);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferRejected(
            _transferDigest(order),
            order.quote,
            200_000,
            order.targetAmount,
            "RR04",
            reviewer
        );
        abroad.rejectTransfer(order, "RR04");
        vm.stopPrank();
        assertTrue(_stateOf(order) == TransferState.Rejected);
        _checkReturned();
    }

    function test_refund_isForAnyoneAfterTheTimeForTheReview() public {
        TransferOrder memory order = _held(1);
        bytes32 orderId = _transferDigest(order);
        uint40 expiresAt = abroad.reviewOf(orderId).expiresAt;
        vm.warp(expiresAt);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICrossBorder.ReviewNotExpired.selector, orderId, expiresAt)
        );
        abroad.refund(order);
        vm.warp(expiresAt + 1);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferRefunded(
            orderId,
            order.quote,
            200_000,
            order.targetAmount,
            stranger
        );
        vm.prank(stranger);
        abroad.refund(order);
        assertTrue(_stateOf(order) == TransferState.Refunded);
        _checkReturned();
    }

    function test_recall_isTheSenders() public {
        TransferOrder memory order = _held(1);
        RecallOrder memory recall = _recallOf(order, 2);
        bytes32 recallId = _recallDigest(recall);
        assertEq(abroad.recallId(recall), recallId);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        abroad.recall(recall, signDigest(bobKey, recallId), order);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferRecalled(
            _transferDigest(order),
            recall.reference_,
            order.quote,
            200_000,
            order.targetAmount,
            recallId
        );
        vm.prank(stranger);
        assertEq(abroad.recall(recall, signDigest(aliceKey, recallId), order), recallId);
        assertTrue(_stateOf(order) == TransferState.Recalled);
        _checkReturned();
    }

    function test_recall_refusesInOrderOfPrecedence() public {
        TransferOrder memory order = _held(1);
        TransferOrder memory other = _held(2);
        TransferOrder memory unknown = _signed(3, 200_000).order;
        RecallOrder memory recall = _recallOf(order, 2);
        recall.sender = bob;
        recall.deadline = uint64(START - 1);
        _recallRefused(
            recall,
            aliceKey,
            unknown,
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        recall.deadline = uint64(START);
        _recallRefused(
            recall,
            aliceKey,
            unknown,
            abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, bob)
        );
        _recallRefused(
            recall,
            bobKey,
            unknown,
            abi.encodeWithSelector(
                ICrossBorder.TransitionNotAllowed.selector,
                _transferDigest(unknown),
                TransferState.None,
                TransferState.Recalled
            )
        );
        _recallRefused(
            recall,
            bobKey,
            other,
            abi.encodeWithSelector(
                ICrossBorder.RecallMismatch.selector,
                _transferDigest(order),
                _transferDigest(other)
            )
        );
        _recallRefused(
            recall,
            bobKey,
            order,
            abi.encodeWithSelector(ICrossBorder.NotTheSender.selector, _transferDigest(order), bob)
        );
        recall = _recallOf(order, 2);
        _recallRefused(
            recall,
            aliceKey,
            order,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 2)
        );
        recall.nonce = 3;
        abroad.recall(recall, signDigest(aliceKey, _recallDigest(recall)), order);
    }
}
