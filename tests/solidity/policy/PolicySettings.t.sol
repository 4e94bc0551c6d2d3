// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {CurrencyToken} from "../../../contracts/money/CurrencyToken.sol";
import {
    ITransferPolicy,
    Corridor,
    LimitRule,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {UsageWindows} from "../../../contracts/policy/UsageWindows.sol";
import {World} from "../support/World.sol";

contract PolicySettingsTest is World {
    function _token(bytes3 code) private returns (CurrencyToken) {
        return new CurrencyToken("Token", code, 2, policy, address(manager));
    }

    function _outOfBand(
        bytes3 currency,
        uint128 price,
        uint256 priceMin,
        uint256 priceMax
    ) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ITransferPolicy.PriceOutOfBand.selector,
                currency,
                price,
                priceMin,
                priceMax
            );
    }

    // --- currencies ---

    function test_addCurrency_refuses() public {
        CurrencyToken again = _token(EUR);
        CurrencyToken token = _token("GBP");
        vm.startPrank(policyMaker);
        vm.expectRevert(abi.encodeWithSelector(ITransferPolicy.CurrencyAlreadyAdded.selector, EUR));
        policy.addCurrency(address(again), 1);
        vm.expectRevert(_outOfBand("GBP", 0, 1, type(uint128).max));
        policy.addCurrency(address(token), 0);
        vm.stopPrank();
        uint256 countMax = policy.MAX_CURRENCIES();
        for (uint256 i = currencies.length; i < countMax; ++i) {
            token = _token(bytes3(uint24(0x414100 + i)));
            vm.prank(policyMaker);
            policy.addCurrency(address(token), 1);
        }
        token = _token("GBP");
        vm.prank(policyMaker);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.TooManyCurrencies.selector, countMax)
        );
        policy.addCurrency(address(token), 1);
    }

    function test_addCurrency_makesItKnown() public {
        CurrencyToken token = _token("GBP");
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        policy.tokenOf("GBP");
        uint64 version = policy.policyVersion();
        vm.expectEmit(address(policy));
        emit ITransferPolicy.CurrencyAdded("GBP", address(token), 2, 1.15e18);
        vm.prank(policyMaker);
        policy.addCurrency(address(token), 1.15e18);

        assertEq(policy.tokenOf("GBP"), address(token));
        assertEq(policy.currencies().length, currencies.length + 1);
        assertTrue(policy.currencies()[currencies.length] == bytes3("GBP"));
        (uint128 price, uint128 anchor) = policy.priceOf("GBP");
        assertEq(price, 1.15e18);
        assertEq(anchor, 1.15e18);
        assertEq(policy.policyVersion(), version + 1);
    }

    // --- prices ---

    function test_setPrice_staysInTheBand() public {
        vm.startPrank(rateFeeder);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        policy.setPrice("GBP", 1);
        vm.expectRevert(_outOfBand(USD, 0.46e18 - 1, 0.46e18, 1.84e18));
        policy.setPrice(USD, 0.46e18 - 1);
        vm.expectRevert(_outOfBand(USD, 1.84e18 + 1, 0.46e18, 1.84e18));
        policy.setPrice(USD, 1.84e18 + 1);
        uint64 version = policy.policyVersion();
        vm.expectEmit(address(policy));
        emit ITransferPolicy.PriceSet(USD, 0.46e18, rateFeeder);
        policy.setPrice(USD, 0.46e18);
        policy.setPrice(USD, 1.84e18);
        vm.stopPrank();
        assertEq(policy.policyVersion(), version + 2);
        (uint128 price, uint128 anchor) = policy.priceOf(USD);
        assertEq(price, 1.84e18);
        assertEq(anchor, 0.92e18, "many small steps lead no further than one");
    }

    function test_setPrice_neverReachesZero() public {
        vm.prank(policyMaker);
        policy.setPriceAnchor(USD, 1);
        vm.startPrank(rateFeeder);
        vm.expectRevert(_outOfBand(USD, 0, 1, 2));
        policy.setPrice(USD, 0);
        policy.setPrice(USD, 2);
        vm.stopPrank();
    }

    function test_setPriceAnchor_movesTheBand() public {
        vm.startPrank(policyMaker);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        policy.setPriceAnchor("GBP", 1);
        vm.expectRevert(_outOfBand(USD, 0, 1, type(uint128).max));
        policy.setPriceAnchor(USD, 0);
        uint64 version = policy.policyVersion();
        vm.expectEmit(address(policy));
        emit ITransferPolicy.PriceSet(USD, 4e18, policyMaker);
        policy.setPriceAnchor(USD, 4e18);
        vm.stopPrank();
        assertEq(policy.policyVersion(), version + 1);
        (uint128 price, uint128 anchor) = policy.priceOf(USD);
        assertEq(price, 4e18);
        assertEq(anchor, 4e18);
        vm.prank(rateFeeder);
        policy.setPrice(USD, 8e18);
    }

    // --- limits ---

    function _refuseLimits(LimitRule rule, uint256 limit, uint256 limitMax) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransferPolicy.LimitNotCountable.selector,
                rule,
                limit,
                limitMax
            )
        );
    }

    function test_setTierLimits_refusesWhatCannotBeCounted() public {
        uint64 dayMax = uint64(UsageWindows.MAX_DAY_LIMIT);
        uint64 monthMax = uint64(UsageWindows.MAX_MONTH_LIMIT);
        vm.startPrank(policyMaker);
        vm.expectRevert(abi.encodeWithSelector(ITransferPolicy.UnknownTier.selector, 0));
        policy.setTierLimits(0, TierLimits(1, 1, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(ITransferPolicy.UnknownTier.selector, 5));
        policy.setTierLimits(5, TierLimits(1, 1, 1, 1));
        _refuseLimits(LimitRule.Day, dayMax + 1, dayMax);
        policy.setTierLimits(1, TierLimits(1, dayMax + 1, 1, 1));
        _refuseLimits(LimitRule.Month, monthMax + 1, monthMax);
        policy.setTierLimits(1, TierLimits(1, dayMax, monthMax + 1, 1));
        _refuseLimits(LimitRule.Month, uint256(dayMax) + 1, dayMax);
        policy.setTierLimits(1, TierLimits(1, NO_LIMIT, dayMax + 1, 1));

        policy.setTierLimits(1, TierLimits(1, dayMax, monthMax, 1));
        policy.setTierLimits(1, TierLimits(1, NO_LIMIT, dayMax, 1));
        policy.setTierLimits(1, TierLimits(1, dayMax, NO_LIMIT, 1));
        policy.setTierLimits(1, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT));
        vm.stopPrank();
    }

    function test_setTierLimits_stores() public {
        TierLimits memory limits = TierLimits(1, 2, 3, 4);
        uint64 version = policy.policyVersion();
        vm.expectEmit(address(policy));
        emit ITransferPolicy.TierLimitsSet(4, limits);
        _setLimits(4, limits);
        assertEq(abi.encode(policy.tierLimits(4)), abi.encode(limits));
        assertEq(policy.policyVersion(), version + 1);
    }

    // --- corridors ---

    function test_setCorridor_refusesWhatIsNoCountry() public {
        uint16[2] memory wrong = [uint16(0), 1000];
        vm.startPrank(policyMaker);
        for (uint256 i = 0; i < wrong.length; ++i) {
            bytes memory unknown = abi.encodeWithSelector(
                ITransferPolicy.UnknownCountry.selector,
                wrong[i]
            );
            vm.expectRevert(unknown);
            policy.setCorridor(wrong[i], GERMANY, Corridor.Closed);
            vm.expectRevert(unknown);
            policy.setCorridor(GERMANY, wrong[i], Corridor.Closed);
        }
        vm.stopPrank();
    }

    function test_setCorridor_hasADirection() public {
        uint64 version = policy.policyVersion();
        vm.expectEmit(address(policy));
        emit ITransferPolicy.CorridorSet(GERMANY, BRAZIL, Corridor.Closed);
        vm.prank(policyMaker);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        assertEq(uint8(policy.corridor(GERMANY, BRAZIL)), uint8(Corridor.Closed));
        assertEq(uint8(policy.corridor(BRAZIL, GERMANY)), uint8(Corridor.Open));
        assertEq(policy.policyVersion(), version + 1);
    }

    // --- who may ---

    function test_onlyTheRoleMay() public {
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            stranger
        );
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        policy.addCurrency(address(euro), 1);
        vm.expectRevert(unauthorized);
        policy.setPrice(EUR, 1);
        vm.expectRevert(unauthorized);
        policy.setPriceAnchor(EUR, 1);
        vm.expectRevert(unauthorized);
        policy.setTierLimits(1, TierLimits(1, 1, 1, 1));
        vm.expectRevert(unauthorized);
        policy.setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        vm.expectRevert(unauthorized);
        policy.pause(Switch.Outgoing);
        vm.expectRevert(unauthorized);
        policy.unpause(Switch.Outgoing);
        vm.expectRevert(unauthorized);
        policy.moveAccount(stranger, admin);
        vm.stopPrank();
    }
}
