// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";

/// @notice Reduction: a fixed amount off. Percentage: a share off, with a cap. Points: more points than otherwise.
enum OfferKind {
    None,
    Reduction,
    Percentage,
    Points
}

/// @notice What a merchant offers, signed by it. None of it ever changes; the order id is the offer's id:
/// Offer(address merchant,uint8 kind,string currency,uint32 programme,uint64 minimum,uint64 amount,uint16 rateBps,
/// bool firstPurchase,bool combinable,uint40 startsAt,uint40 endsAt,uint64 budget,uint64 customerBudget,
/// bytes32 reference,uint256 nonce,uint64 deadline)
/// @param currency ISO 4217 code of the purchases that it is for.
/// @param programme In which it gives points; zero for the other kinds.
/// @param minimum The least, in minor units, that must be left to pay when the offer's turn comes.
/// @param amount Reduction: minor units off. Percentage: the most that it takes off. Points: points besides.
/// @param rateBps Percentage: of what is left to pay. Points: of the points that are earned without it. In hundredths of
/// a per cent.
/// @param firstPurchase Whether it is for a customer's first purchase at the merchant only.
/// @param combinable Whether a purchase may use another offer as well.
/// @param startsAt Unix time in seconds, the first at which it is good, as `endsAt` is the last.
/// @param budget The most that it gives in all: minor units, or points. type(uint64).max stands for no end.
/// @param customerBudget The most that it gives to one customer.
struct OfferOrder {
    address merchant;
    OfferKind kind;
    bytes3 currency;
    uint32 programme;
    uint64 minimum;
    uint64 amount;
    uint16 rateBps;
    bool firstPurchase;
    bool combinable;
    uint40 startsAt;
    uint40 endsAt;
    uint64 budget;
    uint64 customerBudget;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice Ends an offer early, signed by its merchant:
/// OfferEnd(bytes32 offer,address merchant,bytes32 reference,uint256 nonce,uint64 deadline)
struct OfferEndOrder {
    bytes32 offer;
    address merchant;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice What is bought, for offers to be tried on.
/// @param payer The customer's account. Everything is kept under `customer`, which is its origin, as `merchant` is one.
/// @param first Whether it is the customer's first purchase at the merchant.
/// @param pointsValue What points pay of it, in minor units.
/// @param points With `perMinor`: points earned without an offer for minor units paid in money.
/// @param reduction An offer of that kind, or zero, as are `percentage` and `bonus`.
struct Basket {
    bytes32 orderId;
    address payer;
    address customer;
    address merchant;
    bytes3 currency;
    uint32 programme;
    bool first;
    uint64 gross;
    uint256 pointsValue;
    uint32 valueNumerator;
    uint32 valueDenominator;
    uint32 points;
    uint32 perMinor;
    bytes32 reduction;
    bytes32 percentage;
    bytes32 bonus;
}

/// @notice What offers give.
/// @param reduction Minor units off, as is `percentage`.
/// @param bonus Points beyond those earned anyway.
/// @param earned All points earned, the bonus included.
struct Benefit {
    uint256 reduction;
    uint256 percentage;
    uint256 bonus;
    uint256 earned;
}

/// @title IOffers
/// @notice What merchants offer, and how much of it has been given.
///
/// Promises
/// - An offer exists only as its merchant signed it. It never gives more than its budget, nor more than that for a
/// customer; whatever a refund gives back can be given again.
/// - A purchase names at most one offer of each kind, and they apply in one order: the reduction to the gross amount; the
/// percentage to what the reduction left; then points that are spent; then points are earned on what is paid in money,
/// and the bonus comes on top. An offer's minimum is compared with what is left to pay when its turn comes, points
/// spent not yet taken off. So no wording of a purchase gives another result.
/// - An offer that is named applies in full or the purchase is refused: nobody pays more than the offer promised.
/// - All points that a purchase earns together are never worth more than the money that is paid for it.
/// - Refusals have one order: unknown, other purchase, ended, time, not combinable, not the first, minimum, without
/// effect, budget, customer's budget.
interface IOffers is ISignedOrders {
    event OfferPublished(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed merchant,
        OfferOrder offer
    );
    event OfferEnded(
        bytes32 indexed offer,
        bytes32 indexed reference_,
        address indexed merchant,
        bytes32 orderId
    );
    /// @param amount What it gave: minor units or points.
    /// @param used What it has given in all.
    event OfferUsed(
        bytes32 indexed offer,
        bytes32 indexed orderId,
        address indexed customer,
        uint256 amount,
        uint256 used
    );
    event OfferGivenBack(
        bytes32 indexed offer,
        bytes32 indexed orderId,
        address indexed customer,
        uint256 amount,
        uint256 used
    );

    error InvalidOffer();
    error UnknownOffer(bytes32 offer);
    /// @notice The offer is another merchant's, or for another currency or programme.
    error OfferMismatch(bytes32 offer);
    error OfferIsOver(bytes32 offer);
    error OfferNotInTime(bytes32 offer, uint40 startsAt, uint40 endsAt);
    error OfferNotCombinable(bytes32 offer);
    error NotTheFirstPurchase(bytes32 offer);
    /// @param reached What was left to pay when the offer's turn came, in minor units.
    error MinimumNotReached(bytes32 offer, uint256 minimum, uint256 reached);
    error OfferGivesNothing(bytes32 offer);
    error OfferBudgetSpent(bytes32 offer, uint256 left, uint256 asked);
    error CustomerBudgetSpent(bytes32 offer, uint256 left, uint256 asked);

    function publish(
        OfferOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    function end(
        OfferEndOrder calldata order,
        bytes calldata signature
    ) external returns (bytes32 orderId);

    /// @notice Gives what the basket's offers promise, or reverts with the first refusal.
    function giveTo(Basket calldata basket) external returns (Benefit memory);

    /// @notice Counts back what a refund reversed.
    function giveBack(
        bytes32 offer,
        bytes32 orderId,
        address payer,
        address customer,
        uint256 amount
    ) external;

    /// @notice What the basket's offers would give.
    /// @return benefit Without those that are refused.
    /// @return refusals Of reduction, percentage and bonus: the ABI-encoded error, empty when it applies.
    function weigh(
        Basket calldata basket
    ) external view returns (Benefit memory benefit, bytes[3] memory refusals);

    /// @return offer As it was published; nonce, reference and deadline are left out.
    /// @return ended Whether its merchant ended it.
    /// @return used What it has given.
    function offerOf(
        bytes32 offerId
    ) external view returns (OfferOrder memory offer, bool ended, uint256 used);

    /// @notice What an offer has given to a customer, counted only where it has a budget for one.
    function usedBy(bytes32 offer, address customer) external view returns (uint256);

    function offerIdOf(OfferOrder calldata order) external view returns (bytes32);

    function offerEndId(OfferEndOrder calldata order) external view returns (bytes32);
}
