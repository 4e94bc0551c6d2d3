// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    RecallOrder,
    Rounding,
    TransferOrder
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {Abroad} from "./Abroad.sol";

/// @notice What several tests of transfers abroad look at in the same way.
abstract contract AbroadChecks is Abroad {
    function _recallRefused(
        RecallOrder memory recall,
        uint256 key,
        TransferOrder memory order,
        bytes memory why
    ) internal {
        bytes memory signature = signDigest(key, _recallDigest(recall));
        vm.expectRevert(why);
        abroad.recall(recall, signature, order);
    }

    function _checkReturned() internal view {
        assertEq(euro.balanceOf(alice), 1_000_000);
        assertEq(euro.balanceOf(provider), 100_000_000);
        assertEq(tokens[USD].balanceOf(provider), 100_000_000);
        assertEq(tokens[USD].balanceOf(carol), 0);
        _checkNothingHeld();
    }

    function _checkNothingHeld() internal view {
        assertEq(abroad.escrowed(EUR), 0);
        assertEq(abroad.escrowed(USD), 0);
    }

    function _expectDone(Signed memory s, uint256 action) internal {
        (bool done, ) = _act(s, action);
        assertTrue(done, "the test could not bring about the state");
    }

    /// @dev The same refusal from `transfer` and from `preview`.
    function _refusedInBoth(Signed memory s, bytes memory why) internal {
        _refused(s, why);
        vm.expectRevert(why);
        abroad.preview(s.order, s.quote);
    }

    function _frozen(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account);
    }

    function _alterQuote(Signed memory s, uint256 field) internal view {
        if (field == 0) s.order.provider = bob;
        if (field == 1) s.order.sourceCurrency = CHF;
        if (field == 2) s.order.targetCurrency = CHF;
        if (field == 3) ++s.order.sourceAmount;
        if (field == 4) ++s.quote.fee;
        if (field == 5) --s.order.targetAmount;
        if (field == 6) ++s.quote.rateNumerator;
        if (field == 7) ++s.quote.rateDenominator;
        if (field == 8) s.quote.rounding = Rounding.SourceUp;
        if (field == 9) ++s.quote.expiry;
        if (field == 10) s.quote.quoteId = "another";
    }

    function _act(
        Signed memory s,
        uint256 action
    ) internal returns (bool done, bytes memory result) {
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
}
