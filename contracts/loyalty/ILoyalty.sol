// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Who pays for the points that are earned at a member. Bank: always the owner. Merchant: the owner, who is the
/// only member. Coalition: each member for those that are earned at it.
enum ProgrammeKind {
    None,
    Bank,
    Merchant,
    Coalition
}

/// @notice Where a merchant stands in a programme. Suspended: no points are earned or spent at it, refunds go on.
enum MemberState {
    None,
    Active,
    Suspended
}

/// @notice What a programme is; none of it ever changes.
/// @param owner The account of the bank, of the merchant, or of who stands for the coalition.
/// @param currency ISO 4217 code of the currency in which points are worth something.
/// @param valueNumerator With `valueDenominator`: minor units of the currency for one point.
/// @param months Points are good until the end of this many calendar months after that in which they were earned.
/// @param transferable Whether customers may give points to one another.
struct ProgrammeTerms {
    ProgrammeKind kind;
    address owner;
    bytes3 currency;
    uint32 valueNumerator;
    uint32 valueDenominator;
    uint8 months;
    bool transferable;
}

/// @notice What a purchase needs to know of a programme. Empty but for the origins when the purchase has none.
/// @param customer Where the customer's points are kept: see {ILoyalty-originOf}.
/// @param merchant The same for the merchant.
/// @param points With `perMinor`: points earned for minor units; zero when none are earned.
struct SaleTerms {
    address customer;
    address merchant;
    uint32 valueNumerator;
    uint32 valueDenominator;
    uint32 points;
    uint32 perMinor;
}

/// @notice The points of a purchase.
/// @param spend Points that pay a part; their value goes to the merchant.
/// @param earn Points that the customer gets, or that are taken back.
struct Sale {
    bytes32 orderId;
    uint32 programme;
    address customer;
    address merchant;
    uint256 spend;
    uint256 earn;
}

/// @notice Points that come back with a refund, and money for points that cannot be taken back.
/// @param lots Those that the purchase spent; see {LotBook}.
/// @param before How many of them have come back already, the latest month first.
/// @param next How many will have after this.
/// @param compensation Minor units that the merchant pays into the pool of who paid for the points that were earned.
struct Restoration {
    bytes32 orderId;
    uint32 programme;
    address customer;
    address merchant;
    uint256[] lots;
    uint256 before;
    uint256 next;
    uint256 compensation;
}

/// @title ILoyalty
/// @notice Programmes, the pools that pay for points, and the points of each customer.
///
/// Promises
/// - Points come into being only while a pool has their whole value free, which is then set aside in the programme's
/// reserve: reserve = points that have not expired or were not released * value of a point, exactly.
/// - Of each programme, free money of all pools + reserve = money that this contract holds for it, exactly. Pools and
/// reserve are counted in parts of a minor unit, so nothing is lost by rounding.
/// - A pool never pays more than is free in it; what is in the reserve no one can withdraw.
/// - Points are spent earliest expiry first, and never after the end of the month that they are good for.
/// - There is one lot for a month and at most 37 of them that can be spent, so no amount of earning makes spending dearer
/// than that.
/// - The points of a programme that is closed are honoured until they expire.
/// - Once a month is over, anyone may release what was set aside for its points to those who paid for them, in proportion
/// to what each paid for and is not taken back.
/// - Points follow their holder to a new key.
///
/// Warning: whoever holds the CASHIER role decides what is earned and spent. It asks for the consent of whoever loses
/// something. Give it to audited contracts only.
interface ILoyalty {
    event ProgrammeCreated(
        uint32 indexed programme,
        address indexed owner,
        ProgrammeKind kind,
        bytes3 currency,
        uint32 valueNumerator,
        uint32 valueDenominator,
        uint8 months,
        bool transferable
    );
    event ProgrammeClosed(uint32 indexed programme);
    event MemberSet(uint32 indexed programme, address indexed merchant, MemberState state);
    event PoolReturned(
        uint32 indexed programme,
        address indexed account,
        bytes3 currency,
        uint256 amount,
        address by
    );
    /// @param expiryMonth At whose end they expire.
    event PointsEarned(
        bytes32 indexed orderId,
        address indexed customer,
        address indexed merchant,
        uint32 programme,
        uint256 expiryMonth,
        uint256 points
    );
    /// @param lots `expiry month << 64 | points` for each.
    /// @param value What the merchant got for them, in minor units.
    event PointsSpent(
        bytes32 indexed orderId,
        address indexed customer,
        address indexed merchant,
        uint32 programme,
        uint256[] lots,
        uint256 value
    );
    /// @notice Earned points were taken back by a refund.
    /// @param points What was still there.
    /// @param gone What was not.
    /// @param expired Whether the month is over: its points are worth nothing, and none of the reserve is freed.
    event PointsTakenBack(
        bytes32 indexed orderId,
        address indexed customer,
        address indexed merchant,
        uint32 programme,
        uint256 expiryMonth,
        uint256 points,
        uint256 gone,
        bool expired
    );
    /// @notice Spent points came back with a refund.
    /// @param lots Where they are now; `expiry month << 64 | points` for each.
    /// @param postponed How many of them would have expired too soon, and got a later month.
    /// @param amount What the merchant paid into the contract, in minor units, the compensation included.
    event PointsRestored(
        bytes32 indexed orderId,
        address indexed customer,
        address indexed merchant,
        uint32 programme,
        uint256[] lots,
        uint256 postponed,
        uint256 amount,
        uint256 compensation
    );
    /// @notice A pool got back what was set aside for points that have expired.
    /// @param account Whose pool it is.
    event PointsReleased(
        uint32 indexed programme,
        address indexed account,
        uint256 expiryMonth,
        uint256 points
    );
    event PointsMoved(address indexed from, address indexed to);

    error ZeroAmount();
    error UnknownProgramme(uint32 programme);
    error InvalidProgramme();
    error ProgrammeIsClosed(uint32 programme);
    error ProgrammeMismatch(uint32 programme, bytes3 currency);
    /// @notice The account is no member, or its part in the programme is suspended.
    error MemberNotActive(uint32 programme, address account, MemberState state);
    /// @notice Someone else pays for the points.
    error NotThePayer(uint32 programme, address account);
    /// @notice Earned points would be worth more than what is paid for them.
    error EarningTooHigh(uint32 points, uint32 perMinor);
    /// @param needed In parts of a minor unit; as many make one as the programme's valueDenominator says.
    error PoolTooSmall(uint32 programme, address account, uint256 free, uint256 needed);
    error PointsTooFew(uint32 programme, address account, uint256 points, uint256 asked);
    /// @notice The points are not worth whole minor units; `step` points and its multiples are.
    error PointsNotWhole(uint32 programme, uint256 points, uint256 step);
    error TooManyPoints(uint32 programme, uint256 expiryMonth);
    error PointsNotTransferable(uint32 programme);
    error NothingToRelease(uint32 programme, uint256 expiryMonth, address account);

    function createProgramme(ProgrammeTerms calldata terms) external returns (uint32 programme);

    /// @notice Ends earning for ever. Points can be spent, given and refunded until they expire.
    function closeProgramme(uint32 programme) external;

    /// @notice Admits a merchant to a programme, suspends it or lets it go on.
    function setMember(uint32 programme, address merchant, MemberState state) external;

    /// @notice Returns all free money of a pool to its account, without its signature: a programme has no power over
    /// money, so this is how a pool is emptied for a court.
    function returnPool(uint32 programme, address account) external;

    /// @notice Sets how points are earned at a member.
    /// @param account Who pays for them, and agreed.
    /// @param points Earned for `perMinor` minor units that are paid in money; zero ends it.
    function setEarning(
        uint32 programme,
        address account,
        address merchant,
        uint32 points,
        uint32 perMinor
    ) external;

    /// @notice Puts money into a pool.
    /// @param account Whose pool it is, and who agreed.
    function deposit(
        uint32 programme,
        address account,
        bytes3 currency,
        uint256 amount,
        bytes32 orderId
    ) external;

    /// @notice Takes free money out of a pool.
    /// @param account Whose pool it is, and who agreed.
    function withdraw(
        uint32 programme,
        address account,
        bytes3 currency,
        uint256 amount,
        bytes32 orderId
    ) external;

    /// @notice Gives points to another customer; they keep their months.
    /// @param from Whose they are, and who agreed.
    /// @return lots What was given.
    function transferPoints(
        uint32 programme,
        address from,
        address to,
        uint256 points
    ) external returns (uint256[] memory lots);

    /// @notice Frees what was set aside for the points of a month that is over, as far as `account` paid for them.
    function release(uint32 programme, uint256 expiryMonth, address account) external;

    /// @notice Spends and earns the points of a purchase.
    /// @return spent The lots that were spent.
    /// @return expiryMonth At whose end the earned points expire.
    function settle(
        Sale calldata sale
    ) external returns (uint256[] memory spent, uint256 expiryMonth);

    /// @notice Takes back points that were earned by a purchase: as many as `sale.earn` says.
    /// @return gone How many of them were spent or given away since. Points that have expired are not gone: they are
    /// worth nothing to anyone.
    function takeBack(Sale calldata sale, uint256 expiryMonth) external returns (uint256 gone);

    /// @notice Gives points back that a purchase spent, at the merchant's cost. They keep their month, but are good for 30
    /// days at least.
    function restore(Restoration calldata restoration) external;

    /// @notice What a purchase needs to know, or the first refusal of it.
    /// @param spend Points to be spent.
    function saleTerms(
        uint32 programme,
        bytes3 currency,
        address customer,
        address merchant,
        uint256 spend
    ) external view returns (SaleTerms memory);

    /// @notice Reverts with the refusal with which `settle` would, if there is one.
    function requireSettleable(Sale calldata sale) external view;

    /// @notice What points are worth, in minor units rounded up.
    function valueUp(uint32 programme, uint256 points) external view returns (uint256);

    /// @notice How many programmes there are. Their ids start with 1.
    function programmeCount() external view returns (uint32);

    /// @return terms What the programme is; the owner is its origin, see {originOf}.
    /// @return closed Whether earning has ended.
    /// @return reserve What is set aside for its points, in parts of a minor unit.
    function programmeOf(
        uint32 programme
    ) external view returns (ProgrammeTerms memory terms, bool closed, uint256 reserve);

    function memberOf(
        uint32 programme,
        address merchant
    ) external view returns (MemberState state, uint32 points, uint32 perMinor);

    /// @notice Who pays for the points that are earned at a merchant: an origin; see {originOf}.
    function payerOf(uint32 programme, address merchant) external view returns (address);

    /// @notice What is free in a pool, in parts of a minor unit: as many make one as the valueDenominator says.
    function poolOf(uint32 programme, address account) external view returns (uint256);

    /// @notice Points that `account` can spend now.
    function pointsOf(uint32 programme, address account) external view returns (uint256);

    /// @notice The lots of months that follow one another, expired ones included; those of everybody for the zero address.
    /// @return points What `account` has.
    /// @return issued What it paid for, less what was taken back.
    function lotsOf(
        uint32 programme,
        address account,
        uint256 firstMonth,
        uint256 count
    ) external view returns (uint256[] memory points, uint256[] memory issued);

    /// @notice The account under which everything is kept of `account`: the first of those that followed one another.
    function originOf(address account) external view returns (address);

    /// @notice The current month; see {Months}.
    function currentMonth() external view returns (uint256);
}
