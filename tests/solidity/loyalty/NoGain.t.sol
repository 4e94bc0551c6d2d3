// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProgrammeTerms} from "../../../contracts/loyalty/ILoyalty.sol";
import {OfferKind, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {PurchaseOrder} from "../../../contracts/loyalty/IPurchases.sol";
import {Shop} from "./Shop.sol";

contract NoGainTest is Shop {
    /// @notice Whatever becomes of the points in between, a whole refund leaves neither side with more than before.
    function testFuzz_nobodyGainsByAWholeRefund(uint256 seed, uint64 gross) public {
        gross = uint64(bound(gross, 1, 40_000));
        uint32 programme = uint32(bound(seed, 1, 3));
        _earnMuch(programme);
        uint256 customers = _wealth(programme, alice) + _wealth(programme, bob);
        uint256 sellers = _sellers(programme);
        PurchaseOrder memory order = _order(programme, gross);
        if (seed % 2 == 0) order.reduction = _cheap();
        Bought memory b = _buy(order);
        uint256 points = loyalty.pointsOf(programme, alice);
        if ((seed >> 8) % 3 == 0 && points != 0) {
            _givePoints(programme, alice, bob, uint64(bound(seed >> 16, 1, points)));
        }
        if ((seed >> 40) % 2 == 0) _refund(b, uint64(bound(seed >> 48, 1, gross)));
        (uint64 refunded, , ) = purchases.refundedOf(b.id);
        if (refunded != gross) _refund(b, gross - refunded);
        assertLe(_wealth(programme, alice) + _wealth(programme, bob), customers);
        // Rounding costs the customer less than a cent, counted in quarters.
        assertLe(_sellers(programme), sellers + 3);
    }

    function _cheap() private returns (bytes32) {
        OfferOrder memory offer = _offer(OfferKind.Reduction);
        (offer.minimum, offer.amount) = (1, 1);
        return _publish(offer);
    }

    function _earnMuch(uint32 programme) private {
        address payer = programme == OF_BANK ? bank : shop;
        _earn(programme, payer, shop, programme == OWN ? 100 : 400, 100);
    }

    function _wealth(uint32 programme, address account) private view returns (uint256) {
        (ProgrammeTerms memory terms, , ) = loyalty.programmeOf(programme);
        return
            (euro.balanceOf(account) * terms.valueDenominator +
                loyalty.pointsOf(programme, account)) * (4 / terms.valueDenominator);
    }

    function _sellers(uint32 programme) private view returns (uint256 parts) {
        (ProgrammeTerms memory terms, , ) = loyalty.programmeOf(programme);
        address[3] memory all = [shop, cafe, bank];
        for (uint256 i = 0; i < 3; ++i) {
            parts +=
                (euro.balanceOf(all[i]) * terms.valueDenominator +
                    loyalty.poolOf(programme, all[i])) * (4 / terms.valueDenominator);
        }
    }
}
