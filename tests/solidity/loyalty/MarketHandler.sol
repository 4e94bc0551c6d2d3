// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILoyalty, MemberState, ProgrammeKind} from "../../../contracts/loyalty/ILoyalty.sol";
import {PointsOrder, PoolOrder} from "../../../contracts/loyalty/ILoyaltyDesk.sol";
import {OfferKind, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {
    IPurchases,
    PurchaseOrder,
    PurchaseRefundOrder,
    Settlement
} from "../../../contracts/loyalty/IPurchases.sol";
import {Shop} from "./Shop.sol";

/// @notice Customers who buy, spend, give and return, and merchants who run their programmes. Each call is told
/// beforehand how it must end, and none may revert.
abstract contract MarketHandler is Shop {
    uint256 internal constant PROGRAMMES_MAX = 5;
    /// @dev The month of START.
    uint256 internal constant MONTH = 684;
    uint256 internal constant MONTHS_SHOWN = 140;
    /// @dev Parts of a minor unit in which gains are counted; every programme's denominator divides it.
    uint256 internal constant PARTS = 100;
    uint256 private constant LAST_TIME = START + 3000 days;

    address[] public customers;
    address[] public merchants;
    /// @dev What each customer may have: what it began with, and points that it was given, less those that it gave.
    mapping(uint256 customer => int256) public allowance;
    Bought[] private bought;
    bytes32[] private offerIds;
    uint256[] private remaining;

    mapping(string name => uint256) public done;
    uint256 public calls;
    uint256 public kindsDone;
    uint256 public surprises;

    modifier acts() {
        ++calls;
        _;
    }

    function setUp() public virtual override {
        super.setUp();
        (address carol, uint256 carolKey) = makeAccount("carol");
        _register(carol, 2, GERMANY);
        _give(carol, EUR, 1_000_000);
        keyOf[carol] = carolKey;
        (customers, merchants) = (new address[](3), new address[](2));
        (customers[0], customers[1], customers[2]) = (alice, bob, carol);
        (merchants[0], merchants[1]) = (shop, cafe);
        for (uint256 i = 0; i < 3; ++i) {
            allowance[i] = int256(euro.balanceOf(customers[i]) * PARTS);
        }
        offerIds.push(bytes32(0));
        offerIds.push(_published(OfferKind.Reduction));
        offerIds.push(_published(OfferKind.Percentage));
        offerIds.push(_published(OfferKind.Points));
        OfferOrder memory tight = _offer(OfferKind.Reduction);
        (tight.minimum, tight.amount, tight.budget, tight.customerBudget) = (500, 100, 900, 300);
        offerIds.push(_publish(tight));
        tight = _offer(OfferKind.Percentage);
        (tight.firstPurchase, tight.merchant) = (true, cafe);
        offerIds.push(_publish(tight));
        tight = _offer(OfferKind.Points);
        (tight.programme, tight.amount, tight.combinable) = (COALITION, 90_000, false);
        offerIds.push(_publish(tight));
    }

    function buy(uint256 seed) external acts {
        PurchaseOrder memory order = _random(seed);
        bytes memory signature = _signed(order);
        (bytes memory refusal, Settlement memory quote) = _quote(order);
        vm.recordLogs();
        if (
            !_ends(
                address(purchases),
                abi.encodeCall(IPurchases.purchase, (order, signature)),
                refusal
            )
        ) {
            _did("be refused");
            return;
        }
        Bought memory b = Bought(
            order,
            _settlementIn(vm.getRecordedLogs()),
            _purchaseDigest(order)
        );
        if (
            b.settlement.cash != quote.cash ||
            b.settlement.earned != quote.earned ||
            b.settlement.reduction +
                b.settlement.percentage +
                b.settlement.pointsValue +
                b.settlement.cash !=
                order.gross
        ) ++surprises;
        bought.push(b);
        remaining.push(order.gross);
        _did("buy");
        if (order.points != 0) _did("spend points");
        if (b.settlement.lots.length > 1) _did("spend points of several months");
        if (b.settlement.reduction != 0) _did("get a reduction");
        if (b.settlement.percentage != 0) _did("get a percentage");
        if (b.settlement.bonus != 0) _did("get a bonus");
        if (order.points != 0 && _isClosed(order.programme)) _did("spend in a closed programme");
    }

    function buyAgain(uint256 seed) external acts {
        if (bought.length == 0) return;
        PurchaseOrder memory order = bought[seed % bought.length].order;
        order.nonce = ++nonces;
        order.deadline = _deadline();
        bytes memory data = abi.encodeCall(IPurchases.purchase, (order, _signed(order)));
        bytes memory why = abi.encodeWithSelector(
            IPurchases.InvoiceAlreadyPaid.selector,
            order.merchant,
            order.invoice
        );
        if (!_ends(address(purchases), data, why)) _did("be told that it was paid");
    }

    function refund(uint256 seed) external acts {
        if (bought.length == 0) return;
        uint256 index = seed % bought.length;
        if (remaining[index] == 0) return;
        Bought memory b = bought[index];
        uint256 part =
            _mix(seed, 1) % 3 == 0 ? remaining[index] : bound(_mix(seed, 2), 1, remaining[index]);
        PurchaseRefundOrder memory order = _refundOf(b, uint64(part));
        order.payer = registry.currentAccount(b.order.payer);
        order.merchant = registry.currentAccount(b.order.merchant);
        uint256 had = euro.balanceOf(order.payer);
        _refund(order, b);
        remaining[index] -= part;
        (, , uint64 gone) = purchases.refundedOf(b.id);
        _did(remaining[index] == 0 ? "refund in whole" : "refund in part");
        if (gone != 0) _did("refund without the points");
        if (b.settlement.earned != 0 && b.settlement.expiryMonth < loyalty.currentMonth()) {
            _did("refund after expiry");
        }
        if (euro.balanceOf(order.payer) < had) ++surprises;
    }

    function givePoints(uint256 seed) external acts {
        uint32 programme = _programme(seed);
        uint256 from = _mix(seed, 1) % 3;
        uint256 points = loyalty.pointsOf(programme, customers[from]);
        if (points == 0) return;
        uint256 to = (from + 1) % 3;
        points = bound(_mix(seed, 2), 1, points);
        _givePoints(programme, customers[from], customers[to], uint64(points));
        int256 value = int256(_valueOf(programme, points));
        allowance[from] -= value;
        allowance[to] += value;
        _did("give points");
    }

    function passTime(uint256 seed) external acts {
        if (block.timestamp > LAST_TIME) return;
        skip(seed % 4 == 0 ? 1 + (seed % 70 days) : 1 + (seed % 3 days));
        _did("pass time");
    }

    function release(uint256 seed) external acts {
        uint32 programme = _programme(seed);
        address payer = [shop, cafe, bank][_mix(seed, 1) % 3];
        (, uint256[] memory issued) = loyalty.lotsOf(
            programme,
            payer,
            MONTH,
            loyalty.currentMonth() - MONTH
        );
        for (uint256 month = issued.length; month > 0; --month) {
            if (issued[month - 1] == 0) continue;
            loyalty.release(programme, MONTH + month - 1, payer);
            _did("release");
            return;
        }
        bytes memory why = abi.encodeWithSelector(
            ILoyalty.NothingToRelease.selector,
            programme,
            loyalty.currentMonth(),
            payer
        );
        _ends(
            address(loyalty),
            abi.encodeCall(ILoyalty.release, (programme, loyalty.currentMonth(), payer)),
            why
        );
    }

    function fill(uint256 seed) external acts {
        uint32 programme = _programme(seed);
        if (_isClosed(programme)) return;
        address payer = loyalty.payerOf(programme, merchants[_mix(seed, 1) % 2]);
        (MemberState state, , ) = loyalty.memberOf(programme, payer);
        if (payer != bank && state == MemberState.None) return;
        if (euro.balanceOf(payer) < 5_000) return;
        _fund(programme, payer, uint128(1 + (_mix(seed, 2) % 5_000)));
        _did("fill a pool");
    }

    function empty(uint256 seed) external acts {
        uint32 programme = _programme(seed);
        address payer = [shop, cafe, bank][_mix(seed, 1) % 3];
        uint256 free = loyalty.poolOf(programme, payer) / _denominator(programme);
        if (free == 0) return;
        uint128 amount = uint128(seed % 8 == 0 ? free : 1 + (_mix(seed, 2) % free));
        _withdraw(programme, payer, amount);
        _did("take out of a pool");
    }

    function close(uint256 seed) external acts {
        uint32 count = loyalty.programmeCount();
        uint32 programme = _programme(seed);
        if (seed % 8 != 0 || count == PROGRAMMES_MAX || _isClosed(programme)) return;
        vm.prank(organiser);
        loyalty.closeProgramme(programme);
        _did("close a programme");
        uint32 next = _create(ProgrammeKind.Coalition, bank, 7, 100);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(organiser);
            loyalty.setMember(next, merchants[i], MemberState.Active);
            // As much as is paid: the most that can be earned.
            _earn(next, merchants[i], merchants[i], 100, 7);
            if (euro.balanceOf(merchants[i]) > 50_000) _fund(next, merchants[i], 50_000);
        }
    }

    function suspend(uint256 seed) external acts {
        uint32 programme = _programme(seed);
        address merchant = merchants[_mix(seed, 1) % 2];
        (MemberState state, , ) = loyalty.memberOf(programme, merchant);
        if (state == MemberState.None) return;
        bool active = state == MemberState.Active && seed % 4 == 0;
        vm.prank(organiser);
        loyalty.setMember(programme, merchant, active ? MemberState.Suspended : MemberState.Active);
        _did(active ? "suspend" : "let go on");
    }

    /// @dev Someone gets a new key; points, pools, offers and purchases stay its own.
    function recover(uint256 seed) external acts {
        if (seed % 16 != 0) return;
        uint256 i = _mix(seed, 1) % 5;
        (address next, uint256 key) = _recover(i < 3 ? customers[i] : merchants[i - 3]);
        keyOf[next] = key;
        if (i < 3) customers[i] = next;
        else merchants[i - 3] = next;
        (shop, cafe) = (merchants[0], merchants[1]);
        _did(i < 3 ? "recover a customer" : "recover a merchant");
    }

    // --- looking ---

    /// @notice What a customer has: money, and points that can be spent at their value.
    function wealth(uint256 customer) external view returns (int256 parts) {
        address account = customers[customer];
        parts = int256(euro.balanceOf(account) * PARTS);
        for (uint32 p = 1; p <= loyalty.programmeCount(); ++p) {
            parts += int256(_valueOf(p, loyalty.pointsOf(p, account)));
        }
    }

    function lots(
        uint32 programme,
        address account
    ) external view returns (uint256[] memory points, uint256[] memory issued) {
        return loyalty.lotsOf(programme, account, MONTH, MONTHS_SHOWN);
    }

    function book() external view returns (ILoyalty) {
        return loyalty;
    }

    function moneyHeld() external view returns (uint256) {
        return euro.balanceOf(address(loyalty));
    }

    function payers() external view returns (address[3] memory) {
        return [shop, cafe, bank];
    }

    // --- inside ---

    function _random(uint256 seed) private returns (PurchaseOrder memory order) {
        uint256 gross = _mix(seed, 1) % 3 == 0 ? _mix(seed, 2) % 50 : _mix(seed, 2) % 30_000;
        order = _order(customers[seed % 3], merchants[_mix(seed, 3) % 2], uint64(gross + 1));
        if (_mix(seed, 4) % 8 == 0) return order;
        order.programme = _programme(_mix(seed, 5));
        if (_mix(seed, 6) % 2 == 0) {
            uint256 points = loyalty.pointsOf(order.programme, order.payer);
            order.points = uint64(_mix(seed, 7) % (points + 2));
            if (_mix(seed, 8) % 8 != 0) order.points -= order.points % uint64(PARTS);
        }
        if (_mix(seed, 9) % 2 == 0) {
            order.reduction = offerIds[[0, 1, 4][_mix(seed, 10) % 3]];
            order.percentage = offerIds[[0, 2, 5][_mix(seed, 11) % 3]];
            order.bonus = offerIds[[0, 3, 6][_mix(seed, 12) % 3]];
        }
    }

    /// @dev What the contract says beforehand: how it would settle, or why not.
    function _quote(
        PurchaseOrder memory order
    ) private view returns (bytes memory refusal, Settlement memory settlement) {
        try purchases.quotePurchase(order) returns (
            Settlement memory quoted,
            bytes[3] memory refusals
        ) {
            for (uint256 i = 0; i < 3 && refusal.length == 0; ++i) refusal = refusals[i];
            settlement = quoted;
        } catch (bytes memory reason) {
            refusal = reason;
        }
    }

    /// @dev Refusals of offers come first in a purchase, and in a quote they stand beside what it says without them.
    function _ends(
        address target,
        bytes memory data,
        bytes memory refusal
    ) private returns (bool happened) {
        bytes memory result;
        (happened, result) = target.call(data);
        if (happened != (refusal.length == 0)) ++surprises;
        if (!happened && result.length < 4) ++surprises;
    }

    function _programme(uint256 seed) private view returns (uint32) {
        return uint32(1 + (_mix(seed, 99) % loyalty.programmeCount()));
    }

    function _isClosed(uint32 programme) private view returns (bool closed) {
        (, closed, ) = loyalty.programmeOf(programme);
    }

    function _denominator(uint32 programme) private pure returns (uint256) {
        return [uint256(1), 4, 4, 100, 100, 100, 100, 100][programme - 1];
    }

    function _valueOf(uint32 programme, uint256 points) private pure returns (uint256) {
        uint256 numerator = programme > 3 ? 7 : 1;
        return (points * numerator * PARTS) / _denominator(programme);
    }

    function _mix(uint256 seed, uint256 salt) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    function _did(string memory name) private {
        if (done[name]++ == 0) ++kindsDone;
    }
}
