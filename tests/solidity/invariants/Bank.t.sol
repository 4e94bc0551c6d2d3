// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {CurrencyToken} from "../../../contracts/money/CurrencyToken.sol";
import {Test} from "../support/Test.sol";
import {BankHandler} from "./BankHandler.sol";

/// @dev The runner finds contracts to call in the files of tests only.
contract Bank is BankHandler {}

/// @notice What holds after any sequence of what customers and staff do.
contract BankInvariants is Test {
    /// @dev Of 26 kinds of call a sequence of 150 reaches about 20; fewer than 10 by no chance.
    uint256 private constant CALLS_ENOUGH = 150;
    uint256 private constant KINDS_ENOUGH = 10;

    Bank private bank;
    bytes3[5] private currencies = [bytes3("EUR"), "USD", "JPY", "BHD", "CHF"];

    function setUp() public {
        bank = new Bank();
        bank.setUp();
        bytes4[] memory selectors = new bytes4[](21);
        selectors[0] = bank.pay.selector;
        selectors[1] = bank.payInBatch.selector;
        selectors[2] = bank.submitAgain.selector;
        selectors[3] = bank.refund.selector;
        selectors[4] = bank.redeem.selector;
        selectors[5] = bank.cancel.selector;
        selectors[6] = bank.transfer.selector;
        selectors[7] = bank.escrowIn.selector;
        selectors[8] = bank.escrowOut.selector;
        selectors[9] = bank.courtOrder.selector;
        selectors[10] = bank.proposeMint.selector;
        selectors[11] = bank.approveMint.selector;
        selectors[12] = bank.declineMint.selector;
        selectors[13] = bank.freezeOrUnfreeze.selector;
        selectors[14] = bank.recover.selector;
        selectors[15] = bank.setPrice.selector;
        selectors[16] = bank.passTime.selector;
        selectors[17] = bank.usurp.selector;
        selectors[18] = bank.pauseOrUnpause.selector;
        // The customers' side twice: without payments there is nothing to refund, to seize or to recover.
        selectors[19] = bank.pay.selector;
        selectors[20] = bank.approveMint.selector;
        targetContract(address(bank));
        targetSelector(address(bank), selectors);
    }

    function _token(uint256 i) private view returns (CurrencyToken) {
        return CurrencyToken(bank.tokenOf(currencies[i]));
    }

    function invariant_I1_balancesAddUpToTheSupply() public view {
        for (uint256 i = 0; i < currencies.length; ++i) {
            uint256 sum;
            for (uint256 j = 0; j < bank.accountCount(); ++j) {
                sum += _token(i).balanceOf(bank.accounts(j));
            }
            assertEq(sum, _token(i).totalSupply());
            assertEq(sum, bank.supplies(address(_token(i))));
        }
    }

    function invariant_I2_noMintLeavesTheSupplyAboveFreshReserves() public view {
        assertEq(bank.mintsAboveReserves(), 0);
        for (uint256 i = 0; i < currencies.length; ++i) {
            assertLe(_token(i).totalSupply(), bank.attestedAtMint(currencies[i]));
        }
    }

    function invariant_I5_noLimitIsExceededInAnyWindow() public view {
        assertEq(bank.limitBreaches(), 0);
    }

    function invariant_I6_aFrozenAccountLosesByCourtOrderOnly() public view {
        assertEq(bank.frozenLosses(), 0);
    }

    function invariant_I7_anOrderExecutesAtMostOnce() public view {
        assertEq(bank.doubleExecutions(), 0);
        assertEq(bank.executedAfterRejection(), 0);
    }

    function invariant_I9_onlyRoleHoldersChangeRoles() public view {
        assertEq(bank.powersUsurped(), 0);
        assertTrue(bank.rolesAreAsGranted());
    }

    function invariant_I10_everyHeadIsThatOfTheReplay() public view {
        assertEq(bank.transfersWithoutEntry(), 0);
        for (uint256 i = 0; i < currencies.length; ++i) {
            for (uint256 j = 0; j < bank.accountCount(); ++j) {
                _compare(_token(i), bank.accounts(j));
            }
        }
    }

    function _compare(CurrencyToken token, address account) private view {
        (uint256 balance, uint64 seq, bytes32 head) = token.accountState(account);
        (uint256 bookBalance, uint64 bookSeq, bytes32 bookHead) = bank.books(
            address(token),
            account
        );
        assertEq(balance, bookBalance);
        assertEq(seq, bookSeq);
        assertEq(head, bookHead);
    }

    function invariant_I11_nothingMovesThatAPauseStops() public view {
        assertEq(bank.pausedMovements(), 0);
    }

    /// @notice Runs after each sequence: one that got little done would prove little.
    function afterInvariant() public view {
        assertGt(bank.calls(), 0, "nothing was called");
        if (bank.calls() >= CALLS_ENOUGH) assertGe(bank.kindsDone(), KINDS_ENOUGH);
    }

    /// @notice One long sequence of our own, which must reach every kind of call and every kind of movement.
    function test_theHandlerReachesEverything() public {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i = 0; i < 1500; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("sequence", i)));
            (bool success, bytes memory failure) = address(bank).call(
                abi.encodeWithSelector(selectors[seed % selectors.length], seed >> 8)
            );
            assertEq(failure, "");
            assertTrue(success);
        }
        string[26] memory names = [
            "pay",
            "meet a limit",
            "pay in a batch",
            "reject",
            "submit a rejected order",
            "submit an executed order",
            "refund",
            "redeem",
            "cancel",
            "transfer",
            "escrow in",
            "escrow out",
            "court order",
            "seizure",
            "propose a mint",
            "approve a mint",
            "decline a mint",
            "attest less than the supply",
            "freeze",
            "unfreeze",
            "recover",
            "set a price",
            "pass time",
            "usurp",
            "pause",
            "unpause"
        ];
        assertEq(bank.kindsDone(), names.length);
        for (uint256 i = 0; i < names.length; ++i) {
            assertGt(bank.done(names[i]), 0, string.concat("never reached: ", names[i]));
        }
        MovementKind[9] memory kinds = [
            MovementKind.Mint,
            MovementKind.Redemption,
            MovementKind.Payment,
            MovementKind.Refund,
            MovementKind.Direct,
            MovementKind.CourtOrder,
            MovementKind.Recovery,
            MovementKind.EscrowIn,
            MovementKind.EscrowOut
        ];
        for (uint256 i = 0; i < kinds.length; ++i) assertGt(bank.replayed(kinds[i]), 0);
        invariant_I1_balancesAddUpToTheSupply();
        invariant_I2_noMintLeavesTheSupplyAboveFreshReserves();
        invariant_I5_noLimitIsExceededInAnyWindow();
        invariant_I6_aFrozenAccountLosesByCourtOrderOnly();
        invariant_I7_anOrderExecutesAtMostOnce();
        invariant_I9_onlyRoleHoldersChangeRoles();
        invariant_I10_everyHeadIsThatOfTheReplay();
        invariant_I11_nothingMovesThatAPauseStops();
    }
}
