// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {IIssuance} from "../../../contracts/money/IIssuance.sol";
import {ITransferPolicy} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract MintCeilingsTest is Customers {
    uint256 private constant BUCKET = 17_280;

    function setUp() public override {
        super.setUp();
        // 1,000,000 a mint, 2,500,000 a day, and reserves of 10,000,000; 2,000,000 are out.
        vm.prank(policyMaker);
        issuance.setCaps(EUR, 1_000_000, 2_500_000);
        _attest(10_000_000);
    }

    function _attest(uint256 amount) private {
        vm.prank(attestor);
        issuance.attestReserves(EUR, amount, uint40(block.timestamp), "document");
    }

    function _propose(uint128 amount, bytes32 deposit) private returns (bytes32) {
        vm.prank(issuerMaker);
        return issuance.propose(EUR, alice, amount, deposit, "request");
    }

    function _approve(bytes32 proposalId) private {
        vm.prank(issuerChecker);
        issuance.approve(proposalId);
    }

    function _refuseApproval(bytes32 proposalId, bytes memory refusal) private {
        vm.expectRevert(refusal);
        _approve(proposalId);
    }

    // --- reserves ---

    function test_attestReserves_refuses() public {
        vm.startPrank(attestor);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        issuance.attestReserves("GBP", 1, uint40(START), "document");
        uint40[2] memory wrong = [uint40(START + 1), uint40(START - 1)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IIssuance.AttestationInvalid.selector,
                    EUR,
                    1,
                    wrong[i],
                    uint40(START)
                )
            );
            issuance.attestReserves(EUR, 1, wrong[i], "document");
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IIssuance.AttestationInvalid.selector,
                EUR,
                1 << 128,
                uint40(START),
                uint40(START)
            )
        );
        issuance.attestReserves(EUR, 1 << 128, uint40(START), "document");
        issuance.attestReserves(EUR, (1 << 128) - 1, uint40(START), "document");
        vm.stopPrank();
    }

    function test_attestReserves_recordsBadNewsToo() public {
        vm.expectEmit(address(issuance));
        emit IIssuance.ReservesAttested(EUR, 5, uint40(START), "document", attestor);
        _attest(5);
        (uint256 amount, uint40 asOf) = issuance.reservesOf(EUR);
        assertEq(amount, 5);
        assertEq(asOf, START);
        _refuseApproval(
            _propose(1, "deposit"),
            abi.encodeWithSelector(IIssuance.ReservesExceeded.selector, EUR, 5, 2_000_000, 1)
        );
        assertEq(euro.totalSupply(), 2_000_000);
    }

    // --- settings ---

    function test_setCaps() public {
        vm.startPrank(policyMaker);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        issuance.setCaps("GBP", 1, 1);
        uint128 countable = type(uint64).max;
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.CapNotCountable.selector, countable + 1, countable)
        );
        issuance.setCaps(EUR, 1, countable + 1);
        vm.expectEmit(address(issuance));
        emit IIssuance.CapsSet(EUR, 7, countable);
        issuance.setCaps(EUR, 7, countable);
        vm.stopPrank();
        (uint128 perMint, uint128 perDay, uint256 mintedToday) = issuance.capsOf(EUR);
        assertEq(perMint, 7);
        assertEq(perDay, countable);
        assertEq(mintedToday, 0);
    }

    function test_setMaxAttestationAge() public {
        assertEq(issuance.maxAttestationAge(), 1 days);
        vm.startPrank(policyMaker);
        uint40[2] memory wrong = [uint40(0), uint40(31 days + 1)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IIssuance.InvalidMaxAttestationAge.selector, wrong[i])
            );
            issuance.setMaxAttestationAge(wrong[i]);
        }
        vm.expectEmit(address(issuance));
        emit IIssuance.MaxAttestationAgeSet(31 days);
        issuance.setMaxAttestationAge(31 days);
        vm.stopPrank();
        assertEq(issuance.maxAttestationAge(), 31 days);
    }

    // --- what they stop ---

    function test_approve_cannotMintMoreThanTheCapInAnyDay() public {
        _approve(_propose(1_000_000, "a"));
        skip(1 days - BUCKET);
        _approve(_propose(1_000_000, "b"));
        bytes32 third = _propose(500_001, "c");
        uint64 freesAt = uint64((START / BUCKET + 6) * BUCKET);
        _refuseApproval(
            third,
            abi.encodeWithSelector(
                IIssuance.DailyMintCapExceeded.selector,
                EUR,
                2_500_000,
                2_000_000,
                500_001,
                freesAt
            )
        );
        vm.warp(freesAt);
        _attest(10_000_000);
        _approve(third);
    }

    function test_approve_takesAnAttestationUpToItsAge() public {
        bytes32 proposalId = _propose(1, "deposit");
        vm.warp(START + 1 days + 1);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.ReservesStale.selector,
                EUR,
                uint40(START),
                uint40(START + 1)
            )
        );
        vm.warp(START + 1 days);
        _approve(proposalId);
    }
}
