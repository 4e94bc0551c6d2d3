// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IdentityWord} from "../../../contracts/identity/IdentityWord.sol";
import {
    IIdentityRegistry,
    Identity,
    Status
} from "../../../contracts/identity/IIdentityRegistry.sol";
import {World} from "../support/World.sol";

contract IdentityRegistryTest is World {
    address private account = makeAddr("account");
    address private other = makeAddr("other");
    uint40 private expiry = uint40(START + 365 days);

    function _registerAccount() private {
        vm.prank(registrar);
        registry.register(account, 2, GERMANY, expiry, 3, "ref");
    }

    function _assertIdentity(address who, uint8 tier, Status status, uint16 flags) private view {
        Identity memory identity = registry.identityOf(who);
        assertEq(identity.tier, tier);
        assertEq(uint8(identity.status), uint8(status));
        assertEq(identity.country, GERMANY);
        assertEq(identity.kycExpiry, expiry);
        assertEq(identity.flags, flags);
    }

    // --- register ---

    function test_register_refusesInOrderOfPrecedence() public {
        _registerAccount();
        vm.startPrank(registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, address(0))
        );
        registry.register(address(0), 0, 0, 0, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AlreadyRegistered.selector, account)
        );
        registry.register(account, 0, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidTier.selector, 0));
        registry.register(other, 0, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidTier.selector, 5));
        registry.register(other, 5, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidCountry.selector, 0));
        registry.register(other, 1, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidCountry.selector, 1000));
        registry.register(other, 1, 1000, 0, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.InvalidKycExpiry.selector, uint40(START))
        );
        registry.register(other, 1, GERMANY, uint40(START), 0, 0);
        vm.expectRevert(IIdentityRegistry.CustomerRefMissing.selector);
        registry.register(other, 1, GERMANY, uint40(START + 1), 0, 0);
        registry.register(other, 1, GERMANY, uint40(START + 1), 0, "ref");
        vm.stopPrank();
    }

    function test_register_stores() public {
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountRegistered(account, "ref", 2, GERMANY, expiry, 3);
        _registerAccount();
        _assertIdentity(account, 2, Status.Active, 3);
        assertEq(registry.customerRefOf(account), "ref");
        assertEq(registry.successorOf(account), address(0));
        assertEq(registry.currentAccount(account), account);
    }

    function test_register_takesASystemAccountOnlyIfItIsAContract() public {
        vm.startPrank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, account));
        registry.register(account, 1, GERMANY, 0, 8, "ref");
        registry.register(address(batch), 1, GERMANY, 0, 8, "ref");
        vm.stopPrank();
        assertEq(registry.identityOf(address(batch)).flags, 8);
    }

    function test_aSystemAccountStaysOneAndCannotBeLockedIn() public {
        _registerAccount();
        vm.startPrank(registrar);
        registry.register(address(batch), 1, GERMANY, 0, 8, "ref");
        bytes memory invalid = abi.encodeWithSelector(
            IIdentityRegistry.InvalidAccount.selector,
            address(batch)
        );
        vm.expectRevert(invalid);
        registry.update(address(batch), 1, GERMANY, expiry, 0);
        vm.expectRevert(invalid);
        registry.close(address(batch), "reason");
        registry.register(address(policy), 1, GERMANY, expiry, 0, "ref");
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, address(policy))
        );
        registry.update(address(policy), 1, GERMANY, expiry, 8);
        registry.update(address(batch), 2, BRAZIL, 0, 8);
        vm.stopPrank();
        vm.prank(freezer);
        vm.expectRevert(invalid);
        registry.freeze(address(batch), "reason");
    }

    // --- update ---

    function test_update_refusesWhatIsNotOpen() public {
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, account));
        registry.update(account, 1, GERMANY, expiry, 0);
        _registerAccount();
        vm.startPrank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidTier.selector, 9));
        registry.update(account, 9, GERMANY, expiry, 0);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, account));
        registry.update(account, 1, GERMANY, expiry, 8);
        registry.close(account, "reason");
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account)
        );
        registry.update(account, 1, GERMANY, expiry, 0);
        vm.stopPrank();
    }

    function test_update_changesAllButTheStatus() public {
        _registerAccount();
        _freeze(account);
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountUpdated(account, 4, GERMANY, expiry, 5);
        vm.prank(registrar);
        registry.update(account, 4, GERMANY, expiry, 5);
        _assertIdentity(account, 4, Status.Frozen, 5);
        assertEq(registry.customerRefOf(account), "ref");
    }

    // --- freeze, unfreeze, close ---

    function test_freeze_refusesWhatIsNotActive() public {
        vm.startPrank(freezer);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, account));
        registry.freeze(account, "reason");
        vm.stopPrank();
        _registerAccount();
        _freeze(account);
        vm.prank(freezer);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account)
        );
        registry.freeze(account, "reason");
    }

    function test_freeze_keepsEverythingElse() public {
        _registerAccount();
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountFrozen(account, "reason", freezer);
        _freeze(account);
        _assertIdentity(account, 2, Status.Frozen, 3);
    }

    function test_unfreeze_refusesWhatIsNotFrozen() public {
        vm.startPrank(freezer);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, account));
        registry.unfreeze(account, "reason");
        vm.stopPrank();
        _registerAccount();
        vm.prank(freezer);
        vm.expectRevert(abi.encodeWithSelector(IIdentityRegistry.NotFrozen.selector, account));
        registry.unfreeze(account, "reason");
    }

    function test_unfreeze_makesActive() public {
        _registerAccount();
        _freeze(account);
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountUnfrozen(account, "sorted out", freezer);
        vm.prank(freezer);
        registry.unfreeze(account, "sorted out");
        _assertIdentity(account, 2, Status.Active, 3);
    }

    function test_close_cannotOverrideAFreeze() public {
        _registerAccount();
        _freeze(account);
        vm.prank(registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account)
        );
        registry.close(account, "reason");
    }

    function test_close_isForGood() public {
        _registerAccount();
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountClosed(account, "reason", registrar);
        vm.prank(registrar);
        registry.close(account, "reason");
        _assertIdentity(account, 2, Status.Closed, 3);

        vm.startPrank(freezer);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account)
        );
        registry.freeze(account, "reason");
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account)
        );
        registry.unfreeze(account, "reason");
        vm.stopPrank();
        vm.startPrank(registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account)
        );
        registry.close(account, "reason");
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AlreadyRegistered.selector, account)
        );
        registry.register(account, 1, GERMANY, expiry, 0, "ref");
        vm.stopPrank();
        vm.prank(address(recovery));
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account)
        );
        registry.moveAccount(account, other);
    }

    // --- moveAccount ---

    function test_moveAccount_refuses() public {
        _registerAccount();
        vm.prank(registrar);
        registry.register(other, 1, GERMANY, expiry, 0, "other");
        vm.prank(registrar);
        registry.register(address(batch), 1, GERMANY, 0, 8, "system");
        vm.startPrank(address(recovery));
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
        registry.moveAccount(stranger, other);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, address(batch))
        );
        registry.moveAccount(address(batch), stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.InvalidAccount.selector, address(0))
        );
        registry.moveAccount(account, address(0));
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AlreadyRegistered.selector, other)
        );
        registry.moveAccount(account, other);
        vm.expectRevert(
            abi.encodeWithSelector(IIdentityRegistry.AlreadyRegistered.selector, account)
        );
        registry.moveAccount(account, account);
        vm.stopPrank();
    }

    function test_moveAccount_replaces() public {
        _registerAccount();
        vm.expectEmit(address(registry));
        emit IIdentityRegistry.AccountReplaced(account, other);
        vm.prank(address(recovery));
        registry.moveAccount(account, other);

        _assertIdentity(other, 2, Status.Active, 3);
        _assertIdentity(account, 2, Status.Replaced, 3);
        assertEq(registry.customerRefOf(other), "ref");
        assertEq(registry.successorOf(account), other);
        bytes memory replaced = abi.encodeWithSelector(
            IIdentityRegistry.AccountWasReplaced.selector,
            account,
            other
        );
        vm.prank(freezer);
        vm.expectRevert(replaced);
        registry.freeze(account, "reason");
        vm.prank(address(recovery));
        vm.expectRevert(replaced);
        registry.moveAccount(account, stranger);
    }

    function test_currentAccount_followsSuccessorsUpToItsBound() public {
        _registerAccount();
        address[] memory chain = new address[](registry.MAX_SUCCESSORS() + 2);
        chain[0] = account;
        for (uint256 i = 1; i < chain.length; ++i) {
            chain[i] = address(uint160(0x1000 + i));
            vm.prank(address(recovery));
            registry.moveAccount(chain[i - 1], chain[i]);
        }
        assertEq(registry.currentAccount(account), chain[registry.MAX_SUCCESSORS()]);
        assertEq(registry.currentAccount(chain[2]), chain[chain.length - 1]);
    }

    // --- reading ---

    function test_pair_packsWhatIdentityOfSays(uint8 tier, uint16 country, uint40 until) public {
        tier = uint8(bound(tier, 1, 4));
        country = uint16(bound(country, 1, 999));
        until = uint40(bound(until, START + 1, type(uint40).max));
        vm.prank(registrar);
        registry.register(account, tier, country, until, 7, "ref");
        (IdentityWord word, IdentityWord none) = registry.pair(account, other);
        assertEq(word.tier(), tier);
        assertEq(uint8(word.status()), uint8(Status.Active));
        assertEq(word.country(), country);
        assertEq(word.kycExpiry(), until);
        assertFalse(word.isSystem());
        assertEq(IdentityWord.unwrap(none), 0);
        Identity memory identity = registry.identityOf(account);
        assertEq(identity.tier, tier);
        assertEq(identity.country, country);
        assertEq(identity.kycExpiry, until);
        assertEq(identity.flags, 7);
    }

    // --- who may ---

    function test_onlyTheRoleMay() public {
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            stranger
        );
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        registry.register(account, 2, GERMANY, expiry, 0, "ref");
        vm.expectRevert(unauthorized);
        registry.update(account, 2, GERMANY, expiry, 0);
        vm.expectRevert(unauthorized);
        registry.close(account, "reason");
        vm.expectRevert(unauthorized);
        registry.freeze(account, "reason");
        vm.expectRevert(unauthorized);
        registry.unfreeze(account, "reason");
        vm.expectRevert(unauthorized);
        registry.moveAccount(account, other);
        vm.stopPrank();
    }
}
