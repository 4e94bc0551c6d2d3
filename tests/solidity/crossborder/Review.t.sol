// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    ICrossBorder,
    PairTerms,
    RecallOrder,
    Review,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {
    Corridor,
    ITransferPolicy,
    LimitRule,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Abroad} from "./Abroad.sol";

contract ReviewTest is Abroad {
    uint256 private constant ACTIONS = 7;

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
            order.quote,
            recall.reference_,
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

    function _recallRefused(
        RecallOrder memory recall,
        uint256 key,
        TransferOrder memory order,
        bytes memory why
    ) private {
        bytes memory signature = signDigest(key, _recallDigest(recall));
        vm.expectRevert(why);
        abroad.recall(recall, signature, order);
    }

    function _checkReturned() private view {
        assertEq(euro.balanceOf(alice), 1_000_000);
        assertEq(euro.balanceOf(provider), 100_000_000);
        assertEq(tokens[USD].balanceOf(provider), 100_000_000);
        assertEq(tokens[USD].balanceOf(carol), 0);
        _checkNothingHeld();
    }

    function _checkNothingHeld() private view {
        assertEq(abroad.escrowed(EUR), 0);
        assertEq(abroad.escrowed(USD), 0);
    }

    // --- reviewers ---

    function test_reviewers_only() public {
        TransferOrder memory order = _held(1);
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            stranger
        );
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        abroad.approveRelease(order);
        vm.expectRevert(unauthorized);
        abroad.release(order);
        vm.expectRevert(unauthorized);
        abroad.rejectTransfer(order, "RR04");
        vm.stopPrank();
        vm.prank(reviewer);
        abroad.release(order);
    }

    function test_reviewers_areNoParty() public {
        TransferOrder memory order = _held(1);
        address[3] memory parties = [alice, carol, provider];
        for (uint256 i = 0; i < parties.length; ++i) {
            vm.prank(admin);
            manager.grantRole(15, parties[i], 0);
            bytes memory isParty = abi.encodeWithSelector(
                ICrossBorder.ReviewerIsParty.selector,
                parties[i]
            );
            vm.startPrank(parties[i]);
            vm.expectRevert(isParty);
            abroad.release(order);
            vm.expectRevert(isParty);
            abroad.approveRelease(order);
            vm.stopPrank();
        }
        // Sending the money back is no favour to anyone.
        vm.prank(carol);
        abroad.rejectTransfer(order, "RR04");
    }

    function test_reviewers_twoFromTheAmountThatAsksForThem() public {
        TransferOrder memory order = _held(1, TWO_REVIEWERS_FROM);
        bytes32 orderId = _transferDigest(order);
        vm.startPrank(reviewer);
        vm.expectRevert(abi.encodeWithSelector(ICrossBorder.ReleaseNotApproved.selector, orderId));
        abroad.release(order);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.ReleaseApproved(orderId, reviewer);
        abroad.approveRelease(order);
        assertEq(abroad.reviewOf(orderId).approver, reviewer);
        vm.expectRevert(abi.encodeWithSelector(ICrossBorder.MakerIsChecker.selector, reviewer));
        abroad.release(order);
        bytes memory approved = abi.encodeWithSelector(
            ICrossBorder.ReleaseAlreadyApproved.selector,
            orderId,
            reviewer
        );
        vm.expectRevert(approved);
        abroad.approveRelease(order);
        vm.stopPrank();

        vm.startPrank(secondReviewer);
        vm.expectRevert(approved);
        abroad.approveRelease(order);
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferReleased(
            orderId,
            order.quote,
            TWO_REVIEWERS_FROM,
            order.targetAmount,
            reviewer,
            secondReviewer
        );
        abroad.release(order);
        vm.stopPrank();
        assertTrue(_stateOf(order) == TransferState.Settled);
    }

    function test_reviewers_one_whereOneIsEnough() public {
        TransferOrder memory order = _held(1);
        vm.startPrank(reviewer);
        vm.expectRevert(
            abi.encodeWithSelector(ICrossBorder.ApprovalNotNeeded.selector, _transferDigest(order))
        );
        abroad.approveRelease(order);
        abroad.release(order);
        vm.stopPrank();
    }

    function test_reviewers_theirNumberIsThatOfTheTimeOfTheHold() public {
        TransferOrder memory order = _held(1, TWO_REVIEWERS_FROM);
        PairTerms memory terms = _terms();
        terms.twoReviewersFrom = NEVER;
        _setPair(EUR, USD, terms);
        vm.prank(reviewer);
        vm.expectPartialRevert(ICrossBorder.ReleaseNotApproved.selector);
        abroad.release(order);
    }

    function test_reviewers_mayRejectWhatAnotherApproved() public {
        TransferOrder memory order = _held(1, TWO_REVIEWERS_FROM);
        vm.prank(reviewer);
        abroad.approveRelease(order);
        vm.prank(secondReviewer);
        abroad.rejectTransfer(order, "RR04");
        _checkReturned();
    }

    function test_release_isRefusedAfterTheTimeForTheReview() public {
        TransferOrder memory order = _held(1, TWO_REVIEWERS_FROM);
        bytes32 orderId = _transferDigest(order);
        uint40 expiresAt = abroad.reviewOf(orderId).expiresAt;
        vm.warp(expiresAt);
        vm.prank(reviewer);
        abroad.approveRelease(order);
        uint256 before = vm.snapshotState();
        vm.prank(secondReviewer);
        abroad.release(order);
        vm.revertToState(before);
        vm.warp(expiresAt + 1);
        bytes memory expired = abi.encodeWithSelector(
            ICrossBorder.ReviewExpired.selector,
            orderId,
            expiresAt
        );
        vm.startPrank(secondReviewer);
        vm.expectRevert(expired);
        abroad.release(order);
        vm.expectRevert(expired);
        abroad.approveRelease(order);
        abroad.rejectTransfer(order, "RR04");
        vm.stopPrank();
        _checkReturned();
    }

    // --- every pair of states ---

    /// @dev 0 transfer, 1 hold in a batch, 2 approve, 3 release, 4 reject, 5 refund, 6 recall.
    function test_states_everyPair() public {
        for (uint256 from = 0; from <= uint256(type(TransferState).max); ++from) {
            for (uint256 action = 0; action < ACTIONS; ++action) {
                uint256 before = vm.snapshotState();
                _checkPair(TransferState(from), action);
                vm.revertToState(before);
            }
        }
    }

    function _checkPair(TransferState from, uint256 action) private {
        Signed memory s = _signed(1, TWO_REVIEWERS_FROM);
        bytes32 orderId = _transferDigest(s.order);
        _bring(s, from);
        assertTrue(_stateOf(s.order) == from, "the test did not reach the state");
        TransferState to = _stateAfter(action);
        bool allowed =
            (from == TransferState.None && to == TransferState.Held) ||
                (from == TransferState.Held && to != TransferState.Held);
        if (action == 5) vm.warp(START + REVIEW_SECONDS + 1);
        if (action == 3 && from == TransferState.Held) {
            vm.prank(secondReviewer);
            abroad.approveRelease(s.order);
        }
        (bool done, bytes memory result) = _act(s, action);
        assertEq(done, allowed || (action == 2 && from == TransferState.Held));
        if (done) {
            assertTrue(_stateOf(s.order) == (action == 2 ? from : to), "another state follows");
            return;
        }
        assertTrue(_stateOf(s.order) == from, "a refusal changed the state");
        if (action < 2) {
            assertEq(
                result,
                abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1)
            );
        } else {
            assertEq(
                result,
                abi.encodeWithSelector(
                    ICrossBorder.TransitionNotAllowed.selector,
                    orderId,
                    from,
                    to
                )
            );
        }
    }

    function _bring(Signed memory s, TransferState to) private {
        if (to == TransferState.None) return;
        _send(s);
        if (to == TransferState.Held) return;
        if (to == TransferState.Settled) {
            vm.prank(secondReviewer);
            abroad.approveRelease(s.order);
            _expectDone(s, 3);
        } else if (to == TransferState.Rejected) {
            _expectDone(s, 4);
        } else if (to == TransferState.Refunded) {
            vm.warp(START + REVIEW_SECONDS + 1);
            _expectDone(s, 5);
            vm.warp(START);
        } else {
            _expectDone(s, 6);
        }
    }

    function _expectDone(Signed memory s, uint256 action) private {
        (bool done, ) = _act(s, action);
        assertTrue(done, "the test could not bring about the state");
    }

    function _stateAfter(uint256 action) private pure returns (TransferState) {
        if (action < 2) return TransferState.Held;
        if (action < 4) return TransferState.Settled;
        if (action == 4) return TransferState.Rejected;
        return action == 5 ? TransferState.Refunded : TransferState.Recalled;
    }

    function _act(
        Signed memory s,
        uint256 action
    ) private returns (bool done, bytes memory result) {
        bytes memory data;
        address caller = reviewer;
        if (action == 0) {
            caller = stranger;
            data = abi.encodeCall(
                abroad.transfer,
                (s.order, s.signature, s.quote, s.quoteSignature)
            );
        } else if (action == 1) {
            caller = address(batch);
            data = abi.encodeCall(abroad.hold, (s.order, s.signature, s.quote, s.quoteSignature));
        } else if (action == 2) {
            data = abi.encodeCall(abroad.approveRelease, (s.order));
        } else if (action == 3) {
            data = abi.encodeCall(abroad.release, (s.order));
        } else if (action == 4) {
            data = abi.encodeCall(abroad.rejectTransfer, (s.order, "RR04"));
        } else if (action == 5) {
            caller = stranger;
            data = abi.encodeCall(abroad.refund, (s.order));
        } else {
            caller = stranger;
            RecallOrder memory recall = _recallOf(s.order, 1_000 + uint256(_stateOf(s.order)));
            data = abi.encodeCall(
                abroad.recall,
                (recall, signDigest(aliceKey, _recallDigest(recall)), s.order)
            );
        }
        vm.prank(caller);
        return address(abroad).call(data);
    }

    // --- pauses ---

    function test_pauses_stopNewTransfersOnly() public {
        for (uint256 what = 0; what <= uint256(type(Switch).max); ++what) {
            for (uint256 action = 3; action < ACTIONS; ++action) {
                uint256 before = vm.snapshotState();
                Signed memory s = _signed(1, 200_000);
                _send(s);
                _pause(Switch(what));
                if (action == 5) vm.warp(START + REVIEW_SECONDS + 1);
                _expectDone(s, action);
                _checkNothingHeld();
                _checkNewTransfers(Switch(what));
                vm.revertToState(before);
            }
        }
    }

    function _checkNewTransfers(Switch what) private {
        vm.warp(START);
        bool stopped = what == Switch.Outgoing || what == Switch.Everything;
        for (uint128 amount = 12_345; amount <= 200_000; amount += 187_655) {
            Signed memory s = _signed(5, amount);
            if (stopped) {
                _refused(s, abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, what));
            } else {
                uint256 before = vm.snapshotState();
                _send(s);
                vm.revertToState(before);
            }
        }
    }

    // --- what becomes of the parties meanwhile ---

    function test_release_needsSenderRecipientAndProviderInGoodStanding() public {
        TransferOrder memory order = _held(1);
        address[3] memory parties = [alice, carol, provider];
        for (uint256 i = 0; i < parties.length; ++i) {
            for (uint256 trouble = 0; trouble < 3; ++trouble) {
                uint256 before = vm.snapshotState();
                _releaseRefused(order, _trouble(parties[i], trouble));
                // Whatever the trouble is, the money goes back.
                vm.warp(START + REVIEW_SECONDS + 1);
                vm.prank(stranger);
                abroad.refund(order);
                _checkReturned();
                vm.revertToState(before);
            }
        }
        vm.prank(reviewer);
        abroad.release(order);
    }

    function test_reject_and_recall_returnToWhoeverIsInTrouble() public {
        address[3] memory parties = [alice, carol, provider];
        for (uint256 i = 0; i < parties.length; ++i) {
            for (uint256 trouble = 0; trouble < 3; ++trouble) {
                uint256 before = vm.snapshotState();
                Signed memory s = _signed(1, 200_000);
                _send(s);
                _trouble(parties[i], trouble);
                uint256 inTrouble = vm.snapshotState();
                _expectDone(s, 4);
                _checkReturned();
                vm.revertToState(inTrouble);
                _expectDone(s, 6);
                _checkReturned();
                vm.revertToState(before);
            }
        }
    }

    function _trouble(address account, uint256 which) private returns (bytes memory refusal) {
        if (which == 0) {
            _freeze(account);
            return abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account);
        }
        vm.startPrank(registrar);
        if (which == 1) {
            registry.close(account, "reason");
            vm.stopPrank();
            return abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account);
        }
        uint16 flags = account == provider ? 4 : 0;
        uint16 country = account == carol ? BRAZIL : GERMANY;
        uint8 tier = account == provider ? 3 : 2;
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1);
        registry.update(account, tier, country, expiry, flags);
        vm.stopPrank();
        skip(1);
        return abi.encodeWithSelector(IIdentityRegistry.KycExpired.selector, account, expiry);
    }

    function _releaseRefused(TransferOrder memory order, bytes memory why) private {
        vm.prank(reviewer);
        vm.expectRevert(why);
        abroad.release(order);
    }

    function test_release_needsAnOpenCorridor() public {
        TransferOrder memory order = _held(1);
        _setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        _releaseRefused(
            order,
            abi.encodeWithSelector(ITransferPolicy.CorridorClosed.selector, GERMANY, BRAZIL)
        );
        _setCorridor(GERMANY, BRAZIL, Corridor.Review);
        vm.prank(reviewer);
        abroad.release(order);
    }

    function test_release_keepsTheRecipientsLargestBalance() public {
        TransferOrder memory order = _held(1);
        _setLimits(2, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, 100_000));
        vm.prank(reviewer);
        vm.expectPartialRevert(ITransferPolicy.LimitExceeded.selector);
        abroad.release(order);
        _setLimits(2, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, 200_000));
        vm.prank(reviewer);
        abroad.release(order);
    }

    function test_return_passesTheSendersLargestBalance() public {
        TransferOrder memory order = _held(1);
        _setLimits(2, TierLimits(0, 0, 0, 0));
        vm.prank(reviewer);
        abroad.rejectTransfer(order, "RR04");
        _checkReturned();
    }

    function test_release_toAProviderThatWasRemoved() public {
        // What it has signed and given still holds.
        TransferOrder memory order = _held(1);
        vm.prank(registrar);
        registry.update(provider, 3, GERMANY, uint40(START + 3650 days), 0);
        vm.prank(reviewer);
        abroad.release(order);
        assertEq(euro.balanceOf(provider), 100_200_000);
    }

    // --- new keys ---

    function _recover(address account, string memory name) private returns (address successor) {
        uint256 key;
        (successor, key) = makeAccount(name);
        uint64 deadline = uint64(START + 7 days);
        bytes memory acceptance = signDigest(key, _acceptanceDigest(account, successor, deadline));
        vm.prank(recoveryMaker);
        recovery.propose(account, successor, deadline, acceptance);
        vm.prank(recoveryChecker);
        recovery.execute(account, successor);
    }

    function test_release_afterRecoveries_paysTheNewKeys() public {
        TransferOrder memory order = _held(1);
        _recover(alice, "new alice");
        address newCarol = _recover(carol, "new carol");
        address newProvider = _recover(provider, "new provider");
        vm.prank(reviewer);
        abroad.release(order);
        assertEq(tokens[USD].balanceOf(newCarol), order.targetAmount);
        assertEq(euro.balanceOf(newProvider), 100_200_000);
        _checkNothingHeld();
    }

    function test_refund_afterRecoveries_paysTheNewKeys() public {
        TransferOrder memory order = _held(1);
        _recover(_recover(alice, "new alice"), "newest alice");
        address newProvider = _recover(provider, "new provider");
        vm.warp(START + REVIEW_SECONDS + 1);
        abroad.refund(order);
        assertEq(euro.balanceOf(makeAddr("newest alice")), 1_000_000);
        assertEq(tokens[USD].balanceOf(newProvider), 100_000_000);
        _checkNothingHeld();
    }

    function test_recall_afterARecovery_isTheNewKeys() public {
        TransferOrder memory order = _held(1);
        address newAlice = _recover(alice, "new alice");
        RecallOrder memory recall = _recallOf(order, 2);
        _recallRefused(
            recall,
            aliceKey,
            order,
            abi.encodeWithSelector(
                ICrossBorder.NotTheSender.selector,
                _transferDigest(order),
                alice
            )
        );
        recall.sender = newAlice;
        bytes memory signature = signDigest(uint256(keccak256("new alice")), _recallDigest(recall));
        abroad.recall(recall, signature, order);
        assertEq(euro.balanceOf(newAlice), 1_000_000);
    }

    function test_release_ofAFrozenAndRecoveredSender_isRefused() public {
        TransferOrder memory order = _held(1);
        _freeze(alice);
        address newAlice = _recover(alice, "new alice");
        _releaseRefused(
            order,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, newAlice)
        );
    }

    // --- escrow is apart from all other money ---

    function test_escrow_isNotPaidIntoByMistake() public {
        vm.prank(alice);
        vm.expectPartialRevert(ITransferPolicy.KindNotForAccount.selector);
        euro.transfer(address(abroad), 1);
        vm.prank(address(issuance));
        vm.expectPartialRevert(ITransferPolicy.KindNotForAccount.selector);
        euro.mint(address(abroad), 1, "mistake");
    }

    function test_escrow_isNotTakenByACourt() public {
        _held(1);
        vm.startPrank(court);
        vm.expectPartialRevert(ITransferPolicy.KindNotForAccount.selector);
        euro.courtTransfer(address(abroad), bob, 1, "order 1");
        vm.expectPartialRevert(ITransferPolicy.KindNotForAccount.selector);
        euro.courtTransfer(bob, address(abroad), 1, "order 2");
        vm.stopPrank();
    }

    function test_orders_anotherOrderDoesNotStandForWhatIsHeld() public {
        TransferOrder memory order = _held(1);
        bytes memory original = abi.encode(order);
        vm.warp(START + REVIEW_SECONDS + 1);
        for (uint256 field = 0; field < 13; ++field) {
            TransferOrder memory altered = abi.decode(original, (TransferOrder));
            if (field == 0) altered.quote = "another";
            if (field == 1) altered.provider = bob;
            if (field == 2) altered.sender = bob;
            if (field == 3) altered.recipient = bob;
            if (field == 4) altered.sourceCurrency = USD;
            if (field == 5) ++altered.sourceAmount;
            if (field == 6) altered.targetCurrency = EUR;
            if (field == 7) ++altered.targetAmount;
            if (field == 8) altered.purpose = "SALA";
            if (field == 9) altered.travelRule = 0;
            if (field == 10) altered.reference_ = 0;
            if (field == 11) ++altered.nonce;
            if (field == 12) ++altered.deadline;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICrossBorder.TransitionNotAllowed.selector,
                    _transferDigest(altered),
                    TransferState.None,
                    TransferState.Refunded
                )
            );
            abroad.refund(altered);
        }
        abroad.refund(order);
    }
}
