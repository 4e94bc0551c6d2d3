// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Batch} from "../../../contracts/Batch.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {IIssuance, RedemptionOrder} from "../../../contracts/money/IIssuance.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {IPayments, PaymentOrder} from "../../../contracts/payments/IPayments.sol";
import {Customers} from "../support/Customers.sol";
import {GasBurner, ReturnBomb} from "../support/Wallets.sol";

/// @notice A target that fails with a long reason, and refuses to reject or does so silently.
contract LongReason {
    bool private rejects;

    constructor(bool rejects_) {
        rejects = rejects_;
    }

    function fail(uint256 size) external pure {
        assembly {
            revert(0x80, size)
        }
    }

    function reject(bytes calldata, bytes calldata) external view {
        require(rejects);
    }
}

contract BatchTest is Customers {
    uint256 private constant GAS = 30_000_000;

    Batch.Item[] private items;

    function _add(PaymentOrder memory order, uint256 key) private {
        items.push(
            Batch.Item(
                address(payments),
                abi.encodeCall(IPayments.pay, (order, _signedPayment(order, key)))
            )
        );
    }

    function _execute() private returns (bool[] memory succeeded, bytes[] memory results) {
        Batch.Item[] memory given = items;
        vm.prank(relayer);
        return batch.execute{gas: GAS}(given);
    }

    // --- who and where ---

    function test_execute_isForTheRelayer() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        batch.execute(items);
        _execute();
    }

    function test_setTarget() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        batch.setTarget(address(euro), true);
        assertFalse(batch.isTarget(address(euro)));
        vm.startPrank(governor);
        vm.expectEmit(address(batch));
        emit Batch.TargetSet(address(euro), true);
        batch.setTarget(address(euro), true);
        assertTrue(batch.isTarget(address(euro)));
        batch.setTarget(address(euro), false);
        assertFalse(batch.isTarget(address(euro)));
        vm.stopPrank();
    }

    function test_aTargetThatIsNotAllowedUndoesTheBatch() public {
        _add(_payment(1), aliceKey);
        items.push(Batch.Item(address(euro), abi.encodeCall(euro.transfer, (bob, 1))));
        Batch.Item[] memory given = items;
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Batch.TargetNotAllowed.selector, address(euro)));
        batch.execute(given);
        assertFalse(payments.nonceUsed(alice, 1));
    }

    function test_theRelayerCannotVoidAnOrderThatHasNotFailed() public {
        _add(_payment(1), aliceKey);
        bytes memory callData = abi.encodeCall(ISignedOrders.reject, (items[0].data, "made up"));
        items.push(Batch.Item(address(payments), callData));
        Batch.Item[] memory given = items;
        vm.prank(relayer);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignedOrders.UnknownOrder.selector,
                ISignedOrders.reject.selector
            )
        );
        batch.execute(given);
        assertFalse(payments.nonceUsed(alice, 1));
    }

    // --- isolation ---

    function test_eachItemIsIsolatedFromItsNeighbours() public {
        _add(_payment(0), aliceKey);
        // Too much.
        PaymentOrder memory order = _payment(1);
        order.amount = 2_000_000;
        _add(order, aliceKey);
        // No order at all. They stand before the next one, which asks an account without code whether it
        // is a wallet: Hardhat explains an empty revert that comes after such a question.
        items.push(Batch.Item(address(payments), hex"deadbeef"));
        items.push(Batch.Item(address(payments), ""));
        // Not signed by the payer.
        _add(_payment(2), bobKey);
        // The same order twice.
        _add(_payment(0), aliceKey);
        // Late.
        order = _payment(3);
        order.deadline = uint64(START - 1);
        _add(order, aliceKey);
        // To nobody that is known.
        order = _payment(4);
        order.payee = stranger;
        _add(order, aliceKey);
        RedemptionOrder memory redemption = _redemption(alice, 0);
        items.push(
            Batch.Item(
                address(issuance),
                abi.encodeCall(
                    IIssuance.redeem,
                    (redemption, _signedRedemption(redemption, aliceKey))
                )
            )
        );
        _add(_payment(5), aliceKey);

        (bool[] memory succeeded, bytes[] memory results) = _execute();
        bool[10] memory expected;
        (expected[0], expected[8], expected[9]) = (true, true, true);
        for (uint256 i = 0; i < expected.length; ++i) assertEq(succeeded[i], expected[i]);
        assertEq(results[0], abi.encode(_paymentDigest(_payment(0))));
        assertEq(results[8], abi.encode(_redemptionDigest(redemption)));
        _checkReasons(results);
        assertEq(euro.balanceOf(bob), 1_000_000 + 2 * 1234);
        assertEq(euro.balanceOf(alice), 1_000_000 - 2 * 1234 - 500);
        _checkNonces();
    }

    function _checkReasons(bytes[] memory results) private view {
        assertEq(
            results[1],
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                1_000_000 - 1234,
                2_000_000
            )
        );
        bytes memory invalid = abi.encodeWithSelector(
            ISignedOrders.InvalidSignature.selector,
            alice
        );
        assertEq(results[4], invalid);
        assertEq(
            results[5],
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 0)
        );
        assertEq(
            results[6],
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        assertEq(results[2], "");
        assertEq(results[3], "");
        assertEq(
            results[7],
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
    }

    /// @dev Whatever its signer signed and failed is void; what nobody signed is not.
    function _checkNonces() private view {
        bool[6] memory used = [true, true, false, true, true, true];
        bool[6] memory voided = [false, true, false, true, true, false];
        for (uint256 nonce = 0; nonce < used.length; ++nonce) {
            assertEq(payments.nonceUsed(alice, nonce), used[nonce]);
            assertEq(payments.nonceVoided(alice, nonce), voided[nonce]);
        }
    }

    function test_aRejectedOrderNeverExecutesLater() public {
        PaymentOrder memory order = _payment(1);
        order.amount = 2_000_000;
        bytes memory signature = _signedPayment(order, aliceKey);
        _add(order, aliceKey);
        bytes memory reason = abi.encodeWithSelector(
            IERC20Errors.ERC20InsufficientBalance.selector,
            alice,
            1_000_000,
            2_000_000
        );
        vm.expectEmit(address(payments));
        emit ISignedOrders.OrderRejected(_paymentDigest(order), order.reference_, alice, 1, reason);
        _execute();
        // Now there would be enough.
        _give(alice, EUR, 5_000_000);
        bytes memory used = abi.encodeWithSelector(
            ISignedOrders.NonceAlreadyUsed.selector,
            alice,
            1
        );
        vm.expectRevert(used);
        payments.pay(order, signature);
        vm.expectEmit(address(batch));
        emit Batch.ItemFailed(0, address(payments), used);
        (bool[] memory succeeded, ) = _execute();
        assertFalse(succeeded[0]);
        assertEq(euro.balanceOf(bob), 1_000_000);
    }

    function test_anItemThatNobodySignedIsReported() public {
        _add(_payment(0), bobKey);
        vm.expectEmit(address(batch));
        emit Batch.ItemFailed(
            0,
            address(payments),
            abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice)
        );
        _execute();
        assertFalse(payments.nonceUsed(alice, 0));
    }

    // --- gas ---

    function test_aWalletThatBurnsGasHurtsNoNeighbour() public {
        address burner = address(new GasBurner());
        address bomb = address(new ReturnBomb());
        PaymentOrder memory order = _payment(1);
        order.payer = burner;
        _add(order, aliceKey);
        order.payer = bomb;
        _add(order, aliceKey);
        _add(_payment(2), aliceKey);
        uint256 before = gasleft();
        (bool[] memory succeeded, ) = _execute();
        uint256 spent = before - gasleft();
        assertFalse(succeeded[0]);
        assertFalse(succeeded[1]);
        assertTrue(succeeded[2]);
        assertLt(spent, 5 * batch.ITEM_GAS(), "an item costs its share twice at most");
        assertEq(euro.balanceOf(bob), 1_000_000 + 1234);
    }

    function test_tooLittleGasIsNeverABusinessRefusal() public {
        for (uint256 i = 0; i < 3; ++i) _add(_payment(i), aliceKey);
        Batch.Item[] memory given = items;
        // From far too little to enough, in steps as small as an item is.
        for (uint256 gas = 100_000; gas < 2_000_000; gas += 25_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(relayer);
            (bool done, bytes memory result) = address(batch).call{gas: gas}(
                abi.encodeCall(batch.execute, (given))
            );
            if (done) {
                (bool[] memory succeeded, ) = abi.decode(result, (bool[], bytes[]));
                for (uint256 i = 0; i < 3; ++i) assertTrue(succeeded[i]);
            } else {
                if (result.length != 0) assertEq(bytes4(result), Batch.NotEnoughGas.selector);
                for (uint256 i = 0; i < 3; ++i) assertFalse(payments.nonceUsed(alice, i));
            }
            vm.revertToState(snapshot);
        }
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Batch.NotEnoughGas.selector, 0));
        batch.execute{gas: 2 * 600_000}(given);
        _execute();
    }

    function test_longDataCannotStarveAnOrder() public {
        // The order is sound, but followed by so many bytes that copying them costs more than the order.
        _add(_payment(1), aliceKey);
        items[0].data = bytes.concat(items[0].data, new bytes(400_000));
        Batch.Item[] memory given = items;
        uint256 accepted;
        for (uint256 gas = 2_000_000; gas < 34_000_000; gas += 1_000_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(relayer);
            (bool done, ) = address(batch).call{gas: gas}(abi.encodeCall(batch.execute, (given)));
            assertEq(payments.nonceUsed(alice, 1), done);
            assertFalse(payments.nonceVoided(alice, 1));
            if (done) ++accepted;
            vm.revertToState(snapshot);
        }
        assertGt(accepted, 0);
    }

    function test_aFailingItemStillHasTheGasToBeVoided() public {
        // Whatever gas the batch accepts is enough to void an order that burnt its share.
        address burner = address(new GasBurner());
        PaymentOrder memory order = _payment(1);
        order.payer = burner;
        _add(order, aliceKey);
        order = _payment(2);
        order.amount = 2_000_000;
        _add(order, aliceKey);
        Batch.Item[] memory given = items;
        uint256 enough;
        for (uint256 gas = 1_300_000; gas < 4_000_000; gas += 50_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(relayer);
            (bool done, ) = address(batch).call{gas: gas}(abi.encodeCall(batch.execute, (given)));
            if (done) {
                ++enough;
                assertTrue(payments.nonceVoided(alice, 2));
            }
            vm.revertToState(snapshot);
        }
        assertGt(enough, 0);
    }

    // --- reasons ---

    function test_reasonsAreCut() public {
        address target = address(new LongReason(false));
        address silent = address(new LongReason(true));
        vm.startPrank(governor);
        batch.setTarget(target, true);
        batch.setTarget(silent, true);
        vm.stopPrank();
        items.push(Batch.Item(target, abi.encodeCall(LongReason.fail, (1024))));
        items.push(Batch.Item(target, abi.encodeCall(LongReason.fail, (5000))));
        items.push(Batch.Item(silent, abi.encodeCall(LongReason.fail, (5000))));
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(batch));
            emit Batch.ItemFailed(i, target, new bytes(1024));
        }
        (bool[] memory succeeded, bytes[] memory results) = _execute();
        for (uint256 i = 0; i < 3; ++i) {
            assertFalse(succeeded[i]);
            assertEq(results[i].length, 1024);
        }
    }
}
