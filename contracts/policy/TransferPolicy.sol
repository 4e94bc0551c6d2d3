// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IIdentityRegistry, Status} from "../identity/IIdentityRegistry.sol";
import {IdentityWord} from "../identity/IdentityWord.sol";
import {IRecoverable} from "../identity/IRecoverable.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {Refusal} from "../Refusal.sol";
import {
    ITransferPolicy,
    TierLimits,
    LimitRule,
    Corridor,
    Switch,
    Exchange,
    Query,
    Headroom
} from "./ITransferPolicy.sol";
import {KindSets} from "./KindSets.sol";
import {StandingRules} from "./StandingRules.sol";
import {Usage, UsageWindows} from "./UsageWindows.sol";

/// @title TransferPolicy
contract TransferPolicy is StandingRules, IRecoverable {
    mapping(address account => Usage) private _usage;

    /// @dev What a movement that is allowed writes.
    struct Debit {
        bool counts;
        bool pastChanged;
        uint256 recent;
        uint256 past;
    }

    constructor(
        IIdentityRegistry registry,
        address authority_
    ) StandingRules(registry) AccessManaged(authority_) {}

    /// @inheritdoc ITransferPolicy
    function consume(address from, address to, uint256 amount, MovementKind kind) external {
        uint128 price = _prices[msg.sender].price;
        if (price == 0) revert UnknownToken(msg.sender);
        Debit memory debit;
        Usage storage usage = _usage[from];
        Refusal.enforce(_decide(price, from, to, amount, kind, usage, debit));
        if (debit.counts) {
            usage.recent = debit.recent;
            if (debit.pastChanged) usage.past = debit.past;
        }
    }

    /// @inheritdoc IRecoverable
    function moveAccount(address from, address to) external restricted {
        _usage[to] = _usage[from];
        delete _usage[from];
        emit UsageMoved(from, to);
    }

    /// @inheritdoc ITransferPolicy
    function requirePassage(
        address from,
        address to,
        MovementKind kind
    ) public view returns (Corridor state) {
        Refusal.enforce(_refusedByPause(kind));
        (IdentityWord payer, IdentityWord payee) = REGISTRY.pair(from, to);
        Refusal.enforce(_refusedByStatus(from, payer, false));
        Refusal.enforce(_refusedByStatus(to, payee, false));
        state = _corridorOf(payer.country(), payee.country());
        if (state == Corridor.Closed) revert CorridorClosed(payer.country(), payee.country());
    }

    /// @inheritdoc ITransferPolicy
    function requireExchange(
        address from,
        address to,
        bytes3 source,
        bytes3 target,
        uint256 amount
    ) external view returns (Exchange memory exchange) {
        exchange.sourceToken = tokenOf(source);
        exchange.targetToken = tokenOf(target);
        exchange.sourcePrice = _prices[exchange.sourceToken].price;
        exchange.targetPrice = _prices[exchange.targetToken].price;
        exchange.value = _toReferenceUp(amount, exchange.sourcePrice);
        exchange.corridor = requirePassage(from, to, MovementKind.ExchangeIn);
    }

    /// @inheritdoc ITransferPolicy
    function explain(
        bytes3 currency,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) public view returns (bytes memory refusal, Headroom memory headroom) {
        Query memory query = Query(currency, kind, from, to, amount);
        return (_refusalOf(query), _headroomOf(query));
    }

    /// @inheritdoc ITransferPolicy
    function requireAllowed(
        bytes3 currency,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) external view {
        Refusal.enforce(_refusalOf(Query(currency, kind, from, to, amount)));
    }

    /// @inheritdoc ITransferPolicy
    function explainMany(Query[] calldata queries) external view returns (bytes[] memory refusals) {
        refusals = new bytes[](queries.length);
        for (uint256 i = 0; i < queries.length; ++i) refusals[i] = _refusalOf(queries[i]);
    }

    /// @inheritdoc ITransferPolicy
    function usageOf(address account) external view returns (uint256 dayUsed, uint256 monthUsed) {
        (uint256 recent, , ) = _usage[account].rolled(block.timestamp);
        dayUsed = UsageWindows.daySum(recent);
        monthUsed = UsageWindows.monthSum(recent, dayUsed);
    }

    /// @dev The one place that decides. Nothing is written, so that `explain` can ask the same.
    /// @param debit Filled in with what the movement writes when it is allowed.
    function _decide(
        uint128 price,
        address from,
        address to,
        uint256 amount,
        MovementKind kind,
        Usage storage usage,
        Debit memory debit
    ) private view returns (bytes memory refusal) {
        if (kind == MovementKind.Recovery) return refusal;
        refusal = _refusedByPause(kind);
        if (refusal.length != 0) return refusal;

        (IdentityWord payer, IdentityWord payee) = REGISTRY.pair(from, to);
        refusal = _refusedByStanding(from, payer, to, payee, kind);
        if (refusal.length != 0) return refusal;

        uint256 asked = _toReferenceUp(amount, price);
        TierLimits memory limits = _limits[payer.tier()];
        uint256 bit = 1 << uint8(kind);
        if (KindSets.COUNTS_FOR_PAYER & bit != 0 && !payer.isSystem()) {
            refusal = _debited(usage, limits, asked, debit);
            if (refusal.length != 0) return refusal;
        }
        if (KindSets.COUNTS_FOR_PAYEE & bit != 0 && !_holdsAnything(payee)) {
            if (payee.tier() != payer.tier()) limits = _limits[payee.tier()];
            refusal = _refusedByBalance(to, limits.balance, asked);
        }
    }

    function _refusedByPause(MovementKind kind) private view returns (bytes memory refusal) {
        uint256 bits = _state.pausedBits;
        if (bits == 0 || !_isIn(KindSets.STOPPED_BY_EVERYTHING, kind)) return refusal;
        Switch narrow = Switch.Everything;
        if (_isIn(KindSets.STOPPED_BY_OUTGOING, kind)) narrow = Switch.Outgoing;
        else if (_isIn(KindSets.STOPPED_BY_ISSUANCE, kind)) narrow = Switch.Issuance;
        else if (_isIn(KindSets.STOPPED_BY_REDEMPTION, kind)) narrow = Switch.Redemption;

        if (bits & _bit(narrow) != 0)
            return abi.encodeWithSelector(OperationPaused.selector, narrow);
        if (bits & _bit(Switch.Everything) != 0) {
            return abi.encodeWithSelector(OperationPaused.selector, Switch.Everything);
        }
    }

    /// @dev Checks the payer's limits, and fills in the usage to write when they hold.
    function _debited(
        Usage storage usage,
        TierLimits memory limits,
        uint256 asked,
        Debit memory debit
    ) private view returns (bytes memory refusal) {
        if (asked > limits.perPayment && limits.perPayment != NO_LIMIT) {
            return _exceeded(LimitRule.PerPayment, limits.perPayment, 0, asked, 0);
        }
        if (limits.day == NO_LIMIT && limits.month == NO_LIMIT) return refusal;

        uint256 recent;
        (recent, debit.past, debit.pastChanged) = usage.rolled(block.timestamp);
        uint256 dayUsed = UsageWindows.daySum(recent);
        if (limits.day != NO_LIMIT && dayUsed + asked > limits.day) {
            uint64 freesAt = UsageWindows.dayFreesAt(recent, asked, limits.day);
            return _exceeded(LimitRule.Day, limits.day, dayUsed, asked, freesAt);
        }
        uint256 monthUsed = UsageWindows.monthSum(recent, dayUsed);
        if (limits.month != NO_LIMIT && monthUsed + asked > limits.month) {
            uint64 freesAt = usage.monthFreesAt(block.timestamp, asked, limits.month);
            return _exceeded(LimitRule.Month, limits.month, monthUsed, asked, freesAt);
        }
        debit.recent = UsageWindows.added(recent, asked);
        debit.counts = true;
    }

    function _refusedByBalance(
        address to,
        uint256 limit,
        uint256 asked
    ) private view returns (bytes memory refusal) {
        if (limit == NO_LIMIT) return refusal;
        uint256 held = _heldInReferenceUp(to);
        if (held + asked > limit) return _exceeded(LimitRule.Balance, limit, held, asked, 0);
    }

    /// @dev Bounded by MAX_CURRENCIES.
    function _heldInReferenceUp(address account) private view returns (uint256 held) {
        uint256 count = _tokens.length;
        for (uint256 i = 0; i < count; ++i) {
            address token = _tokens[i];
            uint256 balance = ICurrencyToken(token).balanceOf(account);
            if (balance != 0) held += _toReferenceUp(balance, _prices[token].price);
        }
    }

    /// @dev The checks of the currency's token stand around ours, in the order in which it makes them.
    function _refusalOf(Query memory query) private view returns (bytes memory refusal) {
        address token = _findToken(query.currency);
        if (token == address(0))
            return abi.encodeWithSelector(UnknownCurrency.selector, query.currency);
        refusal = ICurrencyToken(token).refusalBeforePolicy(
            query.from,
            query.to,
            query.amount,
            query.kind
        );
        if (refusal.length != 0) return refusal;
        Debit memory ignored;
        refusal = _decide(
            _prices[token].price,
            query.from,
            query.to,
            query.amount,
            query.kind,
            _usage[query.from],
            ignored
        );
        if (refusal.length != 0) return refusal;
        return ICurrencyToken(token).refusalAfterPolicy(query.from, query.amount);
    }

    function _headroomOf(Query memory query) private view returns (Headroom memory room) {
        room.policyVersion = _state.version;
        address token = _findToken(query.currency);
        if (token == address(0)) return room;
        (IdentityWord payer, IdentityWord payee) = REGISTRY.pair(query.from, query.to);
        if (query.from != address(0) && payer.status() == Status.Unknown) return room;
        if (query.to != address(0) && payee.status() == Status.Unknown) return room;

        room.asked = _toReferenceUp(query.amount, _prices[token].price);
        (room.perPayment, room.dayLimit, room.monthLimit, room.balanceLimit) = (
            NO_LIMIT,
            NO_LIMIT,
            NO_LIMIT,
            NO_LIMIT
        );
        if (_isIn(KindSets.COUNTS_FOR_PAYER, query.kind) && !payer.isSystem()) {
            _fillPayer(room, _usage[query.from], _limits[payer.tier()]);
        }
        if (_isIn(KindSets.COUNTS_FOR_PAYEE, query.kind) && !_holdsAnything(payee)) {
            room.balanceLimit = _limits[payee.tier()].balance;
            room.balanceUsed = _heldInReferenceUp(query.to);
        }
    }

    function _fillPayer(
        Headroom memory room,
        Usage storage usage,
        TierLimits memory limits
    ) private view {
        (uint256 recent, , ) = usage.rolled(block.timestamp);
        room.perPayment = limits.perPayment;
        room.dayLimit = limits.day;
        room.dayUsed = UsageWindows.daySum(recent);
        room.dayFreesAt = UsageWindows.dayFreesAt(recent, room.asked, room.dayLimit);
        room.monthLimit = limits.month;
        room.monthUsed = UsageWindows.monthSum(recent, room.dayUsed);
        room.monthFreesAt = usage.monthFreesAt(block.timestamp, room.asked, room.monthLimit);
    }

    /// @dev Escrow, and providers: what they hold is what others exchange.
    function _holdsAnything(IdentityWord word) private pure returns (bool) {
        return word.isSystem() || word.isProvider();
    }

    function _exceeded(
        LimitRule rule,
        uint256 limit,
        uint256 used,
        uint256 asked,
        uint64 freesAt
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(LimitExceeded.selector, rule, limit, used, asked, freesAt);
    }
}
