// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    ICrossBorder,
    PairTerms,
    RecallOrder,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";

import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";

import {AbroadChecks} from "./AbroadChecks.sol";

contract ReviewersTest is AbroadChecks {
    uint256 private constant ACTIONS = 7;

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

    function _stateAfter(uint256 action) private pure returns (TransferState) {
        if (action < 2) return TransferState.Held;
        if (action < 4) return TransferState.Settled;
        if (action == 4) return TransferState.Rejected;
        return action == 5 ? TransferState.Refunded : TransferState.Recalled;
    }
}
