// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IIdentityRegistry, Identity, Status} from "./IIdentityRegistry.sol";
import {IRecoverable} from "./IRecoverable.sol";
import {IdentityWord, IdentityWords, FLAG_SYSTEM} from "./IdentityWord.sol";

/// @title IdentityRegistry
contract IdentityRegistry is AccessManaged, IIdentityRegistry, IRecoverable {
    uint256 public constant MAX_SUCCESSORS = 32;
    uint8 private constant TIERS = 4;
    uint16 private constant LAST_COUNTRY = 999;

    mapping(address account => IdentityWord) private _words;
    mapping(address account => bytes32) private _customerRefs;
    mapping(address account => address) private _successors;

    constructor(address authority_) AccessManaged(authority_) {}

    /// @inheritdoc IIdentityRegistry
    function register(
        address account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags,
        bytes32 customerRef
    ) external restricted {
        if (account == address(0)) revert InvalidAccount(account);
        if (_words[account].status() != Status.Unknown) revert AlreadyRegistered(account);
        _requireValid(account, tier, country, kycExpiry, flags);
        if (customerRef == bytes32(0)) revert CustomerRefMissing();

        _words[account] = IdentityWords.pack(
            Identity(tier, Status.Active, country, kycExpiry, flags)
        );
        _customerRefs[account] = customerRef;
        emit AccountRegistered(account, customerRef, tier, country, kycExpiry, flags);
    }

    /// @inheritdoc IIdentityRegistry
    function update(
        address account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags
    ) external restricted {
        IdentityWord word = _requireOpen(account);
        _requireValid(account, tier, country, kycExpiry, flags);
        // Escrow would be locked in if its account were no longer one, and a person's limits lifted.
        if (word.isSystem() != (flags & FLAG_SYSTEM != 0)) revert InvalidAccount(account);

        _words[account] = IdentityWords.pack(
            Identity(tier, word.status(), country, kycExpiry, flags)
        );
        emit AccountUpdated(account, tier, country, kycExpiry, flags);
    }

    /// @inheritdoc IIdentityRegistry
    function close(address account, bytes32 reason) external restricted {
        _words[account] = _requireActive(account).withStatus(Status.Closed);
        emit AccountClosed(account, reason, msg.sender);
    }

    /// @inheritdoc IIdentityRegistry
    function freeze(address account, bytes32 reason) external restricted {
        _words[account] = _requireActive(account).withStatus(Status.Frozen);
        emit AccountFrozen(account, reason, msg.sender);
    }

    /// @inheritdoc IIdentityRegistry
    function unfreeze(address account, bytes32 reason) external restricted {
        IdentityWord word = _requireOpen(account);
        if (word.status() != Status.Frozen) revert NotFrozen(account);
        _words[account] = word.withStatus(Status.Active);
        emit AccountUnfrozen(account, reason, msg.sender);
    }

    /// @inheritdoc IRecoverable
    function moveAccount(address from, address to) external restricted {
        IdentityWord word = _requireOpen(from);
        // A system account has no key that could be lost, and its flag must not reach a person's key.
        if (word.isSystem()) revert InvalidAccount(from);
        if (to == address(0)) revert InvalidAccount(to);
        if (_words[to].status() != Status.Unknown) revert AlreadyRegistered(to);

        _words[to] = word;
        _words[from] = word.withStatus(Status.Replaced);
        _customerRefs[to] = _customerRefs[from];
        _successors[from] = to;
        emit AccountReplaced(from, to);
    }

    /// @inheritdoc IIdentityRegistry
    function identityOf(address account) external view returns (Identity memory) {
        return _words[account].unpack();
    }

    /// @inheritdoc IIdentityRegistry
    function customerRefOf(address account) external view returns (bytes32) {
        return _customerRefs[account];
    }

    /// @inheritdoc IIdentityRegistry
    function pair(address a, address b) external view returns (IdentityWord, IdentityWord) {
        return (_words[a], _words[b]);
    }

    /// @inheritdoc IIdentityRegistry
    function successorOf(address account) external view returns (address) {
        return _successors[account];
    }

    /// @inheritdoc IIdentityRegistry
    function currentAccount(address account) external view returns (address) {
        for (uint256 steps = 0; steps < MAX_SUCCESSORS; ++steps) {
            // Whoever asks will move money next, which reads this word again; few accounts have a successor to read.
            if (_words[account].status() != Status.Replaced) return account;
            account = _successors[account];
        }
        return account;
    }

    function _requireValid(
        address account,
        uint8 tier,
        uint16 country,
        uint40 kycExpiry,
        uint16 flags
    ) private view {
        if (tier == 0 || tier > TIERS) revert InvalidTier(tier);
        if (country == 0 || country > LAST_COUNTRY) revert InvalidCountry(country);
        if (flags & FLAG_SYSTEM == 0) {
            if (kycExpiry <= block.timestamp) revert InvalidKycExpiry(kycExpiry);
        } else if (account.code.length == 0) {
            // The flag lifts every limit: a person's key must never get it.
            revert InvalidAccount(account);
        }
    }

    /// @dev Open is Active or Frozen.
    function _requireOpen(address account) private view returns (IdentityWord word) {
        word = _words[account];
        Status status = word.status();
        if (status == Status.Unknown) revert UnknownAccount(account);
        if (status == Status.Closed) revert AccountIsClosed(account);
        if (status == Status.Replaced) revert AccountWasReplaced(account, _successors[account]);
    }

    function _requireActive(address account) private view returns (IdentityWord word) {
        word = _requireOpen(account);
        if (word.status() == Status.Frozen) revert AccountIsFrozen(account);
        // What is in escrow belongs to others: it is they who can be frozen.
        if (word.isSystem()) revert InvalidAccount(account);
    }
}
