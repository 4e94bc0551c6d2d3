// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {CrossBorder} from "../../../contracts/crossborder/CrossBorder.sol";
import {
    ICrossBorder,
    PairTerms,
    QuoteTerms,
    Rounding,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {
    Corridor,
    ITransferPolicy,
    LimitRule,
    Switch,
    TierLimits
} from "../../../contracts/policy/ITransferPolicy.sol";
import {OwnedWallet} from "../support/Wallets.sol";
import {Abroad} from "./Abroad.sol";

contract TransferTest is Abroad {
    /// @dev The same refusal from `transfer` and from `preview`.
    function _refusedInBoth(Signed memory s, bytes memory why) private {
        _refused(s, why);
        vm.expectRevert(why);
        abroad.preview(s.order, s.quote);
    }

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
        _refusedInBoth(
            _sign(s),
            abi.encodeWithSelector(
                ICrossBorder.QuoteAlreadyUsed.selector,
                provider,
                bytes32(uint256(1))
            )
        );
        s.quote.quoteId = bytes32(uint256(2));
        _sign(s);
        s.quoteSignature = signDigest(aliceKey, s.order.quote);
        _refused(s, abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider));
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

    function _frozen(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account);
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

    // --- quotes ---

    function test_quote_isUsedOnce() public {
        Signed memory s = _signed(1, 12_345);
        _send(s);
        Signed memory other = _draft(2, 12_345);
        other.quote.quoteId = s.quote.quoteId;
        bytes memory used = abi.encodeWithSelector(
            ICrossBorder.QuoteAlreadyUsed.selector,
            provider,
            s.quote.quoteId
        );
        _refusedInBoth(_sign(other), used);
        // Nor by another sender.
        other.order.sender = bob;
        _sign(other);
        other.signature = signDigest(bobKey, _transferDigest(other.order));
        _refusedInBoth(other, used);
        other.quote.quoteId = bytes32(uint256(2));
        _sign(other);
        other.signature = signDigest(bobKey, _transferDigest(other.order));
        _send(other);
    }

    function test_quote_ofAFailedTransferCanBeUsed() public {
        Signed memory s = _signed(1, 12_345);
        _freeze(alice);
        _refused(s, _frozen(alice));
        assertFalse(abroad.nonceUsed(provider, 1));
        vm.prank(freezer);
        registry.unfreeze(alice, "reason");
        _send(s);
        assertTrue(abroad.nonceUsed(provider, 1));
        assertTrue(abroad.nonceUsed(alice, 1));
    }

    function test_quote_isTakenBackByItsProvider() public {
        Signed memory s = _signed(1, 12_345);
        CancellationOrder memory cancellation = CancellationOrder(
            s.order.quote,
            provider,
            uint256(s.quote.quoteId),
            uint64(START)
        );
        abroad.cancel(
            cancellation,
            signDigest(providerKey, _cancellationDigest(address(abroad), cancellation))
        );
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.QuoteAlreadyUsed.selector,
                provider,
                s.quote.quoteId
            )
        );
    }

    function test_quote_lastsUntilItsExpiry() public {
        Signed memory s = _signed(1, 12_345);
        vm.warp(s.quote.expiry + 1);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ICrossBorder.QuoteExpired.selector, s.quote.expiry)
        );
        vm.warp(s.quote.expiry);
        _send(s);
    }

    function test_quote_whateverIsAltered_isRefused() public {
        Signed memory good = _signed(1, 12_345);
        bytes memory original = abi.encode(good);
        for (uint256 field = 0; field < 11; ++field) {
            Signed memory s = abi.decode(original, (Signed));
            _alterQuote(s, field);
            // The order still names the quote that was signed.
            _refusedInBoth(
                s,
                abi.encodeWithSelector(
                    ICrossBorder.QuoteMismatch.selector,
                    good.order.quote,
                    _quoteDigest(s.order, s.quote)
                )
            );
        }
        _send(good);
    }

    function test_quote_whoeverElseSignsIt_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        uint256[3] memory keys = [aliceKey, bobKey, carolKey];
        for (uint256 i = 0; i < keys.length; ++i) {
            s.quoteSignature = signDigest(keys[i], s.order.quote);
            _refused(
                s,
                abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider)
            );
        }
        s.quoteSignature = "";
        _refused(s, abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider));
        _send(_sign(s));
    }

    function test_quote_ofWhoIsNoProvider_isRefused() public {
        Signed memory s = _draft(1, 12_345);
        s.order.provider = bob;
        _sign(s);
        s.quoteSignature = signDigest(bobKey, s.order.quote);
        s.signature = signDigest(aliceKey, _transferDigest(s.order));
        _refusedInBoth(s, abi.encodeWithSelector(ITransferPolicy.NotAProvider.selector, bob));
        s.order.provider = stranger;
        s.order.quote = _quoteDigest(s.order, s.quote);
        s.quoteSignature = signDigest(uint256(keccak256("stranger")), s.order.quote);
        s.signature = signDigest(aliceKey, _transferDigest(s.order));
        _refusedInBoth(
            s,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
    }

    function test_quote_ofAProviderThatMayNotAct_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        uint256 before = vm.snapshotState();
        _freeze(provider);
        _refusedInBoth(s, _frozen(provider));
        vm.revertToState(before);
        vm.prank(registrar);
        registry.close(provider, "reason");
        _refusedInBoth(
            s,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, provider)
        );
        vm.revertToState(before);
        vm.prank(registrar);
        registry.update(provider, 3, GERMANY, uint40(START + 1), 4);
        skip(1);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                IIdentityRegistry.KycExpired.selector,
                provider,
                uint40(START + 1)
            )
        );
    }

    function test_quote_ofAContractAccount() public {
        OwnedWallet wallet = new OwnedWallet(bob);
        _register(address(wallet), 3, GERMANY, 4);
        _give(address(wallet), USD, 20_000);
        Signed memory s = _draft(1, 12_345);
        s.order.provider = address(wallet);
        _sign(s);
        _refused(
            s,
            abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, address(wallet))
        );
        s.quoteSignature = signDigest(bobKey, s.order.quote);
        _send(s);
        assertEq(euro.balanceOf(address(wallet)), 12_345);
    }

    // --- orders ---

    function test_order_executesOnce() public {
        Signed memory s = _signed(1, 12_345);
        _send(s);
        bytes memory used = abi.encodeWithSelector(
            ISignedOrders.NonceAlreadyUsed.selector,
            alice,
            1
        );
        _refusedInBoth(s, used);
        // Another quote does not help.
        Signed memory again = _draft(1, 12_345);
        again.quote.quoteId = bytes32(uint256(9));
        _refusedInBoth(_sign(again), used);
    }

    function test_order_whateverIsAltered_isRefused() public {
        Signed memory good = _signed(1, 12_345);
        bytes memory original = abi.encode(good);
        bytes memory invalid = abi.encodeWithSelector(
            ISignedOrders.InvalidSignature.selector,
            alice
        );
        for (uint256 field = 0; field < 6; ++field) {
            Signed memory s = abi.decode(original, (Signed));
            if (field == 0) s.order.recipient = bob;
            if (field == 1) s.order.purpose = "SALA";
            if (field == 2) s.order.travelRule = "another record";
            if (field == 3) s.order.reference_ = "another request";
            if (field == 4) s.order.nonce = 2;
            if (field == 5) ++s.order.deadline;
            _refused(s, invalid);
        }
        // A quote with other amounts, validly signed by the provider, is not what the sender agreed to.
        Signed memory dearer = _draft(1, 12_346);
        _sign(dearer);
        dearer.signature = good.signature;
        _refused(dearer, invalid);
        Signed memory less = _draft(1, 12_345);
        less.quote.fee = 60;
        less.order.targetAmount = 13_267;
        _sign(less);
        less.signature = good.signature;
        _refused(less, invalid);
        _send(good);
    }

    function test_order_onAnotherChainOrForAnotherContract_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        CrossBorder twin = new CrossBorder(policy, registry, address(batch), address(manager));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICrossBorder.QuoteMismatch.selector,
                s.order.quote,
                twin.quoteHash(s.order, s.quote)
            )
        );
        twin.transfer(s.order, s.signature, s.quote, s.quoteSignature);
        uint256 home = block.chainid;
        vm.chainId(home + 1);
        vm.expectPartialRevert(ICrossBorder.QuoteMismatch.selector);
        _send(s);
        vm.chainId(home);
        _send(s);
    }

    function test_order_isCancelledByItsSender() public {
        Signed memory s = _signed(1, 12_345);
        CancellationOrder memory cancellation = CancellationOrder(
            _transferDigest(s.order),
            alice,
            1,
            uint64(START)
        );
        abroad.cancel(
            cancellation,
            signDigest(aliceKey, _cancellationDigest(address(abroad), cancellation))
        );
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1)
        );
    }

    function test_order_ofAContractAccount() public {
        OwnedWallet wallet = new OwnedWallet(bob);
        _register(address(wallet), 2, GERMANY);
        _give(address(wallet), EUR, 20_000);
        Signed memory s = _draft(1, 12_345);
        s.order.sender = address(wallet);
        _refused(
            _sign(s),
            abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, address(wallet))
        );
        s.signature = signDigest(bobKey, _transferDigest(s.order));
        _send(s);
        assertEq(tokens[USD].balanceOf(carol), 13_278);
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

    function _alterQuote(Signed memory s, uint256 field) private view {
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
}
