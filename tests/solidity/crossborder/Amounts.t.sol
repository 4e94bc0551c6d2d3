// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {ICrossBorder, PairTerms} from "../../../contracts/crossborder/ICrossBorder.sol";

import {
    ITransferPolicy,
    LimitRule,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";

import {AbroadChecks} from "./AbroadChecks.sol";

contract AmountsTest is AbroadChecks {
    // --- the band ---

    function test_transfer_atTheEdgesOfTheBand() public {
        // The mid is 1 / 0.92: with 2 % either way, 1 / 0.92 * 0.98 = 98 / 92 and 102 / 92 are the edges.
        Signed memory s = _draft(1, 10_050);
        s.quote.rateDenominator = 92;
        s.quote.rateNumerator = 98;
        s.order.targetAmount = (uint128(10_000) * 98) / 92;
        _send(_sign(s));
        s.order.nonce = 2;
        s.quote.quoteId = bytes32(uint256(2));
        s.quote.rateNumerator = 102;
        s.order.targetAmount = (uint128(10_000) * 102) / 92;
        _send(_sign(s));

        s.order.nonce = 3;
        s.quote.quoteId = bytes32(uint256(3));
        s.quote.rateDenominator = 92_000_000;
        for (uint128 outside = 97_999_999; outside <= 102_000_001; outside += 4_000_002) {
            s.quote.rateNumerator = outside;
            s.order.targetAmount = uint128((uint256(10_000) * outside) / 92_000_000);
            _refusedInBoth(
                _sign(s),
                abi.encodeWithSelector(
                    ICrossBorder.RateOutOfBand.selector,
                    outside,
                    92_000_000,
                    1e18,
                    0.92e18,
                    BAND_BPS
                )
            );
        }
    }

    function test_transfer_followsThePrice() public {
        Signed memory s = _signed(1, 12_345);
        uint256 before = vm.snapshotState();
        _send(s);
        vm.revertToState(before);
        vm.prank(rateFeeder);
        policy.setPrice(USD, 0.96e18);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.RateOutOfBand.selector,
                108,
                100,
                1e18,
                0.96e18,
                BAND_BPS
            )
        );
    }

    // --- amounts ---

    function test_transfer_atTheEdgesOfTheRange() public {
        PairTerms memory terms = _terms();
        (terms.amountMin, terms.amountMax) = (1_000, 2_000);
        _setPair(EUR, USD, terms);
        _send(_signed(1, 1_000));
        _send(_signed(2, 2_000));
        for (uint128 outside = 999; outside <= 2_001; outside += 1_002) {
            _refusedInBoth(
                _signed(3, outside),
                abi.encodeWithSelector(
                    ICrossBorder.AmountOutOfRange.selector,
                    EUR,
                    USD,
                    outside,
                    1_000,
                    2_000
                )
            );
        }
    }

    function test_transfer_countsOnceAgainstTheSendersLimits() public {
        _setLimits(2, TierLimits(NO_LIMIT, 20_000, 30_000, NO_LIMIT));
        _setLimits(3, TierLimits(0, 0, 0, 0));
        _send(_signed(1, 12_345));
        (uint256 dayUsed, uint256 monthUsed) = policy.usageOf(alice);
        assertEq(dayUsed, 12_345);
        assertEq(monthUsed, 12_345);
        (dayUsed, ) = policy.usageOf(provider);
        assertEq(dayUsed, 0);
        (dayUsed, ) = policy.usageOf(carol);
        assertEq(dayUsed, 0);
        Signed memory s = _signed(2, 12_345);
        vm.expectPartialRevert(ITransferPolicy.LimitExceeded.selector);
        _send(s);
    }

    function test_transfer_keepsTheRecipientsLargestBalance_andNotTheProviders() public {
        _setLimits(3, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, 1));
        _setLimits(1, TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, 12_216));
        vm.prank(registrar);
        registry.update(carol, 1, BRAZIL, uint40(START + 3650 days), 0);
        // 13,278 cents of a dollar are worth 12,215.76 cents of a euro.
        Signed memory s = _signed(1, 12_346);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                LimitRule.Balance,
                12_216,
                0,
                12_217,
                0
            )
        );
        _send(_signed(2, 12_345));
    }

    // --- both legs or none ---

    function test_transfer_whichLegEverFails_theOtherIsUndone() public {
        Signed memory s = _signed(1, 12_345);
        bytes32 before = _state(s);
        // The source leg fails.
        uint256 start = vm.snapshotState();
        vm.prank(alice);
        euro.transfer(bob, 1_000_000);
        bytes32 poor = _state(s);
        _refused(
            s,
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 0, 12_345)
        );
        assertEq(_state(s), poor);
        vm.revertToState(start);
        // The target leg fails, after the source leg has moved.
        _freeze(carol);
        _refused(s, _frozen(carol));
        assertEq(_state(s), before);
        vm.revertToState(start);
        vm.startPrank(provider);
        tokens[USD].transfer(bob, tokens[USD].balanceOf(provider));
        vm.stopPrank();
        poor = _state(s);
        _refused(
            s,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                provider,
                0,
                13_278
            )
        );
        assertEq(_state(s), poor);
    }

    /// @dev Everything that a transfer may change.
    function _state(Signed memory s) private view returns (bytes32 hash) {
        address[4] memory accounts = [alice, carol, provider, address(abroad)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            for (uint256 j = 0; j < currencies.length; ++j) {
                (uint256 balance, uint64 seq, bytes32 head) = tokens[currencies[j]].accountState(
                    accounts[i]
                );
                hash = keccak256(abi.encode(hash, balance, seq, head));
            }
        }
        (uint256 dayUsed, uint256 monthUsed) = policy.usageOf(alice);
        return
            keccak256(
                abi.encode(
                    hash,
                    dayUsed,
                    monthUsed,
                    abroad.nonceUsed(alice, s.order.nonce),
                    abroad.nonceUsed(provider, uint256(s.quote.quoteId)),
                    _stateOf(s.order)
                )
            );
    }
}
