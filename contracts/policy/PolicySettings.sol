// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {ITransferPolicy, TierLimits, LimitRule, Corridor, Switch} from "./ITransferPolicy.sol";
import {UsageWindows} from "./UsageWindows.sol";

/// @title PolicySettings
/// @notice What the policy is set to: currencies and their prices, limits, corridors, pauses.
abstract contract PolicySettings is AccessManaged, ITransferPolicy {
    uint256 public constant MAX_CURRENCIES = 32;
    uint64 public constant NO_LIMIT = type(uint64).max;

    /// @dev The rate feeder may move a price between anchor / PRICE_BAND and anchor * PRICE_BAND.
    uint256 internal constant PRICE_BAND = 2;
    uint256 internal constant PRICE_SCALE = 1e18;

    uint8 private constant TIERS = 4;
    uint16 private constant LAST_COUNTRY = 999;

    /// @dev price is 0 for an address that is not the token of a currency.
    struct Price {
        uint128 price;
        uint128 anchor;
    }

    struct State {
        uint8 pausedBits;
        uint64 version;
    }

    State internal _state;
    address[] internal _tokens;
    mapping(address token => Price) internal _prices;
    mapping(uint8 tier => TierLimits) internal _limits;
    mapping(uint256 fromAndTo => Corridor) private _corridors;

    bytes3[] private _currencies;
    mapping(bytes3 currency => address) private _tokenOf;

    /// @inheritdoc ITransferPolicy
    function addCurrency(address token, uint128 price) external restricted {
        bytes3 currency = ICurrencyToken(token).currency();
        if (_tokenOf[currency] != address(0)) revert CurrencyAlreadyAdded(currency);
        if (_currencies.length == MAX_CURRENCIES) revert TooManyCurrencies(MAX_CURRENCIES);
        if (price == 0) revert PriceOutOfBand(currency, price, 1, type(uint128).max);

        _currencies.push(currency);
        _tokens.push(token);
        _tokenOf[currency] = token;
        _prices[token] = Price(price, price);
        ++_state.version;
        emit CurrencyAdded(currency, token, ICurrencyToken(token).decimals(), price);
    }

    /// @inheritdoc ITransferPolicy
    function setPriceAnchor(bytes3 currency, uint128 price) external restricted {
        address token = tokenOf(currency);
        if (price == 0) revert PriceOutOfBand(currency, price, 1, type(uint128).max);
        _setPrice(currency, token, Price(price, price));
    }

    /// @inheritdoc ITransferPolicy
    function setPrice(bytes3 currency, uint128 price) external restricted {
        address token = tokenOf(currency);
        uint128 anchor = _prices[token].anchor;
        uint256 priceMin = (uint256(anchor) + PRICE_BAND - 1) / PRICE_BAND;
        uint256 priceMax = uint256(anchor) * PRICE_BAND;
        if (price < priceMin || price > priceMax)
            revert PriceOutOfBand(currency, price, priceMin, priceMax);
        _setPrice(currency, token, Price(price, anchor));
    }

    /// @inheritdoc ITransferPolicy
    function setTierLimits(uint8 tier, TierLimits calldata limits) external restricted {
        if (tier == 0 || tier > TIERS) revert UnknownTier(tier);
        _requireCountable(LimitRule.Day, limits.day, UsageWindows.MAX_DAY_LIMIT);
        // Without a day limit a day bucket may fill up to the month limit.
        bool dayIsBounded = limits.day != NO_LIMIT;
        _requireCountable(
            LimitRule.Month,
            limits.month,
            dayIsBounded ? UsageWindows.MAX_MONTH_LIMIT : UsageWindows.MAX_DAY_LIMIT
        );

        _limits[tier] = limits;
        ++_state.version;
        emit TierLimitsSet(tier, limits);
    }

    /// @inheritdoc ITransferPolicy
    function setCorridor(uint16 from, uint16 to, Corridor state) external restricted {
        if (from == 0 || from > LAST_COUNTRY) revert UnknownCountry(from);
        if (to == 0 || to > LAST_COUNTRY) revert UnknownCountry(to);
        _corridors[_corridorKey(from, to)] = state;
        ++_state.version;
        emit CorridorSet(from, to, state);
    }

    /// @inheritdoc ITransferPolicy
    function pause(Switch what) external restricted {
        if (paused(what)) revert AlreadyPaused(what);
        _state.pausedBits |= _bit(what);
        emit Paused(what, msg.sender);
    }

    /// @inheritdoc ITransferPolicy
    function unpause(Switch what) external restricted {
        if (!paused(what)) revert NotPaused(what);
        _state.pausedBits &= ~_bit(what);
        emit Unpaused(what, msg.sender);
    }

    /// @inheritdoc ITransferPolicy
    function tokenOf(bytes3 currency) public view returns (address token) {
        token = _tokenOf[currency];
        if (token == address(0)) revert UnknownCurrency(currency);
    }

    /// @inheritdoc ITransferPolicy
    function paused(Switch what) public view returns (bool) {
        return _state.pausedBits & _bit(what) != 0;
    }

    /// @inheritdoc ITransferPolicy
    function currencies() external view returns (bytes3[] memory) {
        return _currencies;
    }

    /// @inheritdoc ITransferPolicy
    function priceOf(bytes3 currency) external view returns (uint128 price, uint128 anchor) {
        Price storage stored = _prices[tokenOf(currency)];
        return (stored.price, stored.anchor);
    }

    /// @inheritdoc ITransferPolicy
    function tierLimits(uint8 tier) external view returns (TierLimits memory) {
        return _limits[tier];
    }

    /// @inheritdoc ITransferPolicy
    function corridor(uint16 from, uint16 to) external view returns (Corridor) {
        return _corridorOf(from, to);
    }

    /// @inheritdoc ITransferPolicy
    function policyVersion() external view returns (uint64) {
        return _state.version;
    }

    /// @dev The zero address instead of a refusal.
    function _findToken(bytes3 currency) internal view returns (address) {
        return _tokenOf[currency];
    }

    /// @dev Rounds up, so that many small payments cannot slip past a limit.
    function _toReferenceUp(uint256 amount, uint128 price) internal pure returns (uint256) {
        // More than this cannot exist in any currency; the cap keeps the product inside 256 bits.
        if (amount > type(uint128).max) amount = type(uint128).max;
        // A price has 128 bits too, and the product of two such numbers stays 2**129 away from the end.
        unchecked {
            return (amount * price + PRICE_SCALE - 1) / PRICE_SCALE;
        }
    }

    function _setPrice(bytes3 currency, address token, Price memory price) private {
        _prices[token] = price;
        ++_state.version;
        emit PriceSet(currency, price.price, msg.sender);
    }

    function _corridorOf(uint16 from, uint16 to) internal view returns (Corridor) {
        return _corridors[_corridorKey(from, to)];
    }

    function _requireCountable(LimitRule rule, uint64 limit, uint256 limitMax) private pure {
        if (limit != NO_LIMIT && limit > limitMax) revert LimitNotCountable(rule, limit, limitMax);
    }

    function _corridorKey(uint16 from, uint16 to) private pure returns (uint256) {
        return (uint256(from) << 16) | to;
    }

    function _bit(Switch what) internal pure returns (uint8) {
        return uint8(1 << uint8(what));
    }
}
