// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ICrossBorder, PairTerms} from "../../../contracts/crossborder/ICrossBorder.sol";
import {Corridor} from "../../../contracts/policy/ITransferPolicy.sol";
import {Abroad} from "./Abroad.sol";

contract PairsTest is Abroad {
    function _refusedTerms(bytes3 source, bytes3 target, PairTerms memory terms) private {
        vm.prank(policyMaker);
        vm.expectRevert(
            abi.encodeWithSelector(ICrossBorder.InvalidPairTerms.selector, source, target, terms)
        );
        abroad.setPair(source, target, terms);
    }

    function test_setPair_isForThePolicyMaker() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        abroad.setPair(EUR, CHF, _terms());
        vm.expectEmit(address(abroad));
        emit ICrossBorder.PairSet(EUR, CHF, _terms());
        _setPair(EUR, CHF, _terms());
        assertEq(
            keccak256(abi.encode(abroad.pairTerms(EUR, CHF))),
            keccak256(abi.encode(_terms()))
        );
        // The pair back is another one.
        assertEq(abroad.pairTerms(CHF, EUR).reviewSeconds, 0);
    }

    function test_setPair_refusesWhatIsOutsideTheBounds() public {
        _refusedTerms(EUR, EUR, _terms());
        PairTerms memory terms = _terms();
        terms.bandBps = uint16(abroad.BAND_BPS_MAX()) + 1;
        _refusedTerms(EUR, CHF, terms);
        terms = _terms();
        terms.reviewSeconds = uint24(abroad.REVIEW_SECONDS_MIN()) - 1;
        _refusedTerms(EUR, CHF, terms);
        terms = _terms();
        terms.reviewSeconds = uint24(abroad.REVIEW_SECONDS_MAX()) + 1;
        _refusedTerms(EUR, CHF, terms);
        terms = _terms();
        terms.amountMin = 0;
        _refusedTerms(EUR, CHF, terms);
        terms = _terms();
        (terms.amountMin, terms.amountMax) = (101, 100);
        _refusedTerms(EUR, CHF, terms);
    }

    function test_setPair_acceptsTheBounds() public {
        PairTerms memory terms = _terms();
        terms.bandBps = uint16(abroad.BAND_BPS_MAX());
        terms.reviewSeconds = uint24(abroad.REVIEW_SECONDS_MAX());
        (terms.amountMin, terms.amountMax) = (1, 1);
        _setPair(EUR, CHF, terms);
        terms.bandBps = 0;
        terms.reviewSeconds = uint24(abroad.REVIEW_SECONDS_MIN());
        (terms.amountMin, terms.amountMax) = (type(uint40).max, type(uint48).max);
        _setPair(EUR, CHF, terms);
    }

    function test_aPairThatWasNotSet_isClosed() public {
        Signed memory s = _draft(1, 12_345);
        s.order.targetCurrency = CHF;
        s.quote.rateNumerator = 95;
        s.order.targetAmount = (uint128(12_295) * 95) / 100;
        _sign(s);
        vm.expectRevert(abi.encodeWithSelector(ICrossBorder.PairClosed.selector, EUR, CHF));
        _send(s);
        _setPair(EUR, CHF, _terms());
        _send(s);
    }

    function test_aPairThatIsClosed_stillReleasesWhatIsHeld() public {
        // Only a corridor between countries stops a release.
        uint256 before = euro.balanceOf(provider);
        Signed memory s = _signed(1, 200_000);
        _send(s);
        PairTerms memory terms = _terms();
        terms.state = Corridor.Closed;
        _setPair(EUR, USD, terms);
        vm.prank(reviewer);
        abroad.release(s.order);
        assertEq(euro.balanceOf(provider), before + 200_000);
    }
}
