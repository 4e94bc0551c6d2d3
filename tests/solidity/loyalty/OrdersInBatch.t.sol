// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../../../contracts/Batch.sol";
import {EarningOrder, PointsOrder, PoolOrder} from "../../../contracts/loyalty/ILoyaltyDesk.sol";
import {OfferEndOrder, OfferKind, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {PurchaseOrder, PurchaseRefundOrder} from "../../../contracts/loyalty/IPurchases.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {Shop} from "./Shop.sol";

/// @notice Every order of the loyalty contracts runs in a batch, and is voided there when it fails.
contract OrdersInBatchTest is Shop {
    function _run(address target, bytes memory data) private returns (bool) {
        Batch.Item[] memory items = new Batch.Item[](1);
        items[0] = Batch.Item(target, data);
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        return succeeded[0];
    }

    /// @dev Fails, and can never be executed afterwards.
    function _voided(
        ISignedOrders target,
        bytes memory data,
        bytes32 orderId,
        address signer
    ) private {
        vm.expectEmit(true, false, true, false, address(target));
        emit ISignedOrders.OrderRejected(orderId, "", signer, 0, "");
        assertFalse(_run(address(target), data));
        assertTrue(target.nonceVoided(signer, nonces));
        assertTrue(target.nonceUsed(signer, nonces));
    }

    function test_purchase() public {
        PurchaseOrder memory order = _order();
        assertTrue(
            _run(address(purchases), abi.encodeCall(purchases.purchase, (order, _signed(order))))
        );
        PurchaseOrder memory again = _order();
        again.invoice = order.invoice;
        _voided(
            purchases,
            abi.encodeCall(purchases.purchase, (again, _signed(again))),
            _purchaseDigest(again),
            alice
        );
    }

    function test_refund() public {
        Bought memory b = _buy(_order());
        PurchaseRefundOrder memory order = _refundOf(b, 12_000);
        assertTrue(_run(address(purchases), _refundCall(order, b)));
        order = _refundOf(b, 1);
        _voided(purchases, _refundCall(order, b), _purchaseRefundDigest(order), shop);
    }

    function test_pools() public {
        PoolOrder memory order = _pool(OWN, shop, 20_000_000);
        _voided(
            desk,
            abi.encodeCall(
                desk.deposit,
                (order, signDigest(shopKey, _poolDigest("PoolDeposit", order)))
            ),
            _poolDigest("PoolDeposit", order),
            shop
        );
        order = _pool(OWN, shop, 20_000_000);
        _voided(
            desk,
            abi.encodeCall(
                desk.withdraw,
                (order, signDigest(shopKey, _poolDigest("PoolWithdrawal", order)))
            ),
            _poolDigest("PoolWithdrawal", order),
            shop
        );
    }

    function test_earningAndGiving() public {
        EarningOrder memory earning = _earning(OWN, shop, shop, 101, 100);
        bytes32 id = _earningDigest(earning);
        _voided(
            desk,
            abi.encodeCall(desk.setEarning, (earning, signDigest(shopKey, id))),
            id,
            shop
        );
        PointsOrder memory giving = _giving(OWN, alice, bob, 1);
        id = _pointsDigest(giving);
        _voided(
            desk,
            abi.encodeCall(desk.transferPoints, (giving, signDigest(aliceKey, id))),
            id,
            alice
        );
    }

    function test_offers() public {
        OfferOrder memory offer = _offer(OfferKind.Reduction);
        offer.amount = 0;
        bytes32 id = _offerDigest(offer);
        _voided(offers, abi.encodeCall(offers.publish, (offer, signDigest(shopKey, id))), id, shop);
        OfferEndOrder memory order = OfferEndOrder("none", shop, "end", ++nonces, _deadline());
        id = _offerEndDigest(order);
        _voided(offers, abi.encodeCall(offers.end, (order, signDigest(shopKey, id))), id, shop);
    }

    function test_whatIsNoOrder() public {
        ISignedOrders[3] memory targets = [
            ISignedOrders(address(purchases)),
            ISignedOrders(address(desk)),
            ISignedOrders(address(offers))
        ];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(address(batch));
            vm.expectRevert(
                abi.encodeWithSelector(ISignedOrders.UnknownOrder.selector, bytes4("none"))
            );
            targets[i].reject("none", "");
        }
    }

    function test_aCancelledPurchaseNeverHappens() public {
        PurchaseOrder memory order = _order();
        CancellationOrder memory cancellation = CancellationOrder(
            _purchaseDigest(order),
            alice,
            order.nonce,
            _deadline()
        );
        purchases.cancel(
            cancellation,
            signDigest(aliceKey, _cancellationDigest(address(purchases), cancellation))
        );
        _refusedPurchase(
            order,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, order.nonce)
        );
    }

    function _refundCall(
        PurchaseRefundOrder memory order,
        Bought memory b
    ) private view returns (bytes memory) {
        bytes memory signature = signDigest(shopKey, _purchaseRefundDigest(order));
        return abi.encodeCall(purchases.refundPurchase, (order, signature, b.order, b.settlement));
    }
}
