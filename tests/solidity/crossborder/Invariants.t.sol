// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TransferOrder, TransferState} from "../../../contracts/crossborder/ICrossBorder.sol";
import {Test} from "../support/Test.sol";
import {AbroadHandler} from "./AbroadHandler.sol";

/// @dev The runner finds contracts to call in the files of tests only.
contract People is AbroadHandler {}

/// @notice What holds of transfers abroad after any sequence of what people do.
/// @dev The long run: `INVARIANT_RUNS=400 INVARIANT_DEPTH=256` makes 102,400 calls for each invariant.
contract AbroadInvariants is Test {
    /// @dev Of 11 kinds of call a sequence of 60 reaches about 8; fewer than 3 by no chance.
    uint256 private constant CALLS_ENOUGH = 60;
    uint256 private constant KINDS_ENOUGH = 3;

    People private handler;

    function setUp() public {
        handler = new People();
        handler.setUp();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = handler.send.selector;
        selectors[1] = handler.sendHeld.selector;
        selectors[2] = handler.approve.selector;
        selectors[3] = handler.release.selector;
        selectors[4] = handler.reject.selector;
        selectors[5] = handler.refund.selector;
        selectors[6] = handler.recall.selector;
        selectors[7] = handler.endAgain.selector;
        selectors[8] = handler.freezeOrUnfreeze.selector;
        selectors[9] = handler.pauseOrUnpause.selector;
        selectors[10] = handler.passTime.selector;
        // Twice: what was not sent cannot end.
        selectors[11] = handler.send.selector;
        selectors[12] = handler.sendHeld.selector;
        targetSelector(address(handler), selectors);
    }

    /// @dev Both legs of each transfer moved or none, and nothing else did.
    function invariant_everyBalanceIsThatOfTheLedgerKeptByHand() public view {
        for (uint256 j = 0; j < handler.currencyCount(); ++j) {
            bytes3 currency = handler.currencyAt(j);
            uint256 sum = 0;
            for (uint256 i = 0; i < handler.peopleCount(); ++i) {
                address account = handler.people(i);
                uint256 balance = handler.balanceOf(account, currency);
                assertEq(balance, handler.expected(account, currency));
                sum += balance;
            }
            assertEq(sum, handler.supplyOf(currency), "money came or went");
        }
    }

    function invariant_I3_escrowIsTheSumOfOpenTransfers() public view {
        TransferOrder[] memory open = handler.openTransfers();
        for (uint256 j = 0; j < handler.currencyCount(); ++j) {
            bytes3 currency = handler.currencyAt(j);
            uint256 sum = 0;
            for (uint256 k = 0; k < open.length; ++k) {
                if (open[k].sourceCurrency == currency) sum += open[k].sourceAmount;
                if (open[k].targetCurrency == currency) sum += open[k].targetAmount;
            }
            assertEq(handler.escrowedOf(currency), sum);
            assertEq(handler.balanceOf(handler.escrow(), currency), sum);
        }
        for (uint256 k = 0; k < open.length; ++k) {
            assertTrue(handler.stateOf(open[k]) == TransferState.Held, "an open one is not held");
        }
    }

    /// @dev No rate was better than the mid, so together the customers can only have lost.
    function invariant_I8_conversionsNeverGain() public view {
        assertLe(handler.worth(), handler.worthAtStart());
    }

    function invariant_aProviderGivesNoMoreThanItSigned() public view {
        (address first, address second) = handler.providers();
        _checkProvider(first, 100_000_000);
        _checkProvider(second, 20_000_000);
    }

    /// @dev A sequence that reached nothing, or few kinds of call, would prove nothing.
    function afterInvariant() public view {
        assertGt(handler.calls(), 0, "nothing was called");
        if (handler.calls() >= CALLS_ENOUGH) assertGe(handler.kindsDone(), KINDS_ENOUGH);
    }

    /// @dev Each kind of call, by itself, does what it is for.
    function test_eachKindOfCallCanHappen() public {
        for (uint256 seed = 0; seed < 40; ++seed) {
            handler.send(seed);
            handler.sendHeld(seed);
        }
        for (uint256 seed = 0; seed < 20; ++seed) {
            handler.approve(seed);
            handler.release(seed);
        }
        handler.reject(1);
        handler.recall(2);
        vm.warp(vm.getBlockTimestamp() + 4 days);
        handler.refund(3);
        handler.endAgain(4);
        handler.freezeOrUnfreeze(0);
        handler.pauseOrUnpause(0);
        handler.passTime(5);
        string[10] memory names = [
            "settle",
            "hold",
            "approve",
            "release",
            "reject",
            "recall",
            "refund",
            "end again",
            "freeze",
            "pause"
        ];
        for (uint256 i = 0; i < names.length; ++i) assertGt(handler.done(names[i]), 0, names[i]);
        invariant_everyBalanceIsThatOfTheLedgerKeptByHand();
        invariant_I3_escrowIsTheSumOfOpenTransfers();
        invariant_I8_conversionsNeverGain();
    }

    function _checkProvider(address provider, uint256 atStart) private view {
        for (uint256 j = 0; j < handler.currencyCount(); ++j) {
            bytes3 currency = handler.currencyAt(j);
            uint256 least = atStart - handler.signedOut(provider, currency);
            uint256 most = atStart + handler.signedIn(provider, currency);
            uint256 balance = handler.balanceOf(provider, currency);
            assertGe(balance, least);
            assertLe(balance, most);
        }
    }
}
