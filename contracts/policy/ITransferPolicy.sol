// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../MovementKind.sol";

/// @notice Limits of a tier, in minor units of the reference currency (EUR cents).
/// type(uint64).max stands for no limit.
/// @param perPayment Largest single debit.
/// @param day Largest sum of debits in any 24 hours.
/// @param month Largest sum of debits in any 30 days.
/// @param balance Largest sum held over all currencies after a credit.
struct TierLimits {
    uint64 perPayment;
    uint64 day;
    uint64 month;
    uint64 balance;
}

/// @notice Which limit refused, in the order in which they are looked at.
enum LimitRule {
    PerPayment,
    Day,
    Month,
    Balance
}

/// @notice Whether money may go from one country to another. Review matters to transfers through
/// escrow; a plain payment passes.
enum Corridor {
    Open,
    Review,
    Closed
}

/// @notice What a pause stops.
/// Outgoing: Payment, Direct, ExchangeIn and ExchangeOut. Issuance: Mint. Redemption: Redemption.
/// Everything: all of these, and Refund and EscrowIn.
/// CourtOrder, Recovery, EscrowOut and EscrowReturn are never stopped.
enum Switch {
    Outgoing,
    Issuance,
    Redemption,
    Everything
}

/// @notice One question to {ITransferPolicy-explainMany}.
struct Query {
    bytes3 currency;
    MovementKind kind;
    address from;
    address to;
    uint256 amount;
}

/// @notice How near a movement is to its limits. Amounts are minor units of the reference currency;
/// a limit of type(uint64).max stands for none. All zero apart from `policyVersion` when the
/// currency or an account is not known.
/// @param asked The movement's amount, rounded up.
/// @param dayUsed The payer's debits in the current window, before this movement.
/// @param balanceUsed What the payee holds over all currencies, before this movement.
/// @param dayFreesAt Unix time in seconds from which the day limit would allow this movement;
/// 0 when it does so now, or never will.
struct Headroom {
    uint256 asked;
    uint256 perPayment;
    uint256 dayLimit;
    uint256 dayUsed;
    uint256 monthLimit;
    uint256 monthUsed;
    uint256 balanceLimit;
    uint256 balanceUsed;
    uint64 dayFreesAt;
    uint64 monthFreesAt;
    uint64 policyVersion;
}

/// @notice What an exchange of one currency for another needs to know.
/// @param value Of the source amount, in minor units of the reference currency, rounded up.
/// @param corridor Between the countries of both ends; never Closed.
struct Exchange {
    address sourceToken;
    address targetToken;
    uint128 sourcePrice;
    uint128 targetPrice;
    uint256 value;
    Corridor corridor;
}

/// @title ITransferPolicy
/// @notice Decides whether a movement of money is allowed, and keeps what each account has used of its limits.
///
/// Promises
/// - Limits span all currencies and all ways to pay: they count in one reference currency.
/// - No account exceeds its day limit in any 24 hours, nor its month limit in any 30 days. The windows roll
///   in buckets (a fifth of the window wide), so a debit counts for one bucket width longer at most.
/// - Refusals have one order: pause, payer's standing, payee's standing, what kinds the accounts may take part in,
/// corridor, per payment, day, month, balance.
/// - A system account gets money by EscrowIn, ExchangeIn and ExchangeOut only, and gives it by EscrowOut and
/// EscrowReturn only; no other account gives by these two, or gets by EscrowIn. So escrow is never paid into by
/// mistake nor out of by a court, and no contract can pass a customer's limits by calling a payment escrow.
/// - Only a provider gives by ExchangeOut, and only a provider or a system account gets by ExchangeIn.
/// - What was in escrow can be returned whatever became of the account it came from.
/// - `explain` and `consume` decide by the same code, so an explanation is the refusal that would follow.
///
/// Assumptions
/// - Prices are current. They bound limits only; no money is converted by them.
///
/// Warning: tiers without a day and a month limit leave no record of use; a limit set later counts from then on.
interface ITransferPolicy {
    event CurrencyAdded(
        bytes3 indexed currency,
        address indexed token,
        uint8 decimals,
        uint128 price
    );
    event PriceSet(bytes3 indexed currency, uint128 price, address by);
    event TierLimitsSet(uint8 indexed tier, TierLimits limits);
    event CorridorSet(uint16 indexed from, uint16 indexed to, Corridor state);
    event Paused(Switch indexed what, address by);
    event Unpaused(Switch indexed what, address by);
    event UsageMoved(address indexed from, address indexed to);

    /// @param what The pause that stands in the way; Everything only when no narrower one does.
    error OperationPaused(Switch what);
    /// @notice The account cannot be on this side of a movement of this kind: see the promises on escrow.
    error KindNotForAccount(address account, MovementKind kind);
    /// @notice The account is not registered as a provider of foreign exchange.
    error NotAProvider(address account);
    error CorridorClosed(uint16 from, uint16 to);
    /// @param limit In minor units of the reference currency, as are `used` and `asked`.
    /// @param freesAt Unix time in seconds from which the movement would fit; 0 when it never will.
    error LimitExceeded(LimitRule rule, uint256 limit, uint256 used, uint256 asked, uint64 freesAt);
    error UnknownCurrency(bytes3 currency);
    /// @notice Only a token that was added as a currency may use up limits.
    error UnknownToken(address token);
    error CurrencyAlreadyAdded(bytes3 currency);
    error TooManyCurrencies(uint256 countMax);
    /// @notice The price is zero or outside the band around the price last set by the POLICY role.
    error PriceOutOfBand(bytes3 currency, uint128 price, uint256 priceMin, uint256 priceMax);
    error UnknownTier(uint8 tier);
    /// @notice The limit is too large to be counted; see the MAX constants of UsageWindows.
    error LimitNotCountable(LimitRule rule, uint256 limit, uint256 limitMax);
    error UnknownCountry(uint16 country);
    error AlreadyPaused(Switch what);
    error NotPaused(Switch what);

    /// @notice Adds the currency of `token`.
    /// @param price Minor units of the reference currency for one minor unit of this one, times 1e18.
    function addCurrency(address token, uint128 price) external;

    /// @notice Sets the middle of the band inside which the rate feeder may set prices, and the price itself.
    function setPriceAnchor(bytes3 currency, uint128 price) external;

    /// @notice Sets a price between half and twice the anchor: a stolen feeder cannot lift limits further than that.
    /// @param price Minor units of the reference currency for one minor unit of this one, times 1e18.
    function setPrice(bytes3 currency, uint128 price) external;

    function setTierLimits(uint8 tier, TierLimits calldata limits) external;

    /// @param from ISO 3166-1 numeric, as is `to`. The corridor back is another one.
    function setCorridor(uint16 from, uint16 to, Corridor state) external;

    function pause(Switch what) external;

    function unpause(Switch what) external;

    /// @notice Checks a movement and counts it against the payer's limits, or reverts with the first refusal.
    /// Only tokens of added currencies may call this.
    /// @param from The payer; zero for a mint.
    /// @param to The payee; zero for a redemption.
    /// @param amount Minor units of the calling token's currency.
    function consume(address from, address to, uint256 amount, MovementKind kind) external;

    /// @notice Whether money of `from` may reach `to`, whoever it goes through. Reverts with the first refusal:
    /// pause, payer's standing, payee's standing, corridor.
    /// @param kind Decides which pauses count.
    /// @return Open or Review.
    function requirePassage(
        address from,
        address to,
        MovementKind kind
    ) external view returns (Corridor);

    /// @notice The facts of an exchange, after the currencies and {requirePassage} have been looked at.
    /// @param amount Source minor units.
    function requireExchange(
        address from,
        address to,
        bytes3 source,
        bytes3 target,
        uint256 amount
    ) external view returns (Exchange memory);

    /// @notice What would happen to a movement now.
    /// @return refusal Empty when it is allowed, else the ABI-encoded error with which it would revert.
    /// @return headroom How near it is to each limit.
    function explain(
        bytes3 currency,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) external view returns (bytes memory refusal, Headroom memory headroom);

    /// @notice Reverts with the refusal that `explain` gives, if there is one.
    function requireAllowed(
        bytes3 currency,
        MovementKind kind,
        address from,
        address to,
        uint256 amount
    ) external view;

    /// @notice `explain` for many movements, each looked at by itself.
    function explainMany(Query[] calldata queries) external view returns (bytes[] memory refusals);

    /// @notice The token of a currency; reverts with UnknownCurrency when there is none.
    function tokenOf(bytes3 currency) external view returns (address);

    /// @notice The codes of all currencies, in the order in which they were added.
    function currencies() external view returns (bytes3[] memory);

    /// @notice Price and anchor of a currency, scaled by 1e18.
    function priceOf(bytes3 currency) external view returns (uint128 price, uint128 anchor);

    function tierLimits(uint8 tier) external view returns (TierLimits memory);

    function corridor(uint16 from, uint16 to) external view returns (Corridor);

    function paused(Switch what) external view returns (bool);

    /// @notice Rises with every change of limits, corridors, prices and currencies.
    function policyVersion() external view returns (uint64);

    /// @notice What `account` has used of its day and its month, in minor units of the reference currency.
    function usageOf(address account) external view returns (uint256 dayUsed, uint256 monthUsed);
}
