// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../../../contracts/Batch.sol";
import {
    ICrossBorder,
    RecallOrder,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {Abroad} from "./Abroad.sol";

/// @notice Transfers in batches: isolated from one another, and voided when they fail.
contract BatchedTest is Abroad {
    Batch.Item[] private items;

    function _add(bytes memory data) private {
        items.push(Batch.Item(address(abroad), data));
    }

    function _transferData(Signed memory s) private pure returns (bytes memory) {
        return
            abi.encodeCall(
                ICrossBorder.transfer,
                (s.order, s.signature, s.quote, s.quoteSignature)
            );
    }

    function _holdData(Signed memory s) private pure returns (bytes memory) {
        return abi.encodeCall(ICrossBorder.hold, (s.order, s.signature, s.quote, s.quoteSignature));
    }

    function _execute() private returns (bool[] memory succeeded, bytes[] memory results) {
        Batch.Item[] memory given = items;
        vm.prank(relayer);
        return batch.execute{gas: 30_000_000}(given);
    }

    function test_batch_isolatesItsTransfers_andVoidsThoseThatFail() public {
        Signed memory good = _signed(1, 12_345);
        Signed memory frozen = _draft(2, 12_345);
        frozen.order.sender = bob;
        _sign(frozen);
        frozen.signature = signDigest(bobKey, _transferDigest(frozen.order));
        _freeze(bob);
        _add(_transferData(good));
        _add(_transferData(frozen));
        _add(_transferData(_signed(3, 12_345)));
        bytes memory reason = abi.encodeWithSelector(
            IIdentityRegistry.AccountIsFrozen.selector,
            bob
        );
        vm.expectEmit(address(abroad));
        emit ISignedOrders.OrderRejected(
            _transferDigest(frozen.order),
            frozen.order.reference_,
            bob,
            2,
            reason
        );
        (bool[] memory succeeded, bytes[] memory results) = _execute();
        assertTrue(succeeded[0] && !succeeded[1] && succeeded[2], "isolation");
        assertEq(results[0], abi.encode(_transferDigest(good.order)));
        assertEq(results[1], reason);
        assertTrue(abroad.nonceVoided(bob, 2), "the order could execute later");
        // The provider's quote was not used, and serves another order.
        assertFalse(abroad.nonceUsed(provider, 2));
        vm.prank(freezer);
        registry.unfreeze(bob, "reason");
        _refused(frozen, abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, bob, 2));
    }

    function test_hold_isForTheBatchOnly() public {
        Signed memory s = _signed(1, 12_345);
        address[3] memory callers = [stranger, relayer, reviewer];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(ISignedOrders.OnlyBatch.selector);
            abroad.hold(s.order, s.signature, s.quote, s.quoteSignature);
        }
        _add(_holdData(s));
        _execute();
        assertTrue(_stateOf(s.order) == TransferState.Held, "it is not held");
        assertFalse(abroad.reviewOf(_transferDigest(s.order)).twoReviewers);
    }

    function test_batch_voidsAHoldThatFails() public {
        Signed memory s = _signed(1, 12_345);
        _freeze(alice);
        _add(_holdData(s));
        (bool[] memory succeeded, ) = _execute();
        assertFalse(succeeded[0]);
        assertTrue(abroad.nonceVoided(alice, 1), "the order could execute later");
    }

    function test_batch_recalls_andVoidsARecallThatFails() public {
        TransferOrder memory order = _held(1);
        RecallOrder memory good = _recallOf(order, 2);
        RecallOrder memory late = _recallOf(order, 3);
        bytes memory data = abi.encodeCall(
            ICrossBorder.recall,
            (good, signDigest(aliceKey, _recallDigest(good)), order)
        );
        _add(data);
        _add(
            abi.encodeCall(
                ICrossBorder.recall,
                (late, signDigest(aliceKey, _recallDigest(late)), order)
            )
        );
        (bool[] memory succeeded, bytes[] memory results) = _execute();
        assertTrue(succeeded[0] && !succeeded[1], "isolation");
        assertEq(
            results[1],
            abi.encodeWithSelector(
                ICrossBorder.TransitionNotAllowed.selector,
                _transferDigest(order),
                TransferState.Recalled,
                TransferState.Recalled
            )
        );
        assertTrue(abroad.nonceVoided(alice, 3), "the recall could execute later");
        assertEq(euro.balanceOf(alice), 1_000_000);
    }

    function test_reject_knowsNoOtherOrders() public {
        bytes memory data = abi.encodeCall(ICrossBorder.refund, (_held(1)));
        vm.prank(address(batch));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignedOrders.UnknownOrder.selector,
                ICrossBorder.refund.selector
            )
        );
        abroad.reject(data, "");
    }
}
