// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry} from "../identity/IIdentityRegistry.sol";
import {ICurrencyToken} from "../money/ICurrencyToken.sol";
import {MovementKind} from "../MovementKind.sol";
import {SignedOrders} from "../orders/SignedOrders.sol";
import {ITransferPolicy} from "../policy/ITransferPolicy.sol";
import {PolicyBound} from "../policy/PolicyBound.sol";
import {ClaimOrder, GiftOrder, IGifts} from "./IGifts.sol";

// solhint-disable gas-calldata-parameters

/// @title Gifts
contract Gifts is PolicyBound, SignedOrders, IGifts {
    /// @notice The longest time for which money can be put aside.
    uint256 public constant WINDOW_SECONDS_MAX = 366 days;

    bytes32 private constant GIFT_TYPEHASH = keccak256(
        "Gift(address giver,string currency,uint64 amount,uint32 shares,address code,uint40 claimUntil,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant CLAIM_TYPEHASH = keccak256(
        "Claim(bytes32 gift,address code,address account,uint64 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
    );

    IIdentityRegistry public immutable REGISTRY;

    struct Gift {
        uint64 left;
        uint32 shares;
    }

    mapping(bytes32 gift => Gift) private _gifts;
    mapping(bytes32 gift => mapping(address account => bool)) private _claimed;

    constructor(
        ITransferPolicy initialPolicy,
        IIdentityRegistry registry,
        address batch,
        address authority_
    ) PolicyBound(initialPolicy, authority_) SignedOrders(batch) {
        REGISTRY = registry;
    }

    /// @inheritdoc IGifts
    function give(
        GiftOrder memory order,
        bytes memory signature
    ) external returns (bytes32 orderId) {
        ICurrencyToken token = _token(order.currency);
        if (order.amount == 0) revert ZeroAmount();
        if (
            order.shares == 0 ||
            order.shares > order.amount ||
            order.claimUntil <= block.timestamp ||
            order.claimUntil > block.timestamp + WINDOW_SECONDS_MAX
        ) revert InvalidGift();
        orderId = giftId(order);
        _authorize(orderId, order.giver, order.nonce, order.deadline, signature);
        _gifts[orderId] = Gift(order.amount, order.shares);

        token.move(order.giver, address(this), order.amount, MovementKind.EscrowIn, orderId);
        emit GiftMade(orderId, order.reference_, order.giver, order);
    }

    /// @inheritdoc IGifts
    function claim(
        ClaimOrder memory order,
        bytes memory signature,
        GiftOrder memory gift
    ) external returns (bytes32 orderId) {
        if (order.amount == 0) revert ZeroAmount();
        orderId = claimId(order);
        _authorize(orderId, order.code, order.nonce, order.deadline, signature);
        if (order.gift != giftId(gift) || order.code != gift.code) revert GiftMismatch();
        if (block.timestamp > gift.claimUntil) revert ClaimWindowOver(order.gift, gift.claimUntil);
        uint256 left = _take(order);

        address giver = REGISTRY.currentAccount(gift.giver);
        policy().requirePassage(giver, order.account, MovementKind.EscrowOut);
        _token(gift.currency).move(
            address(this),
            order.account,
            order.amount,
            MovementKind.EscrowOut,
            orderId
        );
        emit GiftClaimed(
            orderId,
            order.reference_,
            order.gift,
            giver,
            order.account,
            gift.currency,
            order.amount,
            left
        );
    }

    /// @inheritdoc IGifts
    function returnRest(GiftOrder memory gift) external {
        bytes32 id = giftId(gift);
        if (block.timestamp <= gift.claimUntil) revert ClaimWindowOpen(id, gift.claimUntil);
        uint256 left = _gifts[id].left;
        if (left == 0) revert NothingLeft(id);
        delete _gifts[id];

        address giver = REGISTRY.currentAccount(gift.giver);
        _token(gift.currency).move(address(this), giver, left, MovementKind.EscrowReturn, id);
        emit GiftReturned(id, giver, gift.currency, left, msg.sender);
    }

    /// @inheritdoc IGifts
    function giftOf(bytes32 gift) external view returns (uint64 left, uint32 shares) {
        return (_gifts[gift].left, _gifts[gift].shares);
    }

    /// @inheritdoc IGifts
    function hasClaimed(bytes32 gift, address account) external view returns (bool) {
        return _claimed[gift][account];
    }

    /// @inheritdoc IGifts
    function giftId(GiftOrder memory order) public view returns (bytes32) {
        // In two halves: the compiler cannot handle so many values at once.
        return
            _hashTypedDataV4(
                keccak256(
                    bytes.concat(
                        abi.encode(
                            GIFT_TYPEHASH,
                            order.giver,
                            _textHash(order.currency, 3),
                            order.amount,
                            order.shares,
                            order.code
                        ),
                        abi.encode(
                            order.claimUntil,
                            order.details,
                            order.reference_,
                            order.nonce,
                            order.deadline
                        )
                    )
                )
            );
    }

    /// @inheritdoc IGifts
    function claimId(ClaimOrder memory order) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        CLAIM_TYPEHASH,
                        order.gift,
                        order.code,
                        order.account,
                        order.amount,
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
        if (selector == this.give.selector) {
            (GiftOrder memory o, bytes memory s) = abi.decode(arguments, (GiftOrder, bytes));
            return Rejectable(giftId(o), o.reference_, o.giver, o.nonce, s);
        }
        if (selector == this.claim.selector) {
            (ClaimOrder memory o, bytes memory s) = abi.decode(arguments, (ClaimOrder, bytes));
            return Rejectable(claimId(o), o.reference_, o.code, o.nonce, s);
        }
        revert UnknownOrder(selector);
    }

    /// @return left What is left of the gift after the claim.
    function _take(ClaimOrder memory order) private returns (uint256 left) {
        Gift storage gift = _gifts[order.gift];
        if (_claimed[order.gift][order.account]) {
            revert GiftAlreadyClaimed(order.gift, order.account);
        }
        if (gift.shares == 0) revert NothingLeft(order.gift);
        uint256 most = gift.left - (gift.shares - 1);
        if (order.amount > most) revert GiftTooSmall(order.gift, most, order.amount);
        _claimed[order.gift][order.account] = true;
        gift.left -= order.amount;
        gift.shares -= 1;
        return gift.left;
    }

    function _token(bytes3 currency) private view returns (ICurrencyToken) {
        return ICurrencyToken(policy().tokenOf(currency));
    }
}
