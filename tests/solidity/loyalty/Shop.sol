// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FLAG_MERCHANT} from "../../../contracts/identity/IdentityWord.sol";
import {MemberState, ProgrammeKind, ProgrammeTerms} from "../../../contracts/loyalty/ILoyalty.sol";
import {EarningOrder, PointsOrder, PoolOrder} from "../../../contracts/loyalty/ILoyaltyDesk.sol";
import {OfferEndOrder, OfferKind, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {
    PurchaseOrder,
    PurchaseRefundOrder,
    Settlement
} from "../../../contracts/loyalty/IPurchases.sol";
import {TierLimits} from "../../../contracts/policy/ITransferPolicy.sol";
import {Vm} from "../support/Vm.sol";
import {Mall} from "./Mall.sol";

/// @notice Two merchants, a bank, and three programmes: the shop's own, one of both together, and the bank's.
/// @dev A point is worth a cent in the shop's programme, a quarter of a cent in the others.
abstract contract Shop is Mall {
    uint64 internal constant NO_END = type(uint64).max;
    uint32 internal constant OWN = 1;
    uint32 internal constant COALITION = 2;
    uint32 internal constant OF_BANK = 3;
    bytes32 private constant SETTLED = keccak256(
        "PurchaseSettled(bytes32,bytes32,address,address,bytes32,bytes3,uint256,uint32,(uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint256[]))"
    );

    address internal shop;
    uint256 internal shopKey;
    address internal cafe;
    uint256 internal cafeKey;
    address internal bank;
    uint256 internal bankKey;
    mapping(address account => uint256) internal keyOf;
    uint256 internal nonces;

    /// @dev A purchase that happened.
    struct Bought {
        PurchaseOrder order;
        Settlement settlement;
        bytes32 id;
    }

    function setUp() public virtual override {
        super.setUp();
        (shop, shopKey) = _member("shop");
        (cafe, cafeKey) = _member("cafe");
        (bank, bankKey) = _member("bank");
        (keyOf[alice], keyOf[bob]) = (aliceKey, bobKey);
        _createProgrammes();
    }

    function _createProgrammes() private {
        _create(ProgrammeKind.Merchant, shop, 1, 1);
        _create(ProgrammeKind.Coalition, bank, 1, 4);
        _create(ProgrammeKind.Bank, bank, 1, 4);
        vm.startPrank(organiser);
        loyalty.setMember(COALITION, shop, MemberState.Active);
        loyalty.setMember(COALITION, cafe, MemberState.Active);
        loyalty.setMember(OF_BANK, shop, MemberState.Active);
        loyalty.setMember(OF_BANK, cafe, MemberState.Active);
        vm.stopPrank();
        // A point for a euro in the shop's, four for a euro in the others: one per cent of what is paid.
        _earn(OWN, shop, shop, 1, 100);
        _earn(COALITION, shop, shop, 4, 100);
        _earn(COALITION, cafe, cafe, 4, 100);
        _earn(OF_BANK, bank, shop, 4, 100);
        _earn(OF_BANK, bank, cafe, 4, 100);
        _fund(OWN, shop, 1_000_000);
        _fund(COALITION, shop, 1_000_000);
        _fund(COALITION, cafe, 1_000_000);
        _fund(OF_BANK, bank, 1_000_000);
    }

    // --- programmes ---

    function _terms(
        ProgrammeKind kind,
        address owner,
        uint32 numerator,
        uint32 denominator
    ) internal pure returns (ProgrammeTerms memory) {
        return
            ProgrammeTerms({
                kind: kind,
                owner: owner,
                currency: EUR,
                valueNumerator: numerator,
                valueDenominator: denominator,
                months: 12,
                transferable: true
            });
    }

    function _create(
        ProgrammeKind kind,
        address owner,
        uint32 numerator,
        uint32 denominator
    ) internal returns (uint32) {
        return _create(_terms(kind, owner, numerator, denominator));
    }

    /// @dev The shop's own, with points worth a part of a cent.
    function _termsWith(uint32 denominator) internal view returns (ProgrammeTerms memory) {
        return _terms(ProgrammeKind.Merchant, shop, 1, denominator);
    }

    function _noLimits() internal pure returns (TierLimits memory) {
        return TierLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT);
    }

    function _create(ProgrammeTerms memory terms) internal returns (uint32) {
        vm.prank(organiser);
        return loyalty.createProgramme(terms);
    }

    function _earn(
        uint32 programme,
        address account,
        address merchant,
        uint32 points,
        uint32 perMinor
    ) internal {
        EarningOrder memory order = _earning(programme, account, merchant, points, perMinor);
        desk.setEarning(order, signDigest(keyOf[account], _earningDigest(order)));
    }

    function _earning(
        uint32 programme,
        address account,
        address merchant,
        uint32 points,
        uint32 perMinor
    ) internal returns (EarningOrder memory) {
        return
            EarningOrder(
                programme,
                account,
                merchant,
                points,
                perMinor,
                "earning",
                ++nonces,
                _deadline()
            );
    }

    function _fund(uint32 programme, address account, uint128 amount) internal {
        PoolOrder memory order = _pool(programme, account, amount);
        desk.deposit(order, signDigest(keyOf[account], _poolDigest("PoolDeposit", order)));
    }

    function _withdraw(uint32 programme, address account, uint128 amount) internal {
        PoolOrder memory order = _pool(programme, account, amount);
        desk.withdraw(order, signDigest(keyOf[account], _poolDigest("PoolWithdrawal", order)));
    }

    function _pool(
        uint32 programme,
        address account,
        uint128 amount
    ) internal returns (PoolOrder memory) {
        return PoolOrder(programme, account, EUR, amount, "pool", ++nonces, _deadline());
    }

    function _giving(
        uint32 programme,
        address from,
        address to,
        uint64 points
    ) internal returns (PointsOrder memory) {
        return PointsOrder(programme, from, to, points, "gift", ++nonces, _deadline());
    }

    function _givePoints(uint32 programme, address from, address to, uint64 points) internal {
        PointsOrder memory order = _giving(programme, from, to, points);
        desk.transferPoints(order, signDigest(keyOf[from], _pointsDigest(order)));
    }

    // --- offers ---

    function _offer(OfferKind kind) internal returns (OfferOrder memory offer) {
        offer.merchant = shop;
        offer.kind = kind;
        offer.currency = EUR;
        offer.startsAt = uint40(START);
        offer.endsAt = uint40(START + 365 days);
        offer.combinable = true;
        offer.budget = NO_END;
        offer.customerBudget = NO_END;
        offer.reference_ = "offer";
        offer.nonce = ++nonces;
        offer.deadline = _deadline();
        if (kind == OfferKind.Reduction) {
            // 15 euros off from 100 euros.
            (offer.minimum, offer.amount) = (10_000, 1_500);
        } else if (kind == OfferKind.Percentage) {
            // A tenth off, 8 euros at most.
            (offer.rateBps, offer.amount) = (1_000, 800);
        } else {
            // Twice the points, and 20 besides.
            (offer.programme, offer.rateBps, offer.amount) = (OWN, 10_000, 20);
        }
    }

    function _publish(OfferOrder memory offer) internal returns (bytes32 id) {
        return offers.publish(offer, signDigest(keyOf[offer.merchant], _offerDigest(offer)));
    }

    function _published(OfferKind kind) internal returns (bytes32) {
        return _publish(_offer(kind));
    }

    function _end(bytes32 offer, address merchant) internal {
        OfferEndOrder memory order = OfferEndOrder(offer, merchant, "end", ++nonces, _deadline());
        offers.end(order, signDigest(keyOf[merchant], _offerEndDigest(order)));
    }

    // --- purchases ---

    /// @dev Of 120 euros at the shop by Alice, without points or offers.
    function _order() internal returns (PurchaseOrder memory) {
        return _order(alice, shop, 12_000);
    }

    function _order(
        address payer,
        address merchant,
        uint64 gross
    ) internal returns (PurchaseOrder memory order) {
        uint256 nonce = ++nonces;
        order.payer = payer;
        order.merchant = merchant;
        order.invoice = keccak256(abi.encode("invoice", nonce));
        order.currency = EUR;
        order.gross = gross;
        order.reference_ = keccak256(abi.encode("request", nonce));
        order.nonce = nonce;
        order.deadline = _deadline();
    }

    function _order(uint32 programme, uint64 gross) internal returns (PurchaseOrder memory order) {
        order = _order(alice, shop, gross);
        order.programme = programme;
    }

    function _signed(PurchaseOrder memory order) internal view returns (bytes memory) {
        return signDigest(keyOf[order.payer], _purchaseDigest(order));
    }

    function _buy(PurchaseOrder memory order) internal returns (Bought memory bought) {
        bytes memory signature = _signed(order);
        vm.recordLogs();
        bought.id = purchases.purchase(order, signature);
        bought.order = order;
        bought.settlement = _settlementIn(vm.getRecordedLogs());
    }

    function _buy(uint32 programme, uint64 gross) internal returns (Bought memory) {
        return _buy(_order(programme, gross));
    }

    /// @dev A purchase without more ado that earns `points` in the shop's own programme.
    function _earnAtShop(address payer, uint64 points) internal returns (Bought memory) {
        PurchaseOrder memory order = _order(payer, shop, points * 100);
        order.programme = OWN;
        return _buy(order);
    }

    function _settlementIn(Vm.Log[] memory logs) internal pure returns (Settlement memory s) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != SETTLED) continue;
            (, , , , , s) = abi.decode(
                logs[i].data,
                (address, bytes32, bytes3, uint256, uint32, Settlement)
            );
        }
    }

    function _refusedPurchase(PurchaseOrder memory order, bytes memory why) internal {
        bytes memory signature = _signed(order);
        vm.expectRevert(why);
        purchases.purchase(order, signature);
    }

    function _refundOf(
        Bought memory bought,
        uint64 amount
    ) internal returns (PurchaseRefundOrder memory) {
        return
            PurchaseRefundOrder({
                purchase: bought.id,
                merchant: bought.order.merchant,
                payer: bought.order.payer,
                currency: EUR,
                amount: amount,
                reference_: "refund",
                nonce: ++nonces,
                deadline: _deadline()
            });
    }

    function _refund(Bought memory bought, uint64 amount) internal {
        _refund(_refundOf(bought, amount), bought);
    }

    function _refund(PurchaseRefundOrder memory order, Bought memory bought) internal {
        bytes memory signature = signDigest(keyOf[order.merchant], _purchaseRefundDigest(order));
        purchases.refundPurchase(order, signature, bought.order, bought.settlement);
    }

    function _refusedRefund(
        PurchaseRefundOrder memory order,
        Bought memory bought,
        bytes memory why
    ) internal {
        bytes memory signature = signDigest(keyOf[order.merchant], _purchaseRefundDigest(order));
        vm.expectRevert(why);
        purchases.refundPurchase(order, signature, bought.order, bought.settlement);
    }

    function _member(string memory name) internal returns (address account, uint256 key) {
        (account, key) = makeAccount(name);
        keyOf[account] = key;
        _register(account, 3, GERMANY, FLAG_MERCHANT);
        _give(account, EUR, 10_000_000);
    }

    /// @dev Gives an account's owner a new key.
    function _recover(address old) internal returns (address next, uint256 key) {
        (next, key) = makeAccount(string.concat("next ", vm.toString(++nonces)));
        bytes memory acceptance = signDigest(key, _acceptanceDigest(old, next, _deadline()));
        vm.prank(recoveryMaker);
        recovery.propose(old, next, _deadline(), acceptance);
        vm.prank(recoveryChecker);
        recovery.execute(old, next);
    }

    // --- looking ---

    /// @dev All points of a programme that are held, and were neither expired nor released.
    function _held(uint32 programme) internal view returns (uint256 points) {
        (uint256[] memory lots, ) = loyalty.lotsOf(programme, address(0), 0, 1200);
        for (uint256 i = 0; i < lots.length; ++i) points += lots[i];
    }

    function _deadline() internal view returns (uint64) {
        return uint64(vm.getBlockTimestamp() + 30 days);
    }
}
