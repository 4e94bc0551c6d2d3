// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {IIssuance, Proposal, ProposalState} from "../../../contracts/money/IIssuance.sol";
import {ITransferPolicy, LimitRule} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract IssuanceTest is Customers {
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

    // --- propose ---

    function test_propose_refuses() public {
        vm.startPrank(issuerMaker);
        vm.expectRevert(
            abi.encodeWithSelector(ITransferPolicy.UnknownCurrency.selector, bytes3("GBP"))
        );
        issuance.propose("GBP", alice, 0, 0, "request");
        vm.expectRevert(IIssuance.ZeroAmount.selector);
        issuance.propose(EUR, alice, 0, 0, "request");
        vm.expectRevert(IIssuance.DepositReferenceMissing.selector);
        issuance.propose(EUR, alice, 1, 0, "request");
        issuance.propose(EUR, alice, 1, "deposit", "request");
        bytes memory used = abi.encodeWithSelector(
            IIssuance.DepositAlreadyUsed.selector,
            bytes32("deposit")
        );
        vm.expectRevert(used);
        issuance.propose(EUR, bob, 2, "deposit", "other request");
        // The bank's reference of a deposit is unique within one currency's account.
        issuance.propose(USD, alice, 1, "deposit", "request");
        vm.stopPrank();
    }

    function test_propose_stores() public {
        bytes32 expected = keccak256(
            abi.encode(EUR, bytes32("deposit"), alice, uint128(5), bytes32("request"))
        );
        vm.expectEmit(address(issuance));
        emit IIssuance.MintProposed(expected, EUR, alice, 5, "deposit", "request", issuerMaker);
        bytes32 proposalId = _propose(5, "deposit");
        assertEq(proposalId, expected);
        assertEq(issuance.proposalOfDeposit(EUR, "deposit"), expected);
        Proposal memory stored = issuance.proposalOf(proposalId);
        Proposal memory wanted = Proposal({
            currency: EUR,
            state: ProposalState.Proposed,
            proposedAt: uint40(START),
            maker: issuerMaker,
            to: alice,
            amount: 5,
            depositReference: "deposit",
            reference_: "request"
        });
        assertEq(abi.encode(stored), abi.encode(wanted));
    }

    // --- approve ---

    function test_approve_refusesInOrderOfPrecedence() public {
        _refuseApproval(
            "unknown",
            abi.encodeWithSelector(
                IIssuance.ProposalNotOpen.selector,
                bytes32("unknown"),
                ProposalState.None
            )
        );
        bytes32 proposalId = _propose(1_000_001, "deposit");
        vm.prank(admin);
        manager.grantRole(9, issuerMaker, 0);
        skip(7 days + 1);
        vm.prank(issuerMaker);
        vm.expectRevert(abi.encodeWithSelector(IIssuance.MakerIsChecker.selector, issuerMaker));
        issuance.approve(proposalId);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.ProposalLapsed.selector,
                proposalId,
                uint40(START + 7 days)
            )
        );
        vm.warp(START + 7 days);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(IIssuance.MintCapExceeded.selector, EUR, 1_000_000, 1_000_001)
        );
        vm.prank(policyMaker);
        issuance.setCaps(EUR, 1_000_001, 1_000_000);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.DailyMintCapExceeded.selector,
                EUR,
                1_000_000,
                0,
                1_000_001,
                uint64(0)
            )
        );
        vm.prank(policyMaker);
        issuance.setCaps(EUR, 1_000_001, 1_000_001);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.ReservesStale.selector,
                EUR,
                uint40(START),
                uint40(START + 6 days)
            )
        );
        _attest(3_000_000);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.ReservesExceeded.selector,
                EUR,
                3_000_000,
                2_000_000,
                1_000_001
            )
        );
        _attest(3_000_001);
        _freeze(alice);
        _refuseApproval(proposalId, abi.encodeWithSignature("AccountIsFrozen(address)", alice));
        vm.prank(freezer);
        registry.unfreeze(alice, "reason");
        _approve(proposalId);
        _refuseApproval(
            proposalId,
            abi.encodeWithSelector(
                IIssuance.ProposalNotOpen.selector,
                proposalId,
                ProposalState.Minted
            )
        );
    }

    function test_approve_mints() public {
        bytes32 proposalId = _propose(1_000_000, "deposit");
        vm.expectEmit(address(issuance));
        emit IIssuance.MintApproved(proposalId, issuerChecker);
        vm.expectEmit(address(euro));
        emit ICurrencyToken.EntryRecorded(proposalId, MovementKind.Mint, 0, 2);
        _approve(proposalId);
        assertEq(euro.balanceOf(alice), 2_000_000);
        assertEq(euro.totalSupply(), 3_000_000);
        assertEq(uint8(issuance.proposalOf(proposalId).state), uint8(ProposalState.Minted));
        (, , uint256 mintedToday) = issuance.capsOf(EUR);
        assertEq(mintedToday, 1_000_000);

        vm.prank(issuerMaker);
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.DepositAlreadyUsed.selector, bytes32("deposit"))
        );
        issuance.propose(EUR, alice, 1, "deposit", "another request");
    }

    function test_approve_isOfTheTermsThatWereRead() public {
        // The maker swaps the terms after the checker has read them.
        bytes32 read = _propose(1_000, "deposit");
        vm.startPrank(issuerMaker);
        issuance.decline(read, "changed my mind");
        bytes32 swapped = issuance.propose(EUR, bob, 1_000_000, "deposit", "request");
        vm.stopPrank();
        assertNotEq(read, swapped);
        _refuseApproval(
            read,
            abi.encodeWithSelector(IIssuance.ProposalNotOpen.selector, read, ProposalState.Declined)
        );
    }

    // --- decline, lapse ---

    function test_decline_isForBothSides() public {
        address[2] memory sides = [issuerMaker, issuerChecker];
        for (uint256 i = 0; i < sides.length; ++i) {
            bytes32 proposalId = _propose(1, "deposit");
            vm.prank(stranger);
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
            );
            issuance.decline(proposalId, "no");
            vm.expectEmit(address(issuance));
            emit IIssuance.MintDeclined(proposalId, sides[i], "no");
            vm.prank(sides[i]);
            issuance.decline(proposalId, "no");
            vm.prank(sides[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IIssuance.ProposalNotOpen.selector,
                    proposalId,
                    ProposalState.Declined
                )
            );
            issuance.decline(proposalId, "no");
        }
    }

    function test_whatLapsedMayBeProposedAgain() public {
        bytes32 first = _propose(1, "deposit");
        vm.warp(START + 7 days);
        vm.prank(issuerMaker);
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.DepositAlreadyUsed.selector, bytes32("deposit"))
        );
        issuance.propose(EUR, alice, 1, "deposit", "request");
        vm.warp(START + 7 days + 1);
        assertEq(_propose(1, "deposit"), first);
        _attest(10_000_000);
        _approve(first);
    }

    function test_aLapsedProposalCannotMintBesideItsSuccessor() public {
        bytes32 first = _propose(1, "deposit");
        vm.warp(START + 7 days + 1);
        bytes32 second = _propose(2, "deposit");
        _attest(10_000_000);
        _approve(second);
        _refuseApproval(
            first,
            abi.encodeWithSelector(IIssuance.ProposalLapsed.selector, first, uint40(START + 7 days))
        );
    }

    function test_aMintObeysTheBalanceLimit() public {
        vm.prank(registrar);
        registry.update(alice, 1, GERMANY, uint40(START + 1 days), 0);
        _refuseApproval(
            _propose(1, "deposit"),
            abi.encodeWithSelector(
                ITransferPolicy.LimitExceeded.selector,
                LimitRule.Balance,
                1_000_000,
                1_000_000,
                1,
                uint64(0)
            )
        );
    }

    // --- who may ---

    function test_onlyTheRoleMay() public {
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            stranger
        );
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        issuance.attestReserves(EUR, 1, uint40(START), "document");
        vm.expectRevert(unauthorized);
        issuance.setCaps(EUR, 1, 1);
        vm.expectRevert(unauthorized);
        issuance.setMaxAttestationAge(1);
        vm.expectRevert(unauthorized);
        issuance.propose(EUR, alice, 1, "deposit", "request");
        vm.expectRevert(unauthorized);
        issuance.approve("proposal");
        vm.expectRevert(unauthorized);
        issuance.confirmPayout("order", "payout");
        vm.expectRevert(unauthorized);
        issuance.setPolicy(policy);
        vm.stopPrank();
    }
}
