// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Identity, Status} from "../../../contracts/identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../../../contracts/money/ICurrencyToken.sol";
import {Switch, TierLimits} from "../../../contracts/policy/ITransferPolicy.sol";
import {Movements} from "../support/Movements.sol";
import {Vm} from "../support/Vm.sol";

/// @notice A second set of books, kept from the tokens' events alone, and the rules each entry is held to.
abstract contract Replay is Movements {
    struct Book {
        uint256 balance;
        uint64 seq;
        bytes32 head;
    }

    struct Debit {
        uint256 time;
        uint256 amount;
    }

    mapping(address token => mapping(address account => Book)) public books;
    mapping(address token => uint256) public supplies;
    /// @notice Debits by the customer, who keeps them through a recovery.
    mapping(bytes32 customer => Debit[]) private debits;

    /// @notice How often each rule was broken.
    uint256 public frozenLosses;
    uint256 public pausedMovements;
    uint256 public limitBreaches;
    uint256 public transfersWithoutEntry;
    /// @notice How often each kind of movement was replayed.
    mapping(MovementKind kind => uint256) public replayed;

    /// @dev Enters what has happened since the last call.
    function _replay() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IERC20.Transfer.selector) continue;
            bool followed =
                i + 1 < logs.length &&
                    logs[i + 1].topics[0] == ICurrencyToken.EntryRecorded.selector &&
                    logs[i + 1].emitter == logs[i].emitter;
            if (!followed) ++transfersWithoutEntry;
            else _enter(logs[i], logs[i + 1]);
        }
    }

    function _enter(Vm.Log memory transfer, Vm.Log memory entry) private {
        address from = address(uint160(uint256(transfer.topics[1])));
        address to = address(uint160(uint256(transfer.topics[2])));
        uint256 value = abi.decode(transfer.data, (uint256));
        (MovementKind kind, uint64 fromSeq, uint64 toSeq) = abi.decode(
            entry.data,
            (MovementKind, uint64, uint64)
        );
        address token = transfer.emitter;
        if (from == address(0)) {
            supplies[token] += value;
        } else {
            Book storage book = books[token][from];
            book.balance -= value;
            _count(book, fromSeq, abi.encode(kind, from, to, value, entry.topics[1]));
        }
        if (to == address(0)) {
            supplies[token] -= value;
        } else {
            Book storage book = books[token][to];
            book.balance += value;
            _count(book, toSeq, abi.encode(kind, from, to, value, entry.topics[1]));
        }
        ++replayed[kind];
        _holdToRules(token, from, to, value, kind);
    }

    function _count(Book storage book, uint64 seq, bytes memory rest) private {
        book.seq += 1;
        assertEq(book.seq, seq, "entries are numbered without a gap");
        book.head = bytes19(keccak256(bytes.concat(book.head, abi.encode(seq), rest)));
    }

    function _holdToRules(
        address token,
        address from,
        address to,
        uint256 value,
        MovementKind kind
    ) private {
        bool exempt = kind == MovementKind.CourtOrder || kind == MovementKind.Recovery;
        if (!exempt && registry.identityOf(from).status == Status.Frozen) ++frozenLosses;
        if (_isStopped(kind)) ++pausedMovements;
        uint256 price = _price(token);
        if (_counts(kind) && !_isSystem(from)) _debit(from, _valueUp(value, price));
        bool credits =
            kind == MovementKind.Mint ||
                kind == MovementKind.Payment ||
                kind == MovementKind.Direct;
        if (credits && _held(to) > policy.tierLimits(registry.identityOf(to).tier).balance) {
            ++limitBreaches;
        }
    }

    function _debit(address from, uint256 value) private {
        Identity memory identity = registry.identityOf(from);
        TierLimits memory limits = policy.tierLimits(identity.tier);
        Debit[] storage list = debits[registry.customerRefOf(from)];
        list.push(Debit(block.timestamp, value));
        uint256 day;
        uint256 month;
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i].time + 1 days > block.timestamp) day += list[i].amount;
            if (list[i].time + 30 days > block.timestamp) month += list[i].amount;
        }
        if (value > limits.perPayment || day > limits.day || month > limits.month) ++limitBreaches;
    }

    /// @dev Written out, and not taken from the policy.
    function _isStopped(MovementKind kind) private view returns (bool) {
        bool everything = policy.paused(Switch.Everything);
        if (kind == MovementKind.Payment || kind == MovementKind.Direct) {
            return everything || policy.paused(Switch.Outgoing);
        }
        if (kind == MovementKind.Mint) return everything || policy.paused(Switch.Issuance);
        if (kind == MovementKind.Redemption) {
            return everything || policy.paused(Switch.Redemption);
        }
        return everything && (kind == MovementKind.Refund || kind == MovementKind.EscrowIn);
    }

    function _counts(MovementKind kind) private pure returns (bool) {
        return
            kind == MovementKind.Payment ||
            kind == MovementKind.Direct ||
            kind == MovementKind.Refund ||
            kind == MovementKind.EscrowIn ||
            kind == MovementKind.Redemption;
    }

    function _isSystem(address account) private view returns (bool) {
        return registry.identityOf(account).flags & 8 != 0;
    }

    function _held(address account) private view returns (uint256 held) {
        for (uint256 i = 0; i < currencies.length; ++i) {
            address token = address(tokens[currencies[i]]);
            held += _valueUp(books[token][account].balance, _price(token));
        }
    }

    function _price(address token) private view returns (uint256 price) {
        (price, ) = policy.priceOf(ICurrencyToken(token).currency());
    }

    function _valueUp(uint256 amount, uint256 price) private pure returns (uint256) {
        return (amount * price + 1e18 - 1) / 1e18;
    }
}
