// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccountRecovery} from "../../../contracts/identity/IAccountRecovery.sol";
import {IIdentityRegistry, Status} from "../../../contracts/identity/IIdentityRegistry.sol";
import {IRecoverable} from "../../../contracts/identity/IRecoverable.sol";
import {PaymentOrder} from "../../../contracts/payments/IPayments.sol";
import {PolicyBound} from "../../../contracts/policy/PolicyBound.sol";
import {TransferPolicy} from "../../../contracts/policy/TransferPolicy.sol";
import {Customers} from "../support/Customers.sol";
import {OwnedWallet} from "../support/Wallets.sol";

/// @notice A module of a recovery that notes what it was told, or refuses.
contract Module is IRecoverable {
    address public from;
    address public to;
    bool private refuses;

    error ModuleRefused();

    constructor(bool refuses_) {
        refuses = refuses_;
    }

    function moveAccount(address from_, address to_) external {
        if (refuses) revert ModuleRefused();
        (from, to) = (from_, to_);
    }
}

contract AccountRecoveryTest is Customers {
    address private successor;
    uint256 private successorKey;
    uint64 private deadline = uint64(START + 7 days);

    function setUp() public override {
        super.setUp();
        (successor, successorKey) = makeAccount("successor");
        for (uint256 i = 1; i < currencies.length; ++i) _give(alice, currencies[i], 1000 * i);
        PaymentOrder memory order = _payment(1);
        payments.pay(order, _signedPayment(order, aliceKey));
    }

    function _acceptance(uint256 key) private view returns (bytes memory) {
        return signDigest(key, _acceptanceDigest(alice, successor, deadline));
    }

    function _propose() private {
        vm.prank(recoveryMaker);
        recovery.propose(alice, successor, deadline, _acceptance(successorKey));
    }

    function _execute() private {
        vm.prank(recoveryChecker);
        recovery.execute(alice, successor);
    }

    // --- propose ---

    function test_propose_refusesInOrderOfPrecedence() public {
        vm.startPrank(recoveryMaker);
        bytes memory acceptance = _acceptance(successorKey);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.InvalidRecovery.selector, address(0), successor)
        );
        recovery.propose(address(0), successor, 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.InvalidRecovery.selector, alice, address(0))
        );
        recovery.propose(alice, address(0), 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.InvalidRecovery.selector, alice, alice)
        );
        recovery.propose(alice, alice, 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryExpired.selector, uint64(START - 1))
        );
        recovery.propose(alice, successor, uint64(START - 1), "");
        bytes memory invalid = abi.encodeWithSelector(
            IAccountRecovery.InvalidAcceptance.selector,
            successor
        );
        vm.expectRevert(invalid);
        recovery.propose(alice, successor, deadline, _acceptance(aliceKey));
        vm.expectRevert(invalid);
        recovery.propose(bob, successor, deadline, acceptance);
        vm.expectRevert(invalid);
        recovery.propose(alice, successor, deadline + 1, acceptance);
        recovery.propose(alice, successor, deadline, acceptance);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccountRecovery.RecoveryAlreadyProposed.selector,
                alice,
                successor,
                deadline
            )
        );
        recovery.propose(alice, successor, deadline, "");
        vm.stopPrank();
    }

    function test_propose_recordsUntilItsDeadline() public {
        vm.expectEmit(address(recovery));
        emit IAccountRecovery.RecoveryProposed(alice, successor, deadline, recoveryMaker);
        _propose();
        (address newAccount, uint64 until, address maker) = recovery.proposalOf(alice);
        assertEq(newAccount, successor);
        assertEq(until, deadline);
        assertEq(maker, recoveryMaker);

        vm.warp(deadline + 1);
        deadline = uint64(deadline + 1 days);
        _propose();
        _execute();
    }

    function test_propose_takesAContractAccount() public {
        successor = address(new OwnedWallet(bob));
        vm.prank(recoveryMaker);
        recovery.propose(alice, successor, deadline, _acceptance(bobKey));
        _execute();
        assertEq(registry.successorOf(alice), successor);
    }

    // --- withdraw ---

    function test_withdraw_refuses() public {
        vm.prank(recoveryMaker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryNotProposed.selector, alice, address(0))
        );
        recovery.withdraw(alice);
        _propose();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        recovery.withdraw(alice);
    }

    function test_withdraw_endsAProposalFromEitherSide() public {
        address[2] memory sides = [recoveryMaker, recoveryChecker];
        for (uint256 i = 0; i < sides.length; ++i) {
            _propose();
            vm.expectEmit(address(recovery));
            emit IAccountRecovery.RecoveryWithdrawn(alice, successor, sides[i]);
            vm.prank(sides[i]);
            recovery.withdraw(alice);
            vm.prank(recoveryChecker);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccountRecovery.RecoveryNotProposed.selector,
                    alice,
                    successor
                )
            );
            recovery.execute(alice, successor);
        }
    }

    // --- execute ---

    function test_execute_refuses() public {
        vm.prank(recoveryChecker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryNotProposed.selector, alice, address(0))
        );
        recovery.execute(alice, address(0));
        _propose();
        vm.prank(recoveryChecker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryNotProposed.selector, alice, bob)
        );
        recovery.execute(alice, bob);
        vm.prank(admin);
        manager.grantRole(5, recoveryMaker, 0);
        vm.prank(recoveryMaker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.MakerIsChecker.selector, recoveryMaker)
        );
        recovery.execute(alice, successor);
        vm.warp(deadline + 1);
        vm.prank(recoveryChecker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryExpired.selector, deadline)
        );
        recovery.execute(alice, successor);
        vm.warp(deadline);
        _execute();
    }

    function test_execute_happensOnce() public {
        _propose();
        _execute();
        vm.prank(recoveryChecker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccountRecovery.RecoveryNotProposed.selector, alice, successor)
        );
        recovery.execute(alice, successor);
    }

    function test_execute_movesFiveCurrenciesLimitsAndIdentity() public {
        _moveEverything(Status.Active);
    }

    function test_execute_keepsAFrozenAccountFrozen() public {
        _freeze(alice);
        _moveEverything(Status.Frozen);

        PaymentOrder memory order = _payment(7);
        order.payer = successor;
        bytes memory signature = _signedPayment(order, successorKey);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, successor)
        );
        payments.pay(order, signature);
        vm.prank(freezer);
        registry.unfreeze(successor, "sorted out");
        payments.pay(order, signature);
    }

    function _moveEverything(Status status) private {
        (uint256 dayUsed, uint256 monthUsed) = policy.usageOf(alice);
        uint256[] memory held = new uint256[](currencies.length);
        uint256[] memory supplies = new uint256[](currencies.length);
        for (uint256 i = 0; i < currencies.length; ++i) {
            held[i] = tokens[currencies[i]].balanceOf(alice);
            supplies[i] = tokens[currencies[i]].totalSupply();
        }

        _propose();
        vm.expectEmit(address(recovery));
        emit IAccountRecovery.RecoveryExecuted(alice, successor, recoveryMaker, recoveryChecker);
        _execute();

        for (uint256 i = 0; i < currencies.length; ++i) {
            assertEq(tokens[currencies[i]].balanceOf(alice), 0);
            assertEq(tokens[currencies[i]].balanceOf(successor), held[i]);
            assertEq(tokens[currencies[i]].totalSupply(), supplies[i]);
        }
        (uint256 dayAfter, uint256 monthAfter) = policy.usageOf(successor);
        assertEq(dayAfter, dayUsed);
        assertEq(monthAfter, monthUsed);
        (dayAfter, monthAfter) = policy.usageOf(alice);
        assertEq(dayAfter + monthAfter, 0);
        assertEq(uint8(registry.identityOf(successor).status), uint8(status));
        assertEq(uint8(registry.identityOf(alice).status), uint8(Status.Replaced));
        assertEq(registry.currentAccount(alice), successor);
    }

    function test_execute_leavesNothingWithTheOldKey() public {
        _propose();
        _execute();
        PaymentOrder memory order = _payment(2);
        bytes memory signature = _signedPayment(order, aliceKey);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountWasReplaced.selector, alice, successor)
        );
        payments.pay(order, signature);
        order.payer = successor;
        payments.pay(order, _signedPayment(order, successorKey));
    }

    function test_execute_isAllOrNothing() public {
        address[] memory modules = new address[](1);
        modules[0] = address(new Module(true));
        vm.prank(governor);
        recovery.setModules(modules);
        _propose();
        vm.prank(recoveryChecker);
        vm.expectRevert(Module.ModuleRefused.selector);
        recovery.execute(alice, successor);
        assertEq(euro.balanceOf(alice), 1_000_000 - 1234);
        assertEq(uint8(registry.identityOf(alice).status), uint8(Status.Active));
    }

    function test_execute_refusesANewAccountThatIsRegistered() public {
        (successor, successorKey) = (bob, bobKey);
        _propose();
        vm.prank(recoveryChecker);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.AlreadyRegistered.selector, bob));
        recovery.execute(alice, bob);
    }

    // --- setModules, setPolicy ---

    function test_setModules_isBoundedAndAsked() public {
        address[] memory tooMany = new address[](recovery.MAX_MODULES() + 1);
        vm.startPrank(governor);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccountRecovery.TooManyModules.selector,
                tooMany.length,
                tooMany.length - 1
            )
        );
        recovery.setModules(tooMany);

        address[] memory modules = new address[](1);
        modules[0] = address(new Module(false));
        vm.expectEmit(address(recovery));
        emit IAccountRecovery.ModulesSet(modules);
        recovery.setModules(modules);
        vm.stopPrank();
        assertEq(recovery.modules()[0], modules[0]);
        _propose();
        _execute();
        assertEq(Module(modules[0]).from(), alice);
        assertEq(Module(modules[0]).to(), successor);
    }

    function test_onlyTheRoleMay() public {
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            stranger
        );
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        recovery.propose(alice, successor, deadline, "");
        vm.expectRevert(unauthorized);
        recovery.execute(alice, successor);
        vm.expectRevert(unauthorized);
        recovery.setModules(new address[](0));
        vm.expectRevert(unauthorized);
        recovery.setPolicy(policy);
        vm.stopPrank();
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(PolicyBound.InvalidPolicy.selector, stranger));
        recovery.setPolicy(TransferPolicy(stranger));
    }

    function test_theDomainIsItsOwn() public view {
        bytes32 structHash = keccak256("struct");
        bytes32 digest = keccak256(
            abi.encodePacked("\x19\x01", recovery.domainSeparator(), structHash)
        );
        assertEq(digest, _digest(address(recovery), structHash));
    }
}
