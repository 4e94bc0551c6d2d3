// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILoyalty, ProgrammeTerms} from "../../../contracts/loyalty/ILoyalty.sol";
import {Test} from "../support/Test.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @dev The runner finds contracts to call in the files of tests only.
contract Market is MarketHandler {}

/// @notice What holds after any sequence of what customers and merchants do.
contract MarketInvariants is Test {
    uint256 private constant CALLS_ENOUGH = 150;
    uint256 private constant KINDS_ENOUGH = 10;

    /// @dev Looking takes longer than doing. What is wrong once stays wrong, so it is found a few calls later.
    uint256 private constant LOOK_EVERY = 10;

    Market private market;

    modifier nowAndThen() {
        if (market.calls() % LOOK_EVERY == 0) _;
    }

    function setUp() public {
        market = new Market();
        market.setUp();
        bytes4[] memory selectors = new bytes4[](16);
        selectors[0] = market.buy.selector;
        selectors[1] = market.refund.selector;
        selectors[2] = market.givePoints.selector;
        selectors[3] = market.passTime.selector;
        selectors[4] = market.release.selector;
        selectors[5] = market.fill.selector;
        selectors[6] = market.empty.selector;
        selectors[7] = market.close.selector;
        selectors[8] = market.suspend.selector;
        selectors[9] = market.recover.selector;
        selectors[10] = market.buyAgain.selector;
        // Without purchases there is nothing to refund, to spend or to let expire.
        for (uint256 i = 11; i < 15; ++i) selectors[i] = market.buy.selector;
        selectors[15] = market.refund.selector;
        targetContract(address(market));
        targetSelector(address(market), selectors);
    }

    function invariant_I4_pointsAreWorthWhatIsSetAsideForThem() public view nowAndThen {
        ILoyalty loyalty = market.book();
        for (uint32 p = 1; p <= loyalty.programmeCount(); ++p) {
            (ProgrammeTerms memory terms, , uint256 reserve) = loyalty.programmeOf(p);
            (uint256[] memory points, ) = market.lots(p, address(0));
            assertEq(_sum(points) * terms.valueNumerator, reserve);
        }
    }

    function invariant_I4_poolsAndReservesAreTheMoneyHeld() public view nowAndThen {
        ILoyalty loyalty = market.book();
        uint256 money;
        for (uint32 p = 1; p <= loyalty.programmeCount(); ++p) {
            (ProgrammeTerms memory terms, , uint256 parts) = loyalty.programmeOf(p);
            address[3] memory payers = market.payers();
            for (uint256 i = 0; i < 3; ++i) parts += loyalty.poolOf(p, payers[i]);
            assertEq(parts % terms.valueDenominator, 0);
            money += parts / terms.valueDenominator;
        }
        assertEq(money, market.moneyHeld());
    }

    function invariant_lotsAddUpToTheTotals() public view nowAndThen {
        ILoyalty loyalty = market.book();
        // What has expired of a customer is looked at only when earned points are taken back.
        uint256 first = loyalty.currentMonth() - 684;
        for (uint32 p = 1; p <= loyalty.programmeCount(); ++p) {
            (uint256[] memory all, uint256[] memory allIssued) = market.lots(p, address(0));
            uint256[] memory sums = new uint256[](all.length);
            uint256[] memory issuedSums = new uint256[](all.length);
            for (uint256 i = 0; i < 3; ++i) {
                (uint256[] memory points, ) = market.lots(p, market.customers(i));
                (, uint256[] memory issued) = market.lots(p, market.payers()[i]);
                for (uint256 m = 0; m < all.length; ++m) {
                    sums[m] += points[m];
                    issuedSums[m] += issued[m];
                }
            }
            for (uint256 m = 0; m < all.length; ++m) {
                if (m >= first) assertEq(sums[m], all[m]);
                assertEq(issuedSums[m], allIssued[m]);
                assertLe(all[m], allIssued[m]);
            }
        }
    }

    function invariant_noPointsLieBeyondTheirTerm() public view nowAndThen {
        ILoyalty loyalty = market.book();
        for (uint32 p = 1; p <= loyalty.programmeCount(); ++p) {
            (ProgrammeTerms memory terms, , ) = loyalty.programmeOf(p);
            uint256 last = loyalty.currentMonth() + terms.months;
            (uint256[] memory points, ) = loyalty.lotsOf(p, address(0), last + 1, 40);
            assertEq(_sum(points), 0);
        }
    }

    function invariant_nobodyGainsByBuyingAndReturning() public view nowAndThen {
        for (uint256 i = 0; i < 3; ++i) {
            assertLe(
                uint256(market.wealth(i) > market.allowance(i) ? 1 : 0),
                0,
                "a customer has more than it began with"
            );
        }
    }

    function invariant_nothingEndsOtherwiseThanItsQuoteSaid() public view {
        assertEq(market.surprises(), 0);
    }

    /// @notice Runs after each sequence: one that got little done would prove little.
    function afterInvariant() public view {
        if (market.calls() >= CALLS_ENOUGH) assertGe(market.kindsDone(), KINDS_ENOUGH);
    }

    /// @notice One long sequence of our own, which must reach every kind of call.
    function test_theHandlerReachesEverything() public {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i = 0; i < 1500; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("sequence", i)));
            (bool success, bytes memory failure) = address(market).call(
                abi.encodeWithSelector(selectors[seed % selectors.length], seed >> 8)
            );
            assertEq(failure, "");
            assertTrue(success);
            if (i % 100 == 99) _checkAll();
        }
        string[23] memory names = [
            "be refused",
            "buy",
            "spend points",
            "spend points of several months",
            "get a reduction",
            "get a percentage",
            "get a bonus",
            "spend in a closed programme",
            "be told that it was paid",
            "refund in whole",
            "refund in part",
            "refund without the points",
            "refund after expiry",
            "give points",
            "pass time",
            "release",
            "fill a pool",
            "take out of a pool",
            "close a programme",
            "suspend",
            "let go on",
            "recover a customer",
            "recover a merchant"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertGt(market.done(names[i]), 0, string.concat("never reached: ", names[i]));
        }
    }

    function _checkAll() private view {
        invariant_I4_pointsAreWorthWhatIsSetAsideForThem();
        invariant_I4_poolsAndReservesAreTheMoneyHeld();
        invariant_lotsAddUpToTheTotals();
        invariant_nobodyGainsByBuyingAndReturning();
        invariant_nothingEndsOtherwiseThanItsQuoteSaid();
    }

    function _sum(uint256[] memory values) private pure returns (uint256 total) {
        for (uint256 i = 0; i < values.length; ++i) total += values[i];
    }
}
