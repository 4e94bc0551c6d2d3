// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRecoverable} from "../identity/IRecoverable.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ILoyalty, MemberState, ProgrammeKind, ProgrammeTerms, SaleTerms} from "./ILoyalty.sol";
import {Months} from "./Months.sol";
import {Shares} from "./Shares.sol";

/// @title Programmes
/// @notice Programmes, their members, and the pools.
abstract contract Programmes is PolicyBound, ILoyalty, IRecoverable {
    uint256 public constant MONTHS_MAX = 36;

    /// @dev Under this, which is no one's account, is kept what belongs to an account that was moved: nothing.
    address private constant NOBODY = address(1);

    /// @param owner Its origin; see {originOf}.
    /// @param reserve In parts of a minor unit, `denominator` of which make one.
    struct Programme {
        address owner;
        ProgrammeKind kind;
        uint8 months;
        bool transferable;
        bool closed;
        bytes3 currency;
        uint32 numerator;
        uint32 denominator;
        uint128 reserve;
    }

    /// @param free Money of its pool that is not set aside, in parts of a minor unit.
    struct Member {
        uint128 free;
        uint32 points;
        uint32 perMinor;
        MemberState state;
    }

    uint32 private _count;
    mapping(uint32 programme => Programme) internal _programmes;
    mapping(uint32 programme => mapping(address origin => Member)) internal _members;
    mapping(address account => address) private _origins;

    /// @inheritdoc ILoyalty
    function createProgramme(
        ProgrammeTerms calldata terms
    ) external restricted returns (uint32 programme) {
        policy().tokenOf(terms.currency);
        if (
            terms.kind == ProgrammeKind.None ||
            terms.owner == address(0) ||
            terms.valueNumerator == 0 ||
            terms.valueDenominator == 0 ||
            terms.months == 0 ||
            terms.months > MONTHS_MAX
        ) revert InvalidProgramme();
        programme = ++_count;
        _programmes[programme] = Programme({
            owner: originOf(terms.owner),
            kind: terms.kind,
            months: terms.months,
            transferable: terms.transferable,
            closed: false,
            currency: terms.currency,
            numerator: terms.valueNumerator,
            denominator: terms.valueDenominator,
            reserve: 0
        });
        emit ProgrammeCreated(
            programme,
            terms.owner,
            terms.kind,
            terms.currency,
            terms.valueNumerator,
            terms.valueDenominator,
            terms.months,
            terms.transferable
        );
        if (terms.kind == ProgrammeKind.Merchant) {
            _setMember(programme, terms.owner, MemberState.Active);
        }
    }

    /// @inheritdoc ILoyalty
    function closeProgramme(uint32 programme) external restricted {
        _requireOpen(programme).closed = true;
        emit ProgrammeClosed(programme);
    }

    /// @inheritdoc ILoyalty
    function setMember(uint32 programme, address merchant, MemberState state) external restricted {
        Programme storage p = _requireKnown(programme);
        if (merchant == address(0) || state == MemberState.None) revert InvalidProgramme();
        if (p.kind == ProgrammeKind.Merchant && originOf(merchant) != p.owner) {
            revert NotThePayer(programme, merchant);
        }
        _setMember(programme, merchant, state);
    }

    /// @inheritdoc ILoyalty
    function returnPool(uint32 programme, address account) external restricted {
        Programme storage p = _requireKnown(programme);
        Member storage pool = _members[programme][originOf(account)];
        uint256 amount = pool.free / p.denominator;
        if (amount == 0) revert ZeroAmount();
        _giveBack(programme, account, amount, bytes32(uint256(programme)));
        emit PoolReturned(programme, account, p.currency, amount, msg.sender);
    }

    /// @inheritdoc IRecoverable
    function moveAccount(address from, address to) external restricted {
        _origins[to] = originOf(from);
        _origins[from] = NOBODY;
        emit PointsMoved(from, to);
    }

    /// @inheritdoc ILoyalty
    function saleTerms(
        uint32 programme,
        bytes3 currency,
        address customer,
        address merchant,
        uint256 spend
    ) external view returns (SaleTerms memory terms) {
        terms.customer = originOf(customer);
        terms.merchant = originOf(merchant);
        if (programme == 0 && spend == 0) return terms;

        Programme storage p = _requireKnown(programme);
        if (p.currency != currency) revert ProgrammeMismatch(programme, currency);
        Member storage member = _members[programme][terms.merchant];
        if (member.state != MemberState.Active) {
            revert MemberNotActive(programme, merchant, member.state);
        }
        terms.valueNumerator = p.numerator;
        terms.valueDenominator = p.denominator;
        if ((spend * p.numerator) % p.denominator != 0) {
            uint256 step = p.denominator / Shares.gcd(p.numerator, p.denominator);
            revert PointsNotWhole(programme, spend, step);
        }
        if (!p.closed) (terms.points, terms.perMinor) = (member.points, member.perMinor);
    }

    /// @inheritdoc ILoyalty
    function programmeCount() external view returns (uint32) {
        return _count;
    }

    /// @inheritdoc ILoyalty
    function programmeOf(
        uint32 programme
    ) external view returns (ProgrammeTerms memory terms, bool closed, uint256 reserve) {
        Programme storage p = _requireKnown(programme);
        terms = ProgrammeTerms({
            kind: p.kind,
            owner: p.owner,
            currency: p.currency,
            valueNumerator: p.numerator,
            valueDenominator: p.denominator,
            months: p.months,
            transferable: p.transferable
        });
        return (terms, p.closed, p.reserve);
    }

    /// @inheritdoc ILoyalty
    function memberOf(
        uint32 programme,
        address merchant
    ) external view returns (MemberState state, uint32 points, uint32 perMinor) {
        Member storage member = _members[programme][originOf(merchant)];
        return (member.state, member.points, member.perMinor);
    }

    /// @inheritdoc ILoyalty
    function payerOf(uint32 programme, address merchant) external view returns (address) {
        return _payerFor(_requireKnown(programme), originOf(merchant));
    }

    /// @inheritdoc ILoyalty
    function poolOf(uint32 programme, address account) external view returns (uint256) {
        return _members[programme][originOf(account)].free;
    }

    /// @inheritdoc ILoyalty
    function originOf(address account) public view returns (address) {
        address origin = _origins[account];
        return origin == address(0) ? account : origin;
    }

    /// @inheritdoc ILoyalty
    function currentMonth() public view returns (uint256) {
        return Months.indexOf(block.timestamp);
    }

    /// @dev Takes free money out of a pool, to the account that it belongs to.
    function _giveBack(uint32 programme, address account, uint256 amount, bytes32 ref) internal {
        Programme storage p = _programmes[programme];
        _takeFree(programme, originOf(account), account, amount * p.denominator);
        _token(p).move(address(this), account, amount, MovementKind.EscrowReturn, ref);
    }

    function _takeFree(uint32 programme, address origin, address account, uint256 needed) internal {
        Member storage pool = _members[programme][origin];
        uint256 free = pool.free;
        if (needed > free) revert PoolTooSmall(programme, account, free, needed);
        pool.free = uint128(free - needed);
    }

    /// @dev All money is less than 2**63 minor units, and a unit has less than 2**32 parts.
    function _addFree(uint32 programme, address origin, uint256 parts) internal {
        _members[programme][origin].free += uint128(parts);
    }

    function _requireKnown(uint32 programme) internal view returns (Programme storage p) {
        p = _programmes[programme];
        if (p.owner == address(0)) revert UnknownProgramme(programme);
    }

    function _requireOpen(uint32 programme) internal view returns (Programme storage p) {
        p = _requireKnown(programme);
        if (p.closed) revert ProgrammeIsClosed(programme);
    }

    /// @dev Who pays for the points that are earned at a merchant.
    /// @param merchant The merchant's origin.
    function _payerFor(Programme storage p, address merchant) internal view returns (address) {
        return p.kind == ProgrammeKind.Coalition ? merchant : p.owner;
    }

    function _token(Programme storage p) internal view returns (ICurrencyToken) {
        return ICurrencyToken(policy().tokenOf(p.currency));
    }

    function _setMember(uint32 programme, address merchant, MemberState state) private {
        _members[programme][originOf(merchant)].state = state;
        emit MemberSet(programme, merchant, state);
    }
}
