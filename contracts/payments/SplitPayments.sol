// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ISplitPayments, SplitOrder} from "./ISplitPayments.sol";

// solhint-disable gas-calldata-parameters

/// @title SplitPayments
contract SplitPayments is PolicyBound, SignedOrders, ISplitPayments {
    /// @notice So many receivers fit into what a batch gives one order, even if all of them are new here and have a limit
    /// on what they may hold of five currencies.
    uint256 public constant RECEIVERS_MAX = 8;

    bytes32 private constant SPLIT_TYPEHASH = keccak256(
        "Split(address payer,string currency,bytes32 invoice,address[] receivers,uint64[] amounts,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    mapping(bytes32 request => bytes32 orderId) private _paidBy;

    constructor(
        ITransferPolicy initialPolicy,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {}

    /// @inheritdoc ISplitPayments
    function paySplit(
        SplitOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = ICurrencyToken(policy().tokenOf(order.currency));
        uint256 total = _requireSound(order);
        orderId = splitId(order);
        _authorize(orderId, order.payer, order.nonce, order.deadline, signature);
        _usePayment(order, orderId);

        for (uint256 i = 0; i < order.receivers.length; ++i) {
            token.move(
                order.payer,
                order.receivers[i],
                order.amounts[i],
                MovementKind.Payment,
                orderId
            );
        }
        emit SplitSettled(
            orderId,
            order.reference_,
            order.payer,
            order.invoice,
            order.currency,
            total,
            order.receivers,
            order.amounts,
            order.details
        );
    }

    /// @inheritdoc ISplitPayments
    function paidBy(
        address receiver,
        bytes3 currency,
        uint64 amount,
        bytes32 invoice
    ) external view returns (bytes32 orderId) {
        return _paidBy[_request(receiver, currency, amount, invoice)];
    }

    /// @inheritdoc ISplitPayments
    function splitId(SplitOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        SPLIT_TYPEHASH,
                        order.payer,
                        _textHash(order.currency, 3),
                        order.invoice,
                        // Elements of arrays are padded to words here, as EIP-712 asks.
                        keccak256(abi.encodePacked(order.receivers)),
                        keccak256(abi.encodePacked(order.amounts)),
                        order.details,
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
        if (selector == this.paySplit.selector) {
            (SplitOrder memory o, bytes memory s) = abi.decode(arguments, (SplitOrder, bytes));
            return Rejectable(splitId(o), o.reference_, o.payer, o.nonce, s);
        }
        revert UnknownOrder(selector);
    }

    function _usePayment(SplitOrder memory order, bytes32 orderId) private {
        bytes32 request = _request(
            order.receivers[0],
            order.currency,
            order.amounts[0],
            order.invoice
        );
        if (_paidBy[request] != bytes32(0)) {
            revert InvoiceAlreadyPaid(order.receivers[0], order.invoice);
        }
        _paidBy[request] = orderId;
    }

    /// @return total Of so few amounts of 64 bits, which fits.
    function _requireSound(SplitOrder memory order) private pure returns (uint256 total) {
        uint256 count = order.receivers.length;
        if (count == 0 || count > RECEIVERS_MAX || count != order.amounts.length) {
            revert InvalidSplit(count, order.amounts.length);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (order.amounts[i] == 0) revert ZeroAmount();
            total += order.amounts[i];
        }
        for (uint256 i = 0; i < count; ++i) {
            if (order.receivers[i] == order.payer) revert SelfPayment(order.payer);
        }
        if (order.invoice == bytes32(0)) revert InvoiceMissing();
    }

    /// @dev What is used up: what the first receiver asked for.
    function _request(
        address receiver,
        bytes3 currency,
        uint64 amount,
        bytes32 invoice
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(receiver, currency, amount, invoice));
    }
}
