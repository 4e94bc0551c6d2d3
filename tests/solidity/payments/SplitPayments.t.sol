// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Batch} from "../../../contracts/Batch.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ISplitPayments, SplitOrder} from "../../../contracts/payments/ISplitPayments.sol";
import {SplitPayments} from "../../../contracts/payments/SplitPayments.sol";
import {
    ITransferPolicy,
    LimitRule,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract SplitPaymentsTest is Customers {
    SplitPayments private splits;
    address private carol;
    uint256 private nonces;

    function setUp() public override {
        super.setUp();
        splits = new SplitPayments(policy, address(batch), address(manager));
        (carol, ) = makeAccount("carol");
        _register(carol, 2, GERMANY);
        MovementKind[] memory kinds = new MovementKind[](1);
        kinds[0] = MovementKind.Payment;
        vm.startPrank(governor);
        euro.setMover(address(splits), kinds);
        batch.setTarget(address(splits), true);
        vm.stopPrank();
    }

    function test_everyReceiverIsPaidAndTheEventSaysWhom() public {
        SplitOrder memory order = _order(bob, carol);
        (uint256 payer, uint256 bobs) = (euro.balanceOf(alice), euro.balanceOf(bob));
        bytes32 id = splits.splitId(order);
        bytes memory signature = signDigest(aliceKey, id);
        vm.expectEmit(address(splits));
        emit ISplitPayments.SplitSettled(
            id,
            "split",
            alice,
            "invoice",
            EUR,
            1_250,
            order.receivers,
            order.amounts,
            "tip"
        );
        assertEq(splits.paySplit(order, signature), id);
        assertEq(payer - euro.balanceOf(alice), 1_250);
        assertEq(euro.balanceOf(bob) - bobs, 1_000);
        assertEq(euro.balanceOf(carol), 250);
        assertEq(splits.paidBy(bob, EUR, 1_000, "invoice"), id);
        assertEq(splits.paidBy(carol, EUR, 250, "invoice"), bytes32(0));
    }

    function test_whoAskedMayGetASecondPartSuchAsATip() public {
        SplitOrder memory order = _order(bob, bob);
        uint256 had = euro.balanceOf(bob);
        _pay(order);
        assertEq(euro.balanceOf(bob) - had, 1_250);
    }

    function test_whatWasAskedForIsPaidOnceWhateverElseIsPaidWithIt() public {
        _pay(_order(bob, carol));
        SplitOrder memory again = _order(bob, bob);
        again.amounts[1] = 1;
        bytes memory why = abi.encodeWithSelector(
            ISplitPayments.InvoiceAlreadyPaid.selector,
            bob,
            bytes32("invoice")
        );
        _refused(again, why);
        // The same by another payer.
        again.payer = bob;
        again.receivers[0] = alice;
        again.receivers[1] = alice;
        splits.paySplit(again, signDigest(bobKey, splits.splitId(again)));
        // Another amount, receiver or invoice is another thing to pay.
        SplitOrder memory other = _order(bob, carol);
        other.amounts[0] = 999;
        _pay(other);
        _pay(_order(carol, bob));
        other = _order(bob, carol);
        other.invoice = "another";
        _pay(other);
    }

    function test_eightArePaidAndOneMoreIsRefused() public {
        _refused(
            _wide(0),
            abi.encodeWithSelector(ISplitPayments.InvalidSplit.selector, uint256(0), uint256(0))
        );
        SplitOrder memory order = _wide(8);
        for (uint256 i = 0; i < 8; ++i) _register(order.receivers[i], 2, GERMANY);
        uint256 had = euro.balanceOf(alice);
        _pay(order);
        assertEq(had - euro.balanceOf(alice), 8);
        assertEq(euro.balanceOf(order.receivers[7]), 1);
        _refused(
            _wide(9),
            abi.encodeWithSelector(ISplitPayments.InvalidSplit.selector, uint256(9), uint256(9))
        );
        order = _wide(3);
        order.amounts = new uint64[](2);
        _refused(
            order,
            abi.encodeWithSelector(ISplitPayments.InvalidSplit.selector, uint256(3), uint256(2))
        );
    }

    function test_splitsThatCannotBe() public {
        SplitOrder memory order = _order(bob, carol);
        order.amounts[1] = 0;
        _refused(order, abi.encodeWithSelector(ISplitPayments.ZeroAmount.selector));
        order = _order(bob, alice);
        _refused(order, abi.encodeWithSelector(ISplitPayments.SelfPayment.selector, alice));
        order = _order(bob, carol);
        order.invoice = "";
        _refused(order, abi.encodeWithSelector(ISplitPayments.InvoiceMissing.selector));
        order = _order(bob, carol);
        order.currency = "XXX";
        _refused(
            order,
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("XXX"))
        );
        order = _order(bob, carol);
        order.deadline = uint64(block.timestamp - 1);
        _refused(
            order,
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, order.deadline)
        );
        order = _order(bob, carol);
        bytes memory signature = signDigest(bobKey, splits.splitId(order));
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        splits.paySplit(order, signature);
    }

    function test_anotherDivisionThanTheSignedOneIsSignedByNobody() public {
        SplitOrder memory order = _order(bob, carol);
        bytes memory signature = signDigest(aliceKey, splits.splitId(order));
        (order.amounts[0], order.amounts[1]) = (250, 1_000);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        splits.paySplit(order, signature);
        order = _order(bob, carol);
        signature = signDigest(aliceKey, splits.splitId(order));
        (order.receivers[0], order.receivers[1]) = (carol, bob);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));
        splits.paySplit(order, signature);
    }

    function test_nobodyIsPaidWhenOneCannotBe() public {
        SplitOrder memory order = _order(bob, carol);
        uint256 had = euro.balanceOf(alice);
        _freeze(carol);
        _refused(order, abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, carol));
        order.receivers[1] = bob;
        order.amounts[1] = uint64(had);
        _refused(
            order,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                alice,
                had - 1_000,
                had
            )
        );
        assertEq(euro.balanceOf(alice), had);
        assertEq(splits.paidBy(bob, EUR, 1_000, "invoice"), bytes32(0));
    }

    function test_thePayersLimitsHoldForAllPartsTogether() public {
        _setLimits(2, TierLimits(1_000, 1_200, NO_LIMIT, NO_LIMIT));
        SplitOrder memory order = _order(bob, carol);
        _refused(
            order,
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                LimitRule.Day,
                uint256(1_200),
                uint256(1_000),
                uint256(250),
                // A day after the piece of it in which the money left is over.
                uint64(START + 92_160)
            )
        );
        order.amounts[1] = 200;
        _pay(order);
    }

    function test_anOrderInABatchIsVoidedWhenItFails() public {
        SplitOrder memory order = _order(bob, stranger);
        bytes memory signature = signDigest(aliceKey, splits.splitId(order));
        Batch.Item[] memory items = new Batch.Item[](1);
        items[0] = Batch.Item(address(splits), abi.encodeCall(splits.paySplit, (order, signature)));
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        assertFalse(succeeded[0]);
        assertTrue(splits.nonceVoided(alice, nonces));
        vm.prank(address(batch));
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.UnknownOrder.selector, bytes4("none"))
        );
        splits.reject("none", "");
    }

    function testFuzz_nothingIsLostOnTheWay(uint64[8] memory amounts, uint8 count) public {
        count = uint8(bound(count, 1, 8));
        SplitOrder memory order = _wide(count);
        uint256 total;
        for (uint256 i = 0; i < count; ++i) {
            order.receivers[i] = i % 2 == 0 ? bob : carol;
            order.amounts[i] = uint64(bound(amounts[i], 1, 100_000));
            total += order.amounts[i];
        }
        (uint256 payer, uint256 others) = (
            euro.balanceOf(alice),
            euro.balanceOf(bob) + euro.balanceOf(carol)
        );
        _pay(order);
        assertEq(payer - euro.balanceOf(alice), total);
        assertEq(euro.balanceOf(bob) + euro.balanceOf(carol) - others, total);
    }

    function test_whatIsSignedIsWhatTheInterfaceSays() public {
        SplitOrder memory order = _order(bob, carol);
        bytes32 typehash = keccak256(
            "Split(address payer,string currency,bytes32 invoice,address[] receivers,uint64[] amounts,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        bytes memory words = abi.encode(
            typehash,
            alice,
            keccak256("EUR"),
            order.invoice,
            keccak256(abi.encode(bob, carol)),
            keccak256(abi.encode(uint256(1_000), uint256(250))),
            order.details,
            order.reference_,
            order.nonce,
            order.deadline
        );
        assertEq(splits.splitId(order), _digest(address(splits), keccak256(words)));
    }

    /// @dev Alice pays 10.00 to one and 2.50 to the other.
    function _order(address one, address other) private returns (SplitOrder memory order) {
        order = _wide(2);
        (order.receivers[0], order.receivers[1]) = (one, other);
        (order.amounts[0], order.amounts[1]) = (1_000, 250);
    }

    /// @dev One cent to each of so many.
    function _wide(uint256 count) private returns (SplitOrder memory order) {
        address[] memory receivers = new address[](count);
        uint64[] memory amounts = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            (receivers[i], amounts[i]) = (makeAddr(string.concat("friend ", vm.toString(i))), 1);
        }
        order = SplitOrder({
            payer: alice,
            currency: EUR,
            invoice: "invoice",
            receivers: receivers,
            amounts: amounts,
            details: "tip",
            reference_: "split",
            nonce: ++nonces,
            deadline: uint64(block.timestamp + 1 days)
        });
    }

    function _pay(SplitOrder memory order) private {
        splits.paySplit(order, signDigest(aliceKey, splits.splitId(order)));
    }

    function _refused(SplitOrder memory order, bytes memory why) private {
        bytes memory signature = signDigest(aliceKey, splits.splitId(order));
        vm.expectRevert(why);
        splits.paySplit(order, signature);
    }
}
