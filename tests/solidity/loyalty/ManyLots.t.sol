// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProgrammeKind, ProgrammeTerms, Sale} from "../../../contracts/loyalty/ILoyalty.sol";
import {PurchaseOrder} from "../../../contracts/loyalty/IPurchases.sol";
import {Batch} from "../../../contracts/Batch.sol";
import {Shop} from "./Shop.sol";

/// @notice Spending is bounded by the number of months, however points were earned.
contract ManyLotsTest is Shop {
    uint32 private long;

    function setUp() public override {
        super.setUp();
        ProgrammeTerms memory terms = _terms(ProgrammeKind.Merchant, shop, 1, 1);
        terms.months = 36;
        long = _create(terms);
        _earn(long, shop, shop, 1, 1);
        _fund(long, shop, 1_000_000);
    }

    function _earnEveryMonth(uint256 months) private {
        for (uint256 i = 0; i < months; ++i) {
            _buy(_order(long, 100));
            if (i + 1 < months) {
                uint256 month = loyalty.currentMonth();
                while (loyalty.currentMonth() == month) skip(1 days);
            }
        }
    }

    function test_thirtySevenLotsAreSpentInOneItemOfABatch() public {
        _earnEveryMonth(37);
        assertEq(loyalty.pointsOf(long, alice), 3_700);
        PurchaseOrder memory order = _order(long, 4_000);
        order.points = 3_700;
        Batch.Item[] memory items = new Batch.Item[](1);
        items[0] = Batch.Item(
            address(purchases),
            abi.encodeCall(purchases.purchase, (order, _signed(order)))
        );
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        assertTrue(succeeded[0]);
        assertEq(loyalty.pointsOf(long, alice), 300);
    }

    function test_aRefundPutsThirtySevenLotsBackInOneItemOfABatch() public {
        _earnEveryMonth(37);
        PurchaseOrder memory order = _order(long, 4_000);
        order.points = 3_700;
        Bought memory b = _buy(order);
        assertEq(b.settlement.lots.length, 37);
        uint256 gas = gasleft();
        _refund(b, 4_000);
        // Batch.ITEM_GAS, of which a call passes on 63 parts of 64.
        assertLt(gas - gasleft(), 590_000);
        assertEq(loyalty.pointsOf(long, alice), 3_700);
    }

    function test_tenThousandEarningsCostNoMoreToSpendThanOne() public {
        _buy(_order(long, 5_000));
        uint256 snapshot = vm.snapshotState();
        vm.prank(address(purchases));
        loyalty.settle(Sale("", long, alice, shop, 0, 10_000));
        uint256 once = _gasOfSpending();
        vm.revertToState(snapshot);
        vm.startPrank(address(purchases));
        for (uint256 i = 0; i < 10_000; ++i) loyalty.settle(Sale("", long, alice, shop, 0, 1));
        vm.stopPrank();
        assertEq(loyalty.pointsOf(long, alice), 15_000);
        assertLe(_gasOfSpending(), once);
    }

    function _gasOfSpending() private returns (uint256) {
        PurchaseOrder memory order = _order(long, 10_000);
        order.points = 10_000;
        return this.gasOfPurchase(order, _signed(order));
    }

    /// @notice In a call of its own: what this contract has in memory would make encoding the order dearer.
    function gasOfPurchase(
        PurchaseOrder calldata order,
        bytes calldata signature
    ) external returns (uint256 gas) {
        gas = gasleft();
        purchases.purchase(order, signature);
        return gas - gasleft();
    }
}
