// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedOrders} from "../orders/SignedOrders.sol";
import {ChargeOrder, IMandates, MandateEndOrder, MandateOrder} from "./IMandates.sol";

// solhint-disable gas-calldata-parameters

/// @title MandateHashes
/// @notice The EIP-712 digests of what is signed around mandates.
abstract contract MandateHashes is SignedOrders, IMandates {
    bytes32 private constant MANDATE_TYPEHASH = keccak256(
        "Mandate(address payer,address merchant,string currency,uint64 ceiling,uint32 periodDays,uint40 startsAt,uint40 endsAt,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant CHARGE_TYPEHASH = keccak256(
        "Charge(bytes32 mandate,address merchant,string currency,uint64 amount,uint32 period,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant END_TYPEHASH = keccak256(
        "MandateEnd(bytes32 mandate,address account,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    /// @inheritdoc IMandates
    function mandateId(MandateOrder memory order) public view returns (bytes32) {
        // In two halves: the compiler cannot handle so many values at once.
        return
            _hashTypedDataV4(
                keccak256(
                    bytes.concat(
                        abi.encode(
                            MANDATE_TYPEHASH,
                            order.payer,
                            order.merchant,
                            _textHash(order.currency, 3),
                            order.ceiling,
                            order.periodDays,
                            order.startsAt
                        ),
                        abi.encode(
                            order.endsAt,
                            order.details,
                            order.reference_,
                            order.nonce,
                            order.deadline
                        )
                    )
                )
            );
    }

    /// @inheritdoc IMandates
    function chargeId(ChargeOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        CHARGE_TYPEHASH,
                        order.mandate,
                        order.merchant,
                        _textHash(order.currency, 3),
                        order.amount,
                        order.period,
                        order.details,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    /// @inheritdoc IMandates
    function mandateEndId(MandateEndOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        END_TYPEHASH,
                        order.mandate,
                        order.account,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }

    function _decodeOrder(
        bytes4 selector,
        bytes calldata arguments
    ) internal view override returns (Rejectable memory) {
        if (selector == this.grant.selector) {
            (MandateOrder memory o, bytes memory s) = abi.decode(arguments, (MandateOrder, bytes));
            return Rejectable(mandateId(o), o.reference_, o.payer, o.nonce, s);
        }
        if (selector == this.charge.selector) {
            (ChargeOrder memory o, bytes memory s) = abi.decode(arguments, (ChargeOrder, bytes));
            return Rejectable(chargeId(o), o.reference_, o.merchant, o.nonce, s);
        }
        if (selector == this.endMandate.selector) {
            (MandateEndOrder memory o, bytes memory s) = abi.decode(
                arguments,
                (MandateEndOrder, bytes)
            );
            return Rejectable(mandateEndId(o), o.reference_, o.account, o.nonce, s);
        }
        revert UnknownOrder(selector);
    }
}
