// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry, Status} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {MovementKind} from "../MovementKind.sol";
import {Corridor} from "./ITransferPolicy.sol";
import {KindSets} from "./KindSets.sol";
import {PolicySettings} from "./PolicySettings.sol";

/// @title StandingRules
/// @notice Who may move money to whom, whatever the amount.
abstract contract StandingRules is PolicySettings {
    IIdentityRegistry public immutable REGISTRY;

    constructor(IIdentityRegistry registry) {
        REGISTRY = registry;
    }

    function _refusedByStanding(
        address from,
        IdentityWord payer,
        address to,
        IdentityWord payee,
        MovementKind kind
    ) internal view returns (bytes memory refusal) {
        // Most payments by far: between customers against whom nothing can be said, so that nothing has to be looked for.
        if (
            !_isIn(KindSets.BETWEEN_CUSTOMERS, kind) ||
            !payer.isInGoodStanding(block.timestamp) ||
            !payee.isInGoodStanding(block.timestamp)
        ) {
            refusal = _refusedByParties(from, payer, to, payee, kind);
            if (refusal.length != 0 || _hasNoCorridor(from, payer, to, payee, kind)) return refusal;
        }
        return _refusedByCorridor(payer, payee);
    }

    function _refusedByStatus(
        address account,
        IdentityWord word,
        bool evenExpired
    ) internal view returns (bytes memory refusal) {
        Status status = word.status();
        if (status != Status.Active) {
            if (status == Status.Unknown) return _unknown(account);
            if (status == Status.Closed) {
                return abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, account);
            }
            if (status == Status.Frozen) {
                return abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, account);
            }
            return
                abi.encodeWithSelector(
                    IIdentityRegistry.AccountWasReplaced.selector,
                    account,
                    REGISTRY.successorOf(account)
                );
        }
        if (word.kycExpiry() <= block.timestamp && !evenExpired && !word.isSystem()) {
            return
                abi.encodeWithSelector(
                    IIdentityRegistry.KycExpired.selector,
                    account,
                    word.kycExpiry()
                );
        }
    }

    function _isIn(uint256 kinds, MovementKind kind) internal pure returns (bool) {
        return (kinds >> uint8(kind)) & 1 != 0;
    }

    function _refusedByParties(
        address from,
        IdentityWord payer,
        address to,
        IdentityWord payee,
        MovementKind kind
    ) private view returns (bytes memory refusal) {
        bool ordered = kind == MovementKind.CourtOrder;
        if (from != address(0)) {
            if (!ordered) refusal = _refusedByStatus(from, payer, false);
            else if (payer.status() == Status.Unknown) refusal = _unknown(from);
            if (refusal.length != 0) return refusal;
        }
        if (to != address(0)) {
            // Money that goes back must not be trapped by what has become of its owner since.
            if (kind != MovementKind.EscrowReturn) refusal = _refusedByStatus(to, payee, ordered);
            else if (payee.status() == Status.Unknown) refusal = _unknown(to);
            if (refusal.length != 0) return refusal;
        }
        return _refusedByKind(from, payer, to, payee, kind);
    }

    function _refusedByCorridor(
        IdentityWord payer,
        IdentityWord payee
    ) private view returns (bytes memory refusal) {
        (uint16 from, uint16 to) = (payer.country(), payee.country());
        if (_corridorOf(from, to) == Corridor.Closed) {
            return abi.encodeWithSelector(CorridorClosed.selector, from, to);
        }
    }

    /// @dev Keeps escrow apart from all other money, and exchanges to providers.
    function _refusedByKind(
        address from,
        IdentityWord payer,
        address to,
        IdentityWord payee,
        MovementKind kind
    ) private pure returns (bytes memory refusal) {
        if (payer.isSystem() != _isIn(KindSets.OUT_OF_ESCROW, kind)) return _notFor(from, kind);
        if (payee.isSystem()) {
            if (!_isIn(KindSets.INTO_ESCROW, kind)) return _notFor(to, kind);
        } else {
            if (kind == MovementKind.EscrowIn) return _notFor(to, kind);
            if (kind == MovementKind.ExchangeIn && !payee.isProvider()) return _notAProvider(to);
        }
        if (kind == MovementKind.ExchangeOut && !payer.isProvider()) return _notAProvider(from);
    }

    /// @dev Who exchanges through a provider asks for the corridor between the ends of the transfer.
    function _hasNoCorridor(
        address from,
        IdentityWord payer,
        address to,
        IdentityWord payee,
        MovementKind kind
    ) private pure returns (bool) {
        return
            from == address(0) ||
            to == address(0) ||
            kind == MovementKind.CourtOrder ||
            payer.isSystem() ||
            payee.isSystem() ||
            _isIn(KindSets.EXCHANGE, kind);
    }

    function _notFor(address account, MovementKind kind) private pure returns (bytes memory) {
        return abi.encodeWithSelector(KindNotForAccount.selector, account, kind);
    }

    function _notAProvider(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(NotAProvider.selector, account);
    }

    function _unknown(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, account);
    }
}
