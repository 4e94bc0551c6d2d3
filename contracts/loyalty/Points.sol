// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MovementKind} from "../MovementKind.sol";
import {ILoyalty, Restoration, Sale} from "./ILoyalty.sol";
import {LotBook, Lots} from "./Lots.sol";
import {Months} from "./Months.sol";
import {Programmes} from "./Programmes.sol";

/// @title Points
/// @notice Who has which points, and who paid for them.
/// @dev Parameters called customer, merchant and payer are origins here unless a comment says otherwise.
abstract contract Points is Programmes {
    /// @notice Points that come back are good for so long at least.
    uint256 public constant RESTORED_SECONDS_MIN = 30 days;

    /// @dev Any 30 days end in one of the two months that follow.
    uint256 private constant RESTORED_MONTHS_MAX = 2;

    mapping(uint32 programme => mapping(address customer => Lots)) private _points;
    mapping(uint32 programme => Lots) private _allPoints;
    mapping(uint32 programme => mapping(address payer => Lots)) private _issued;
    mapping(uint32 programme => Lots) private _allIssued;

    /// @inheritdoc ILoyalty
    function settle(
        Sale calldata sale
    ) external restricted returns (uint256[] memory spent, uint256 expiryMonth) {
        if (sale.spend != 0) spent = _spend(sale);
        if (sale.earn != 0) expiryMonth = _earn(sale);
    }

    /// @inheritdoc ILoyalty
    function takeBack(
        Sale calldata sale,
        uint256 expiryMonth
    ) external restricted returns (uint256 gone) {
        uint32 programme = sale.programme;
        Lots storage lots = _points[programme][originOf(sale.customer)];
        uint256 there = Math.min(lots.pointsAt(expiryMonth), sale.earn);
        gone = sale.earn - there;
        lots.sub(expiryMonth, there);
        bool expired = expiryMonth < currentMonth();
        if (!expired) {
            Programme storage p = _programmes[programme];
            address payer = _payerFor(p, originOf(sale.merchant));
            _allPoints[programme].sub(expiryMonth, there);
            _allIssued[programme].sub(expiryMonth, there);
            _issued[programme][payer].sub(expiryMonth, there);
            _free(programme, payer, there);
        }
        emit PointsTakenBack(
            sale.orderId,
            sale.customer,
            sale.merchant,
            programme,
            expiryMonth,
            there,
            gone,
            expired
        );
    }

    /// @inheritdoc ILoyalty
    function restore(Restoration calldata r) external restricted {
        Programme storage p = _programmes[r.programme];
        (uint256[] memory lots, uint256 postponed) = _putBack(r);
        uint256 cost = (r.next - r.before) * p.numerator;
        uint256 amount = Math.ceilDiv(cost, p.denominator);
        p.reserve += uint128(cost);
        // What is too much for whole minor units stays the merchant's.
        address merchant = originOf(r.merchant);
        _addFree(r.programme, merchant, amount * p.denominator - cost);
        _addFree(r.programme, _payerFor(p, merchant), r.compensation * p.denominator);
        amount += r.compensation;
        if (amount != 0) {
            _token(p).move(r.merchant, address(this), amount, MovementKind.EscrowIn, r.orderId);
        }
        emit PointsRestored(
            r.orderId,
            r.customer,
            r.merchant,
            r.programme,
            lots,
            postponed,
            amount,
            r.compensation
        );
    }

    /// @inheritdoc ILoyalty
    function release(uint32 programme, uint256 expiryMonth, address account) external {
        _requireKnown(programme);
        address payer = originOf(account);
        uint256 issued = _issued[programme][payer].pointsAt(expiryMonth);
        if (issued == 0 || expiryMonth >= currentMonth()) {
            revert NothingToRelease(programme, expiryMonth, account);
        }
        // Of what is left, so that the last one gets the rest and nothing stays behind.
        uint256 left = _allPoints[programme].pointsAt(expiryMonth);
        uint256 points = (left * issued) / _allIssued[programme].pointsAt(expiryMonth);
        _issued[programme][payer].sub(expiryMonth, issued);
        _allIssued[programme].sub(expiryMonth, issued);
        _allPoints[programme].sub(expiryMonth, points);
        _free(programme, payer, points);
        emit PointsReleased(programme, account, expiryMonth, points);
    }

    /// @inheritdoc ILoyalty
    function requireSettleable(Sale calldata sale) external view {
        uint32 programme = sale.programme;
        uint256 points = pointsOf(programme, sale.customer);
        if (sale.spend > points) {
            revert PointsTooFew(programme, sale.customer, points, sale.spend);
        }
        if (sale.earn == 0) return;
        Programme storage p = _requireOpen(programme);
        _requireRoom(programme, currentMonth() + p.months, sale.earn);
        address payer = _payerFor(p, originOf(sale.merchant));
        uint256 free = _members[programme][payer].free;
        uint256 cost = sale.earn * p.numerator;
        if (cost > free) revert PoolTooSmall(programme, payer, free, cost);
    }

    /// @inheritdoc ILoyalty
    function valueUp(uint32 programme, uint256 points) external view returns (uint256) {
        Programme storage p = _requireKnown(programme);
        return Math.ceilDiv(points * p.numerator, p.denominator);
    }

    /// @inheritdoc ILoyalty
    function pointsOf(uint32 programme, address account) public view returns (uint256) {
        (uint256 first, uint256 last) = _good(_requireKnown(programme));
        return _points[programme][originOf(account)].sum(first, last);
    }

    /// @inheritdoc ILoyalty
    function lotsOf(
        uint32 programme,
        address account,
        uint256 firstMonth,
        uint256 count
    ) external view returns (uint256[] memory points, uint256[] memory issued) {
        points = new uint256[](count);
        issued = new uint256[](count);
        bool all = account == address(0);
        address origin = originOf(account);
        Lots storage held = all ? _allPoints[programme] : _points[programme][origin];
        Lots storage paid = all ? _allIssued[programme] : _issued[programme][origin];
        for (uint256 i = 0; i < count; ++i) {
            points[i] = held.pointsAt(firstMonth + i);
            issued[i] = paid.pointsAt(firstMonth + i);
        }
    }

    /// @param from The account itself, as is `to`.
    function _transfer(
        uint32 programme,
        address from,
        address to,
        uint256 points
    ) internal returns (uint256[] memory lots) {
        lots = _take(programme, from, points);
        Lots storage receiver = _points[programme][originOf(to)];
        for (uint256 i = 0; i < lots.length; ++i) {
            receiver.add(LotBook.monthOf(lots[i]), LotBook.pointsOf(lots[i]));
        }
    }

    function _spend(Sale calldata sale) private returns (uint256[] memory lots) {
        uint32 programme = sale.programme;
        Programme storage p = _programmes[programme];
        lots = _take(programme, sale.customer, sale.spend);
        Lots storage all = _allPoints[programme];
        for (uint256 i = 0; i < lots.length; ++i) {
            all.sub(LotBook.monthOf(lots[i]), LotBook.pointsOf(lots[i]));
        }
        uint256 cost = sale.spend * p.numerator;
        p.reserve -= uint128(cost);
        uint256 value = cost / p.denominator;
        _token(p).move(address(this), sale.merchant, value, MovementKind.EscrowOut, sale.orderId);
        emit PointsSpent(sale.orderId, sale.customer, sale.merchant, programme, lots, value);
    }

    function _earn(Sale calldata sale) private returns (uint256 expiryMonth) {
        uint32 programme = sale.programme;
        Programme storage p = _requireOpen(programme);
        address payer = _payerFor(p, originOf(sale.merchant));
        expiryMonth = currentMonth() + p.months;
        _requireRoom(programme, expiryMonth, sale.earn);
        uint256 cost = sale.earn * p.numerator;
        _takeFree(programme, payer, payer, cost);
        p.reserve += uint128(cost);
        _issue(programme, payer, expiryMonth, sale.earn);
        _points[programme][originOf(sale.customer)].add(expiryMonth, sale.earn);
        emit PointsEarned(
            sale.orderId,
            sale.customer,
            sale.merchant,
            programme,
            expiryMonth,
            sale.earn
        );
    }

    /// @dev The latest month comes back first, as it was spent last. Whoever paid for points that were spent stays the
    /// one who did; those that get a later month are issued anew, by the merchant that pays for their return.
    function _putBack(
        Restoration calldata r
    ) private returns (uint256[] memory lots, uint256 postponed) {
        Lots storage own = _points[r.programme][originOf(r.customer)];
        uint256 earliest = Months.indexOf(block.timestamp + RESTORED_SECONDS_MIN);
        lots = new uint256[](r.lots.length);
        uint256 count;
        uint256 place;
        for (uint256 i = r.lots.length; i > 0 && place < r.next; --i) {
            uint256 month = LotBook.monthOf(r.lots[i - 1]);
            uint256 end = place + LotBook.pointsOf(r.lots[i - 1]);
            uint256 start = Math.max(place, r.before);
            place = end;
            end = Math.min(end, r.next);
            if (start >= end) continue;
            if (month < earliest) {
                postponed += end - start;
                continue;
            }
            own.add(month, end - start);
            _allPoints[r.programme].add(month, end - start);
            lots[count++] = LotBook.entry(month, end - start);
        }
        if (postponed != 0) {
            _requireRoom(r.programme, earliest, postponed);
            own.add(earliest, postponed);
            _issue(r.programme, originOf(r.merchant), earliest, postponed);
            lots[count++] = LotBook.entry(earliest, postponed);
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(lots, count)
        }
    }

    /// @param account The account itself.
    function _take(
        uint32 programme,
        address account,
        uint256 points
    ) private returns (uint256[] memory lots) {
        (uint256 first, uint256 last) = _good(_programmes[programme]);
        uint256 missing;
        (lots, missing) = _points[programme][originOf(account)].take(first, last, points);
        if (missing != 0) revert PointsTooFew(programme, account, points - missing, points);
    }

    /// @dev Sets points down as paid for by `payer`, and as held.
    function _issue(uint32 programme, address payer, uint256 month, uint256 points) private {
        _issued[programme][payer].add(month, points);
        _allIssued[programme].add(month, points);
        _allPoints[programme].add(month, points);
    }

    /// @dev Moves the value of points from the reserve to what is free in a pool.
    function _free(uint32 programme, address payer, uint256 points) private {
        uint256 parts = points * _programmes[programme].numerator;
        _programmes[programme].reserve -= uint128(parts);
        _addFree(programme, payer, parts);
    }

    /// @dev No lot is larger than all points that were issued for its month.
    function _requireRoom(uint32 programme, uint256 month, uint256 points) private view {
        if (points > LotBook.POINTS_MAX - _allIssued[programme].pointsAt(month)) {
            revert TooManyPoints(programme, month);
        }
    }

    /// @dev The months whose points can be spent now.
    function _good(Programme storage p) private view returns (uint256 first, uint256 last) {
        first = currentMonth();
        last = first + Math.max(p.months, RESTORED_MONTHS_MAX);
    }
}
