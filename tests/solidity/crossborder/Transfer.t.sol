// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {
    ICrossBorder,
    PairTerms,
    Rounding,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";

import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {
    Corridor,
    ITransferPolicy,
    LimitRule,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";

import {AbroadChecks} from "./AbroadChecks.sol";

contract TransferTest is AbroadChecks {
    // --- refusals ---

    function test_transfer_refusesInOrderOfPrecedence_whatIsSigned() public {
        // Everything is wrong at once, and is put right in the order in which it is looked at.
        Signed memory s = _draft(1, 100);
        s.order.sourceAmount = 0;
        s.order.sender = provider;
        s.order.targetAmount = 0;
        s.order.purpose = 0;
        s.order.deadline = uint64(START - 1);
        s.quote.rateNumerator = 0;
        s.quote.fee = 12_345;
        s.quote.expiry = uint64(START - 1);
        bytes32 given = _quoteDigest(s.order, s.quote);
        bytes32 other = keccak256("another quote");
        s.order.quote = other;
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ICrossBorder.QuoteMismatch.selector, other, given)
        );
        s.order.quote = given;
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.ZeroAmount.selector));
        s.order.sourceAmount = 12_345;
        s.order.quote = _quoteDigest(s.order, s.quote);
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.ZeroAmount.selector));
        s.order.targetAmount = 1;
        s.order.quote = _quoteDigest(s.order, s.quote);
        bytes memory isParty = abi.encodeWithSelector(
            ICrossBorder.ProviderIsParty.selector,
            provider
        );
        _refusedInBoth(s, isParty);
        s.order.sender = alice;
        s.order.recipient = provider;
        _refusedInBoth(s, isParty);
        s.order.recipient = carol;
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.PurposeMissing.selector));
        s.order.purpose = "GDDS";
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.InvalidRate.selector, 0, 100));
        s.quote.rateNumerator = 108;
        s.quote.rateDenominator = 0;
        s.order.quote = _quoteDigest(s.order, s.quote);
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.InvalidRate.selector, 108, 0));
        s.quote.rateDenominator = 100;
        s.order.quote = _quoteDigest(s.order, s.quote);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ICrossBorder.FeeTooLarge.selector, 12_345, 12_345)
        );
        s.quote.fee = 50;
        s.order.quote = _quoteDigest(s.order, s.quote);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.QuoteDoesNotAddUp.selector,
                Rounding.TargetDown,
                1,
                13_278
            )
        );
        s.order.targetAmount = 13_278;
        s.order.quote = _quoteDigest(s.order, s.quote);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, uint64(START - 1))
        );
        s.order.deadline = uint64(START);
        _refused(s, abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, alice));

        _send(_signed(1, 12_345));
        bytes memory used = abi.encodeWithSelector(
            ISignedOrders.NonceAlreadyUsed.selector,
            alice,
            1
        );
        _refusedInBoth(_sign(s), used);
        s.order.nonce = 2;
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(ICrossBorder.QuoteExpired.selector, uint64(START - 1))
        );
        s.quote.expiry = uint64(START);
        _sign(s);
        s.quoteSignature = signDigest(aliceKey, s.order.quote);
        _refused(s, abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider));
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(
                ICrossBorder.QuoteAlreadyUsed.selector,
                provider,
                bytes32(uint256(1))
            )
        );
        s.quote.quoteId = bytes32(uint256(2));
        _send(_sign(s));
    }

    function test_transfer_refusesInOrderOfPrecedence_whatIsAllowed() public {
        // A provider that is none, with no money, for people who may not: then all is put right one by one.
        vm.prank(registrar);
        registry.update(provider, 3, GERMANY, uint40(START + 3650 days), 0);
        vm.startPrank(provider);
        tokens[USD].transfer(bob, tokens[USD].balanceOf(provider));
        vm.stopPrank();
        _setLimits(2, TierLimits(60_000, NO_LIMIT, NO_LIMIT, NO_LIMIT));
        _setCorridor(GERMANY, BRAZIL, Corridor.Closed);
        _freeze(carol);
        _freeze(alice);
        _pause(Switch.Outgoing);
        PairTerms memory terms = _terms();
        terms.state = Corridor.Closed;
        terms.amountMax = 70_000;
        _setPair(EUR, USD, terms);

        Signed memory s = _draft(1, 80_000);
        s.order.sourceCurrency = "GBP";
        s.order.targetCurrency = "CNY";
        s.order.travelRule = 0;
        s.quote.rateNumerator = 112;
        s.order.targetAmount = 89_544;
        _refusedInBoth(_sign(s), _unknownCurrency("GBP"));
        s.order.sourceCurrency = EUR;
        _refusedInBoth(_sign(s), _unknownCurrency("CNY"));
        s.order.targetCurrency = USD;
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(ITransferPolicy.OperationPaused.selector, Switch.Outgoing)
        );
        vm.prank(pauser);
        policy.unpause(Switch.Outgoing);
        _refusedInBoth(s, _frozen(alice));
        vm.prank(freezer);
        registry.unfreeze(alice, "reason");
        _refusedInBoth(s, _frozen(carol));
        vm.prank(freezer);
        registry.unfreeze(carol, "reason");
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ITransferPolicy.CorridorClosed.selector, GERMANY, BRAZIL)
        );
        _setCorridor(GERMANY, BRAZIL, Corridor.Open);
        _refusedInBoth(s, abi.encodeWithSelector(ICrossBorder.PairClosed.selector, EUR, USD));
        terms.state = Corridor.Open;
        _setPair(EUR, USD, terms);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.AmountOutOfRange.selector,
                EUR,
                USD,
                80_000,
                100,
                70_000
            )
        );
        terms.amountMax = 80_000;
        _setPair(EUR, USD, terms);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.RateOutOfBand.selector,
                112,
                100,
                1e18,
                0.92e18,
                BAND_BPS
            )
        );
        s.quote.rateNumerator = 108;
        s.order.targetAmount = 86_346;
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(
                ICrossBorder.TravelRuleMissing.selector,
                80_000,
                TRAVEL_RULE_FROM
            )
        );
        s.order.travelRule = "travel rule";
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(ITransferPolicy.NotAProvider.selector, provider)
        );
        vm.prank(registrar);
        registry.update(provider, 3, GERMANY, uint40(START + 3650 days), 4);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                LimitRule.PerPayment,
                60_000,
                0,
                80_000,
                0
            )
        );
        _setLimits(2, TierLimits(80_000, NO_LIMIT, NO_LIMIT, NO_LIMIT));
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                provider,
                0,
                86_346
            )
        );
        _give(provider, USD, 86_346);
        _send(s);
    }

    function _unknownCurrency(bytes3 currency) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, currency);
    }

    // --- what happens ---

    function test_transfer_settlesBothLegs() public {
        Signed memory s = _signed(7, 12_345);
        bytes32 orderId = _transferDigest(s.order);
        assertEq(abroad.transferId(s.order), orderId);
        assertEq(abroad.quoteHash(s.order, s.quote), s.order.quote);
        uint256 providerEur = euro.balanceOf(provider);
        uint256 providerUsd = tokens[USD].balanceOf(provider);
        (bool held, uint40 expiresAt) = abroad.preview(s.order, s.quote);
        assertFalse(held);
        assertEq(expiresAt, 0);

        vm.expectEmit(address(abroad));
        emit ICrossBorder.QuoteUsed(
            s.order.quote,
            orderId,
            provider,
            s.quote.quoteId,
            50,
            108,
            100,
            Rounding.TargetDown
        );
        vm.expectEmit(address(abroad));
        emit ICrossBorder.TransferSettled(
            orderId,
            s.order.reference_,
            alice,
            carol,
            s.order.quote,
            EUR,
            12_345,
            USD,
            13_278,
            "GDDS",
            "travel rule"
        );
        vm.prank(stranger);
        assertEq(_send(s), orderId);

        assertEq(euro.balanceOf(alice), 1_000_000 - 12_345);
        assertEq(euro.balanceOf(provider), providerEur + 12_345);
        assertEq(tokens[USD].balanceOf(provider), providerUsd - 13_278);
        assertEq(tokens[USD].balanceOf(carol), 13_278);
        assertTrue(_stateOf(s.order) == TransferState.None);
        assertEq(abroad.escrowed(EUR), 0);
        (uint256 dayUsed, ) = policy.usageOf(alice);
        assertEq(dayUsed, 12_345);
    }

    function test_transfer_toOneself_exchangesMoney() public {
        Signed memory s = _draft(1, 12_345);
        s.order.recipient = alice;
        _send(_sign(s));
        assertEq(euro.balanceOf(alice), 1_000_000 - 12_345);
        assertEq(tokens[USD].balanceOf(alice), 13_278);
    }

    function test_transfer_byAFixedAmountReceived_roundsTheAmountSentUp() public {
        // 100.01 dollars at 1.08 are 92.6018... euros.
        Signed memory s = _draft(1, 9_261 + 50);
        s.quote.rounding = Rounding.SourceUp;
        s.order.targetAmount = 10_001;
        _send(_sign(s));
        assertEq(tokens[USD].balanceOf(carol), 10_001);
        for (uint128 wrong = 9_260; wrong <= 9_262; wrong += 2) {
            s = _draft(2, wrong + 50);
            s.quote.rounding = Rounding.SourceUp;
            s.order.targetAmount = 10_001;
            _refusedInBoth(
                _sign(s),
                abi.encodeWithSelector(
                    ICrossBorder.QuoteDoesNotAddUp.selector,
                    Rounding.SourceUp,
                    wrong,
                    9_261
                )
            );
        }
    }

    function test_transfer_ofOneUnitMoreOrLess_doesNotAddUp() public {
        for (uint128 wrong = 13_277; wrong <= 13_279; wrong += 2) {
            Signed memory s = _draft(1, 12_345);
            s.order.targetAmount = wrong;
            _refusedInBoth(
                _sign(s),
                abi.encodeWithSelector(
                    ICrossBorder.QuoteDoesNotAddUp.selector,
                    Rounding.TargetDown,
                    wrong,
                    13_278
                )
            );
        }
        _send(_signed(1, 12_345));
    }

    function test_transfer_withoutAFee() public {
        Signed memory s = _draft(1, 10_000);
        s.quote.fee = 0;
        s.order.targetAmount = 10_800;
        _send(_sign(s));
        assertEq(tokens[USD].balanceOf(carol), 10_800);
    }
}
