// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {
    ICrossBorder,
    RecallOrder,
    Review,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {
    Corridor,
    ITransferPolicy,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {AbroadChecks} from "./AbroadChecks.sol";

contract HeldTest is AbroadChecks {
    uint256 private constant ACTIONS = 7;

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

    function test_escrow_isGivenBackThoughItsContractMayMoveNothingElseAnyMore() public {
        for (uint256 action = 3; action < ACTIONS; ++action) {
            uint256 before = vm.snapshotState();
            Signed memory s = _signed(1, 200_000);
            _send(s);
            _forbidMoving();
            if (action == 5) vm.warp(START + REVIEW_SECONDS + 1);
            _expectDone(s, action);
            _checkNothingHeld();
            vm.warp(START);
            _refused(_signed(5, 12_345), _notAMover(address(abroad), MovementKind.ExchangeIn));
            vm.revertToState(before);
        }
    }

    function _forbidMoving() private {
        vm.startPrank(governor);
        for (uint256 i = 0; i < currencies.length; ++i) {
            tokens[currencies[i]].setMover(address(abroad), new MovementKind[](0));
        }
        vm.stopPrank();
    }

    function _notAMover(address caller, MovementKind kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICurrencyToken.NotAMover.selector, caller, kind);
    }

    function test_escrow_isNotTakenByAPersonThatCallsItsOwnMoneyEscrow() public {
        MovementKind[2] memory kinds = [MovementKind.EscrowOut, MovementKind.EscrowReturn];
        for (uint256 i = 0; i < kinds.length; ++i) {
            vm.startPrank(alice);
            vm.expectRevert(
                abi.encodeWithSelector(ITransferPolicy.KindNotForAccount.selector, alice, kinds[i])
            );
            euro.move(alice, bob, 1, kinds[i], "ref");
            vm.expectRevert(_notAMover(alice, kinds[i]));
            euro.move(address(abroad), alice, 1, kinds[i], "ref");
            vm.stopPrank();
        }
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
