// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Conversion} from "../../../contracts/crossborder/Conversion.sol";
import {PairTerms, Rounding} from "../../../contracts/crossborder/ICrossBorder.sol";
import {Corridor} from "../../../contracts/policy/ITransferPolicy.sol";
import {Abroad} from "./Abroad.sol";

/// @notice No chain of conversions gains: through currencies of 0, 2 and 3 decimals, in any order, with the amount
/// sent or the amount received fixed.
contract CyclesTest is Abroad {
    uint256 private constant STEPS_MAX = 6;
    uint256 private constant PRICE_UNIT = 1e15;
    uint256 private constant BPS = 10_000;

    uint256 private nonce;

    function setUp() public override {
        super.setUp();
        PairTerms memory terms = PairTerms({
            state: Corridor.Open,
            bandBps: BAND_BPS,
            reviewSeconds: REVIEW_SECONDS,
            amountMin: 1,
            amountMax: type(uint48).max,
            reviewFrom: NEVER,
            twoReviewersFrom: NEVER,
            travelRuleFrom: NEVER
        });
        for (uint256 i = 0; i < currencies.length; ++i) {
            for (uint256 j = 0; j < currencies.length; ++j) {
                if (i != j) _setPair(currencies[i], currencies[j], terms);
            }
        }
    }

    /// @dev At the mid or below it, and with fees: what Alice holds is never worth more than before, to the last
    /// fraction of a unit.
    function testFuzz_atTheMidOrBelow_nothingIsEverGained(uint256 seed, uint256 amount) public {
        bytes3 currency = currencies[seed % currencies.length];
        amount = bound(amount, 1, 1_000_000);
        if (currency != EUR) _give(alice, currency, amount);
        uint256 worth = _worth();
        for (uint256 step = 0; step < STEPS_MAX; ++step) {
            uint256 choice = uint256(keccak256(abi.encode(seed, step)));
            bytes3 next = _another(currency, choice);
            Signed memory s = _conversion(currency, next, amount, BPS - _spread(choice));
            s.quote.fee = uint128((choice >> 64) % 3 == 0 ? (choice >> 72) % (amount / 10 + 1) : 0);
            if (s.quote.fee >= amount) s.quote.fee = 0;
            uint256 got = _convert(s, (choice >> 80) % 2 == 0);
            uint256 after_ = _worth();
            assertLe(after_, worth, "a conversion gained");
            if (got == 0) return;
            (currency, amount, worth) = (next, got, after_);
        }
    }

    /// @dev At any rates of the band, those in favour of the customer too: the end is never more than the start times
    /// the rates that the providers signed. So nobody gains what no provider has offered.
    function testFuzz_atAnyRates_onlyWhatWasSignedIsGained(uint256 seed, uint256 start) public {
        bytes3 currency = currencies[seed % currencies.length];
        start = bound(start, 1, 100_000);
        if (currency != EUR) _give(alice, currency, start);
        (uint256 amount, uint256 numerators, uint256 denominators) = (start, 1, 1);
        for (uint256 step = 0; step < STEPS_MAX; ++step) {
            uint256 choice = uint256(keccak256(abi.encode(seed, step)));
            bytes3 next = _another(currency, choice);
            uint256 factor = choice % 2 == 0 ? BPS - _spread(choice) : BPS + _spread(choice);
            Signed memory s = _conversion(currency, next, amount, factor);
            numerators *= s.quote.rateNumerator;
            denominators *= s.quote.rateDenominator;
            amount = _convert(s, true);
            assertLe(amount * denominators, start * numerators, "more than was offered");
            if (amount == 0) return;
            currency = next;
        }
    }

    function test_thereAndBackAtTheMid_losesAtMostWhatIsRoundedAway() public {
        // 1 yen is 0.6 cents: 101 cents buy 168 yen, which buy 100 cents.
        uint256 yen = _convert(_conversion(EUR, JPY, 101, BPS), true);
        assertEq(yen, 168);
        assertEq(_convert(_conversion(JPY, EUR, yen, BPS), true), 100);
        // A thousand times the smallest amounts does not beat it.
        uint256 worth = _worth();
        for (uint256 i = 0; i < 20; ++i) {
            assertEq(_convert(_conversion(EUR, JPY, 1, BPS), true), 1);
        }
        assertEq(_convert(_conversion(JPY, EUR, 20, BPS), true), 12);
        assertLe(_worth(), worth);
    }

    function _conversion(
        bytes3 from,
        bytes3 to,
        uint256 amount,
        uint256 factorBps
    ) private returns (Signed memory s) {
        s = _draft(++nonce, 100);
        s.order.recipient = alice;
        s.order.sourceCurrency = from;
        s.order.targetCurrency = to;
        s.order.sourceAmount = uint128(amount);
        s.quote.fee = 0;
        s.quote.rateNumerator = uint128(_price(from) * factorBps);
        s.quote.rateDenominator = uint128(_price(to) * BPS);
    }

    /// @return got What Alice has of the target currency by it; 0 when the amount buys nothing.
    function _convert(Signed memory s, bool sentIsFixed) private returns (uint256 got) {
        uint128 converted = s.order.sourceAmount - s.quote.fee;
        (uint128 n, uint128 d) = (s.quote.rateNumerator, s.quote.rateDenominator);
        got = Conversion.targetDown(converted, n, d);
        if (got == 0) return 0;
        s.order.targetAmount = uint128(got);
        if (!sentIsFixed) {
            s.quote.rounding = Rounding.SourceUp;
            s.order.sourceAmount = uint128(Conversion.sourceUp(uint128(got), n, d) + s.quote.fee);
        }
        _send(_sign(s));
    }

    function _another(bytes3 currency, uint256 choice) private view returns (bytes3 next) {
        next = currencies[(choice >> 16) % currencies.length];
        if (next == currency) next = currencies[((choice >> 16) + 1) % currencies.length];
    }

    function _spread(uint256 choice) private pure returns (uint256) {
        return (choice >> 32) % 2 == 0 ? 0 : (choice >> 40) % (BAND_BPS + 1);
    }

    function _price(bytes3 currency) private view returns (uint256) {
        (uint128 price, ) = policy.priceOf(currency);
        return price / PRICE_UNIT;
    }

    /// @dev Of all that Alice holds, exactly.
    function _worth() private view returns (uint256 worth) {
        for (uint256 i = 0; i < currencies.length; ++i) {
            worth += tokens[currencies[i]].balanceOf(alice) * _price(currencies[i]);
        }
    }
}
