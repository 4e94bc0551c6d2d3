// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EarningOrder, PointsOrder, PoolOrder} from "../../../contracts/loyalty/ILoyaltyDesk.sol";
import {OfferEndOrder, OfferOrder} from "../../../contracts/loyalty/IOffers.sol";
import {PurchaseOrder, PurchaseRefundOrder} from "../../../contracts/loyalty/IPurchases.sol";
import {LoyaltyDesk} from "../../../contracts/loyalty/LoyaltyDesk.sol";
import {Offers} from "../../../contracts/loyalty/Offers.sol";
import {Purchases} from "../../../contracts/loyalty/Purchases.sol";
import {Customers} from "../support/Customers.sol";

/// @notice What is signed around purchases, a second time, from the text of EIP-712.
abstract contract Digests is Customers {
    LoyaltyDesk internal desk;
    Offers internal offers;
    Purchases internal purchases;

    function _poolDigest(
        string memory name,
        PoolOrder memory order
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            bytes(
                string.concat(
                    name,
                    "(uint32 programme,address account,string currency,uint128 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
                )
            )
        );
        bytes memory words = abi.encode(
            typehash,
            order.programme,
            order.account,
            keccak256(bytes(_text(order.currency))),
            order.amount,
            order.reference_,
            order.nonce,
            order.deadline
        );
        return _digest(address(desk), keccak256(words));
    }

    function _earningDigest(EarningOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Earning(uint32 programme,address account,address merchant,uint32 points,uint32 perMinor,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return _digest(address(desk), keccak256(abi.encode(typehash, order)));
    }

    function _pointsDigest(PointsOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "PointsTransfer(uint32 programme,address from,address to,uint64 points,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return _digest(address(desk), keccak256(abi.encode(typehash, order)));
    }

    function _offerDigest(OfferOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Offer(address merchant,uint8 kind,string currency,uint32 programme,uint64 minimum,uint64 amount,uint16 rateBps,bool firstPurchase,bool combinable,uint40 startsAt,uint40 endsAt,uint64 budget,uint64 customerBudget,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return
            _digest(address(offers), _structHash(typehash, abi.encode(order), 2, order.currency));
    }

    function _offerEndDigest(OfferEndOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "OfferEnd(bytes32 offer,address merchant,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return _digest(address(offers), keccak256(abi.encode(typehash, order)));
    }

    function _purchaseDigest(PurchaseOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Purchase(address payer,address merchant,bytes32 invoice,string currency,uint64 gross,uint64 least,uint32 programme,uint64 points,uint64 earnLeast,bytes32 reduction,bytes32 percentage,bytes32 bonus,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return
            _digest(
                address(purchases),
                _structHash(typehash, abi.encode(order), 3, order.currency)
            );
    }

    function _purchaseRefundDigest(
        PurchaseRefundOrder memory order
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "PurchaseRefund(bytes32 purchase,address merchant,address payer,string currency,uint64 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return
            _digest(
                address(purchases),
                _structHash(typehash, abi.encode(order), 3, order.currency)
            );
    }

    /// @dev The words of a struct of plain values are those of EIP-712, but for the currency, which is a string there.
    function _structHash(
        bytes32 typehash,
        bytes memory words,
        uint256 place,
        bytes3 currency
    ) internal pure returns (bytes32) {
        bytes32 text = keccak256(bytes(_text(currency)));
        assembly {
            mstore(add(add(words, 0x20), mul(place, 0x20)), text)
        }
        return keccak256(bytes.concat(typehash, words));
    }
}
