// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {ITransferPolicy, TierLimits} from "../../../contracts/policy/ITransferPolicy.sol";
import {PolicyBound} from "../../../contracts/policy/PolicyBound.sol";
import {TransferPolicy} from "../../../contracts/policy/TransferPolicy.sol";
import {Customers} from "../support/Customers.sol";
import {Vm} from "../support/Vm.sol";

/// @notice A policy that allows everything, to see what the token itself refuses.
contract NoPolicy {
    function consume(address, address, uint256, MovementKind) external {}
}

contract CurrencyTokenTest is Customers {
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");

    bytes private unauthorized = abi.encodeWithSelector(
        IAccessManaged.AccessManagedUnauthorized.selector,
        stranger
    );

    function _head(
        bytes32 before,
        uint64 seq,
        MovementKind kind,
        address from,
        address to,
        uint256 value,
        bytes32 ref
    ) private pure returns (bytes32) {
        return bytes19(keccak256(abi.encode(before, seq, uint8(kind), from, to, value, ref)));
    }

    // --- what it is ---

    function test_metadata() public view {
        assertEq(euro.name(), "Euro");
        assertEq(euro.symbol(), "EUR");
        assertTrue(euro.currency() == bytes3("EUR"));
        assertEq(euro.decimals(), 2);
        assertEq(tokens[JPY].decimals(), 0);
        assertEq(tokens[BHD].decimals(), 3);
        assertEq(euro.totalSupply(), 2_000_000);
        assertEq(euro.MAX_SUPPLY(), uint256(uint64(type(int64).max)));
    }

    function test_thereAreNoAllowances() public {
        vm.startPrank(alice);
        vm.expectRevert(ICurrencyToken.ApprovalsDisabled.selector);
        euro.approve(bob, 1);
        vm.expectRevert(ICurrencyToken.ApprovalsDisabled.selector);
        euro.transferFrom(alice, bob, 1);
        vm.stopPrank();
        assertEq(euro.allowance(alice, bob), 0);
        assertEq(euro.allowance(alice, alice), 0);
    }

    // --- transfer ---

    function test_transfer_refuses() public {
        vm.startPrank(alice);
        vm.expectRevert(ICurrencyToken.ZeroAmount.selector);
        euro.transfer(bob, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        euro.transfer(address(0), 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                1_000_000,
                1_000_001
            )
        );
        euro.transfer(bob, 1_000_001);
        vm.stopPrank();
    }

    function test_transfer_moves() public {
        (, , bytes32 aliceHead) = euro.accountState(alice);
        (, , bytes32 bobHead) = euro.accountState(bob);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(alice, bob, 400_000);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(0, MovementKind.Direct, 2, 2);
        vm.prank(alice);
        assertTrue(euro.transfer(bob, 400_000));

        (uint256 balance, uint64 seq, bytes32 head) = euro.accountState(alice);
        assertEq(balance, 600_000);
        assertEq(euro.balanceOf(alice), 600_000);
        assertEq(seq, 2);
        assertEq(head, _head(aliceHead, 2, MovementKind.Direct, alice, bob, 400_000, 0));
        (balance, seq, head) = euro.accountState(bob);
        assertEq(balance, 1_400_000);
        assertEq(seq, 2);
        assertEq(head, _head(bobHead, 2, MovementKind.Direct, alice, bob, 400_000, 0));
        assertEq(euro.totalSupply(), 2_000_000);
    }

    // --- what an account keeps, in one word ---

    /// @dev Sets balance, number of entries and head as if so much had happened.
    function _setWord(address account, uint64 balance, uint40 entries, bytes19 head) private {
        bytes32 slot = keccak256(abi.encode(account, uint256(2)));
        uint256 word = (uint256(entries) << 64) | balance;
        vm.store(address(euro), slot, bytes32(word) | bytes32(head));
        (uint256 held, uint64 seq, bytes32 kept) = euro.accountState(account);
        assertEq(held, balance);
        assertEq(seq, entries);
        assertEq(kept, bytes32(head));
    }

    function testFuzz_transfer_changesEachPartOfTheWordByItself(
        uint64 held,
        uint40 entries,
        bytes19 head,
        uint64 value
    ) public {
        held = uint64(bound(held, 1, euro.MAX_SUPPLY()));
        entries = uint40(bound(entries, 0, type(uint40).max - 1));
        value = uint64(bound(value, 1, held));
        _setLimits(2, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT));
        _setWord(alice, held, entries, head);
        _setWord(bob, uint64(euro.MAX_SUPPLY()) - held, entries, ~head);
        vm.prank(alice);
        euro.transfer(bob, value);
        uint64 seq = uint64(entries) + 1;
        (uint256 left, uint64 number, bytes32 next) = euro.accountState(alice);
        assertEq(left, held - value);
        assertEq(number, seq);
        assertEq(next, _head(head, seq, MovementKind.Direct, alice, bob, value, 0));
        (left, number, next) = euro.accountState(bob);
        assertEq(left, euro.MAX_SUPPLY() - held + value);
        assertEq(number, seq);
        assertEq(next, _head(~head, seq, MovementKind.Direct, alice, bob, value, 0));
    }

    function test_transfer_withAFullHistory_isRefused() public {
        uint40 last = type(uint40).max;
        address[2] memory accounts = [alice, bob];
        for (uint256 i = 0; i < accounts.length; ++i) {
            uint256 before = vm.snapshotState();
            _setWord(accounts[i], 1_000_000, last - 1, "head");
            vm.startPrank(alice);
            euro.transfer(bob, 1);
            (, uint64 seq, ) = euro.accountState(accounts[i]);
            assertEq(seq, last);
            vm.expectRevert(
                abi.encodeWithSelector(ICurrencyToken.HistoryFull.selector, accounts[i])
            );
            euro.transfer(bob, 1);
            vm.stopPrank();
            vm.revertToState(before);
        }
    }

    function test_transfer_toOneselfIsTwoEntriesAndNoChange() public {
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(0, MovementKind.Direct, 2, 3);
        vm.prank(alice);
        euro.transfer(alice, 1_000_000);
        (uint256 balance, uint64 seq, ) = euro.accountState(alice);
        assertEq(balance, 1_000_000);
        assertEq(seq, 3);
    }

    // --- move ---

    function test_move_recordsItsReference() public {
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded("ref", MovementKind.Refund, 2, 2);
        vm.prank(mover);
        euro.move(alice, bob, 1, MovementKind.Refund, "ref");
    }

    // --- mint and burn ---

    function test_mint_refuses() public {
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.mint(alice, 1, "ref");
        vm.startPrank(address(issuance));
        vm.expectRevert(ICurrencyToken.ZeroAmount.selector);
        euro.mint(alice, 0, "ref");
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        euro.mint(address(0), 1, "ref");
        uint256 room = euro.MAX_SUPPLY() - 2_000_000;
        vm.expectRevert(
            abi.encodeWithSelector(
                ICurrencyToken.SupplyTooLarge.selector,
                2_000_000,
                room + 1,
                euro.MAX_SUPPLY()
            )
        );
        euro.mint(alice, room + 1, "ref");
        euro.mint(alice, room, "ref");
        vm.stopPrank();
        assertEq(euro.totalSupply(), euro.MAX_SUPPLY());
    }

    function test_mint_addsToSupplyAndHistory() public {
        (, , bytes32 before) = euro.accountState(alice);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(address(0), alice, 5);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded("ref", MovementKind.Mint, 0, 2);
        vm.prank(address(issuance));
        euro.mint(alice, 5, "ref");
        (uint256 balance, , bytes32 head) = euro.accountState(alice);
        assertEq(balance, 1_000_005);
        assertEq(head, _head(before, 2, MovementKind.Mint, address(0), alice, 5, "ref"));
        assertEq(euro.totalSupply(), 2_000_005);
    }

    function test_burn_refuses() public {
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.burn(alice, 1, "ref");
        vm.startPrank(address(issuance));
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidSender.selector, address(0))
        );
        euro.burn(address(0), 1, "ref");
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                1_000_000,
                1_000_001
            )
        );
        euro.burn(alice, 1_000_001, "ref");
        vm.stopPrank();
    }

    function test_burn_takesFromSupplyAndAddsToHistory() public {
        (, , bytes32 before) = euro.accountState(alice);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(alice, address(0), 5);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded("ref", MovementKind.Redemption, 2, 0);
        vm.prank(address(issuance));
        euro.burn(alice, 5, "ref");
        (uint256 balance, uint64 seq, bytes32 head) = euro.accountState(alice);
        assertEq(balance, 999_995);
        assertEq(seq, 2);
        assertEq(head, _head(before, 2, MovementKind.Redemption, alice, address(0), 5, "ref"));
        assertEq(euro.totalSupply(), 1_999_995);
    }

    // --- court orders ---

    function test_courtTransfer_refuses() public {
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.courtTransfer(alice, bob, 1, "order");
        vm.startPrank(court);
        vm.expectRevert(ICurrencyToken.CourtOrderReferenceMissing.selector);
        euro.courtTransfer(alice, bob, 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidSender.selector, address(0))
        );
        euro.courtTransfer(address(0), bob, 1, "order");
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        euro.courtTransfer(alice, address(0), 1, "order");
        euro.courtTransfer(alice, bob, 1, "order");
        vm.expectRevert(
            abi.encodeWithSelector(
                ICurrencyToken.CourtOrderAlreadyExecuted.selector,
                bytes32("order")
            )
        );
        euro.courtTransfer(alice, bob, 1, "order");
        vm.stopPrank();
    }

    function test_courtTransfer_takesFromAFrozenAccount() public {
        _freeze(alice);
        assertFalse(euro.courtOrderExecuted("order"));
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(alice, bob, 900_000);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded("order", MovementKind.CourtOrder, 2, 2);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.CourtOrderExecuted("order", alice, bob, 900_000, court);
        vm.prank(court);
        euro.courtTransfer(alice, bob, 900_000, "order");
        assertTrue(euro.courtOrderExecuted("order"));
        assertEq(euro.balanceOf(alice), 100_000);
    }

    // --- recovery ---

    function test_moveAccount_movesAllOrNothing() public {
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.moveAccount(alice, bob);
        address successor = makeAddr("successor");
        vm.recordLogs();
        vm.prank(address(recovery));
        euro.moveAccount(successor, stranger);
        assertEq(vm.getRecordedLogs().length, 0, "there was nothing to move");
        bytes32 ref = keccak256(abi.encode(alice, successor));
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(ref, MovementKind.Recovery, 2, 1);
        vm.prank(address(recovery));
        euro.moveAccount(alice, successor);
        assertEq(euro.balanceOf(alice), 0);
        assertEq(euro.balanceOf(successor), 1_000_000);
    }

    // --- the policy can be replaced ---

    function test_setPolicy() public {
        vm.prank(stranger);
        vm.expectRevert(unauthorized);
        euro.setPolicy(policy);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(PolicyBound.InvalidPolicy.selector, stranger));
        euro.setPolicy(TransferPolicy(stranger));
        ITransferPolicy replacement = ITransferPolicy(address(new NoPolicy()));
        vm.expectEmit(address(euro));
        emit PolicyBound.PolicyReplaced(address(policy), address(replacement));
        euro.setPolicy(replacement);
        vm.stopPrank();
        assertEq(address(euro.policy()), address(replacement));
        vm.prank(alice);
        euro.transfer(stranger, 1);
        assertEq(euro.balanceOf(stranger), 1);
    }

    function test_everyTransferIsFollowedByItsEntry() public {
        vm.recordLogs();
        vm.prank(alice);
        euro.transfer(bob, 1);
        vm.prank(court);
        euro.courtTransfer(bob, alice, 1, "order");
        vm.prank(address(issuance));
        euro.burn(bob, 1, "ref");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 transfers;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != TRANSFER) continue;
            ++transfers;
            assertEq(logs[i + 1].topics[0], ICurrencyToken.EntryRecorded.selector);
        }
        assertEq(transfers, 3);
    }
}
