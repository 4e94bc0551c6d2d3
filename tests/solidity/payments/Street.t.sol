// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {StreetHandler} from "./StreetHandler.sol";

/// @dev The runner finds contracts to call in the files of tests only.
contract Street is StreetHandler {}

/// @notice What holds of mandates, gifts and payments to several after any sequence of them.
/// @dev The long run: `INVARIANT_RUNS=500` makes 100,000 calls for each invariant.
contract StreetInvariants is Test {
    uint256 private constant CALLS_ENOUGH = 150;
    uint256 private constant KINDS_ENOUGH = 7;
    uint256 private constant MONEY = 5 * 20_000;

    /// @dev What is wrong once stays wrong, so it is found a few calls later.
    uint256 private constant LOOK_EVERY = 10;

    Street private street;

    modifier nowAndThen() {
        if (street.calls() % LOOK_EVERY == 0) _;
    }

    function setUp() public {
        street = new Street();
        street.setUp();
        bytes4[] memory selectors = new bytes4[](10);
        selectors[0] = street.grant.selector;
        selectors[1] = street.charge.selector;
        selectors[2] = street.endMandate.selector;
        selectors[3] = street.give.selector;
        selectors[4] = street.claim.selector;
        selectors[5] = street.returnRest.selector;
        selectors[6] = street.paySplit.selector;
        selectors[7] = street.passTime.selector;
        selectors[8] = street.charge.selector;
        selectors[9] = street.claim.selector;
        targetContract(address(street));
        targetSelector(address(street), selectors);
    }

    function invariant_everybodyHasWhatOurBooksSayAndNoMoneyIsLost() public view nowAndThen {
        (, uint256 total) = street.giftsAgree();
        for (uint256 i = 0; i < street.peopleCount(); ++i) {
            address person = street.people(i);
            assertEq(street.moneyOf(person), street.owns(person));
            total += street.moneyOf(person);
        }
        assertEq(total, MONEY);
    }

    function invariant_mandatesAreCollectedOnceAPeriodWithinTheirCeiling() public view nowAndThen {
        assertTrue(street.mandatesAgree());
    }

    function invariant_giftsAddUpAndTheirContractHoldsExactlyWhatIsLeft() public view nowAndThen {
        (bool agree, uint256 left) = street.giftsAgree();
        assertTrue(agree);
        assertEq(street.moneyOf(address(street.gifts())), left);
    }

    function invariant_noMoneyStaysInTheOtherContracts() public view nowAndThen {
        assertEq(street.moneyOf(address(street.mandates())), 0);
        assertEq(street.moneyOf(address(street.splits())), 0);
    }

    function invariant_nothingEndsOtherwiseThanTheModelSaid() public view {
        assertEq(street.surprises(), 0);
    }

    /// @notice Runs after each sequence: one that got little done would prove little.
    function afterInvariant() public view {
        if (street.calls() >= CALLS_ENOUGH) assertGe(street.kindsDone(), KINDS_ENOUGH);
    }

    /// @notice One long sequence of our own, which must reach every kind of call.
    function test_theHandlerReachesEverything() public {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i = 0; i < 1500; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("sequence", i)));
            (bool success, bytes memory failure) = address(street).call(
                abi.encodeWithSelector(selectors[seed % selectors.length], seed >> 8)
            );
            assertEq(failure, "");
            assertTrue(success);
            if (i % 100 == 99) _checkAll();
        }
        string[11] memory names = [
            "be refused",
            "grant",
            "charge",
            "charge by the month",
            "end",
            "give",
            "claim",
            "return the rest",
            "pay several",
            "not pay twice",
            "pass time"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertGt(street.done(names[i]), 0, string.concat("never reached: ", names[i]));
        }
    }

    function _checkAll() private view {
        invariant_everybodyHasWhatOurBooksSayAndNoMoneyIsLost();
        invariant_mandatesAreCollectedOnceAPeriodWithinTheirCeiling();
        invariant_giftsAddUpAndTheirContractHoldsExactlyWhatIsLeft();
        invariant_noMoneyStaysInTheOtherContracts();
        invariant_nothingEndsOtherwiseThanTheModelSaid();
    }
}
