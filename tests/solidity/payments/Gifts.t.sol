// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../../../contracts/Batch.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {FLAG_SYSTEM} from "../../../contracts/identity/IdentityWord.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ClaimOrder, GiftOrder, IGifts} from "../../../contracts/payments/IGifts.sol";
import {Gifts} from "../../../contracts/payments/Gifts.sol";
import {Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract GiftsTest is Customers {
    Gifts private gifts;
    address private code;
    uint256 private codeKey;
    uint256 private nonces;

    function setUp() public override {
        super.setUp();
        gifts = new Gifts(policy, registry, address(batch), address(manager));
        (code, codeKey) = makeAccount("code");
        vm.prank(registrar);
        registry.register(address(gifts), 1, GERMANY, 0, FLAG_SYSTEM, "gifts");
        MovementKind[] memory kinds = new MovementKind[](1);
        kinds[0] = MovementKind.EscrowIn;
        vm.startPrank(governor);
        euro.setMover(address(gifts), kinds);
        batch.setTarget(address(gifts), true);
        vm.stopPrank();
    }

    function test_aGiftIsClaimedByWhomTheCodeNames() public {
        uint256 had = euro.balanceOf(alice);
        GiftOrder memory gift = _given(1_000, 3);
        assertEq(had - euro.balanceOf(alice), 1_000);
        uint256 bobHad = euro.balanceOf(bob);
        _claim(gift, bob, 334);
        assertEq(euro.balanceOf(bob) - bobHad, 334);
        assertTrue(gifts.hasClaimed(gifts.giftId(gift), bob));
        (uint64 left, uint32 shares) = gifts.giftOf(gifts.giftId(gift));
        assertEq(left, 666);
        assertEq(shares, 2);
        assertEq(euro.balanceOf(address(gifts)), 666);
        _refusedClaim(
            _claimOf(gift, bob, 1),
            gift,
            abi.encodeWithSelector(IGifts.GiftAlreadyClaimed.selector, gifts.giftId(gift), bob)
        );
    }

    function test_theRestGoesBackByAnyonesCallAndNoPauseStopsIt() public {
        uint256 had = euro.balanceOf(alice);
        GiftOrder memory gift = _given(1_000, 3);
        _claim(gift, bob, 400);
        bytes32 id = gifts.giftId(gift);
        vm.warp(gift.claimUntil);
        vm.expectRevert(
            abi.encodeWithSelector(IGifts.ClaimWindowOpen.selector, id, gift.claimUntil)
        );
        gifts.returnRest(gift);
        skip(1);
        ClaimOrder memory late = _claimOf(gift, alice, 1);
        late.deadline = uint64(block.timestamp);
        _refusedClaim(
            late,
            gift,
            abi.encodeWithSelector(IGifts.ClaimWindowOver.selector, id, gift.claimUntil)
        );
        vm.prank(pauser);
        policy.pause(Switch.Everything);
        vm.prank(stranger);
        gifts.returnRest(gift);
        assertEq(had - euro.balanceOf(alice), 400);
        assertEq(euro.balanceOf(address(gifts)), 0);
        vm.expectRevert(abi.encodeWithSelector(IGifts.NothingLeft.selector, id));
        gifts.returnRest(gift);
    }

    function testFuzz_everyShareCanGetSomethingAndNothingIsLost(
        uint64 amount,
        uint8 shares,
        uint64[4] memory asked
    ) public {
        shares = uint8(bound(shares, 1, 4));
        amount = uint64(bound(amount, shares, 100_000));
        GiftOrder memory gift = _given(amount, shares);
        uint256 claimed;
        for (uint256 i = 0; i < shares; ++i) {
            address account = makeAddr(string.concat("friend ", vm.toString(i)));
            _register(account, 2, GERMANY);
            (uint64 left, uint32 open) = gifts.giftOf(gifts.giftId(gift));
            uint64 part = uint64(bound(asked[i], 1, left - (open - 1)));
            _claim(gift, account, part);
            claimed += part;
        }
        (uint64 rest, uint32 none) = gifts.giftOf(gifts.giftId(gift));
        assertEq(rest, amount - claimed);
        assertEq(none, 0);
        assertEq(euro.balanceOf(address(gifts)), rest);
        ClaimOrder memory more = _claimOf(gift, bob, 1);
        _refusedClaim(
            more,
            gift,
            abi.encodeWithSelector(IGifts.NothingLeft.selector, gifts.giftId(gift))
        );
    }

    function test_giftsThatCannotBe() public {
        GiftOrder memory gift = _gift(0, 1);
        _refusedGift(gift, abi.encodeWithSelector(IGifts.ZeroAmount.selector));
        bytes memory why = abi.encodeWithSelector(IGifts.InvalidGift.selector);
        _refusedGift(_gift(5, 0), why);
        _refusedGift(_gift(5, 6), why);
        gift = _gift(5, 5);
        gift.claimUntil = uint40(block.timestamp);
        _refusedGift(gift, why);
        gift.claimUntil = uint40(block.timestamp + 366 days + 1);
        _refusedGift(gift, why);
        gift.claimUntil -= 1;
        gifts.give(gift, signDigest(aliceKey, gifts.giftId(gift)));
    }

    function test_claimsThatAreRefused() public {
        GiftOrder memory gift = _given(1_000, 2);
        ClaimOrder memory order = _claimOf(gift, bob, 0);
        _refusedClaim(order, gift, abi.encodeWithSelector(IGifts.ZeroAmount.selector));
        order.amount = 1_000;
        _refusedClaim(
            order,
            gift,
            abi.encodeWithSelector(IGifts.GiftTooSmall.selector, order.gift, 999, 1_000)
        );
        (order.amount, order.gift) = (5, "another");
        _refusedClaim(order, gift, abi.encodeWithSelector(IGifts.GiftMismatch.selector));
        // A claim that names another account than the code did is signed by nobody.
        order = _claimOf(gift, bob, 5);
        bytes memory signature = signDigest(codeKey, gifts.claimId(order));
        order.account = stranger;
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, code));
        gifts.claim(order, signature, gift);
        _refusedClaim(
            order,
            gift,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
        order.account = bob;
        _freeze(alice);
        _refusedClaim(
            order,
            gift,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, alice)
        );
        // Another code, though it is named by the claim.
        (order.code, signature) = (bob, "");
        signature = signDigest(bobKey, gifts.claimId(order));
        vm.expectRevert(abi.encodeWithSelector(IGifts.GiftMismatch.selector));
        gifts.claim(order, signature, gift);
    }

    function test_ordersInABatchAreVoidedWhenTheyFail() public {
        GiftOrder memory gift = _gift(5, 6);
        bytes memory signature = signDigest(aliceKey, gifts.giftId(gift));
        _voided(abi.encodeCall(gifts.give, (gift, signature)), alice);
        gift = _given(5, 5);
        ClaimOrder memory order = _claimOf(gift, stranger, 1);
        signature = signDigest(codeKey, gifts.claimId(order));
        _voided(abi.encodeCall(gifts.claim, (order, signature, gift)), code);
        vm.prank(address(batch));
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.UnknownOrder.selector, bytes4("none"))
        );
        gifts.reject("none", "");
    }

    function test_whatIsSignedIsWhatTheInterfaceSays() public {
        bytes32 typehash = keccak256(
            "Gift(address giver,string currency,uint64 amount,uint32 shares,address code,uint40 claimUntil,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        GiftOrder memory gift = _gift(5, 1);
        bytes memory words = abi.encode(gift);
        bytes32 text = keccak256("EUR");
        assembly {
            mstore(add(words, 0x40), text)
        }
        assertEq(
            gifts.giftId(gift),
            _digest(address(gifts), keccak256(bytes.concat(typehash, words)))
        );
        typehash = keccak256(
            "Claim(bytes32 gift,address code,address account,uint64 amount,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        ClaimOrder memory order = _claimOf(gift, bob, 5);
        assertEq(
            gifts.claimId(order),
            _digest(address(gifts), keccak256(abi.encode(typehash, order)))
        );
    }

    function _gift(uint64 amount, uint32 shares) private returns (GiftOrder memory) {
        return
            GiftOrder({
                giver: alice,
                currency: EUR,
                amount: amount,
                shares: shares,
                code: code,
                claimUntil: uint40(block.timestamp + 1 days),
                details: "",
                reference_: "gift",
                nonce: ++nonces,
                deadline: uint64(block.timestamp + 1 days)
            });
    }

    function _given(uint64 amount, uint32 shares) private returns (GiftOrder memory gift) {
        gift = _gift(amount, shares);
        gifts.give(gift, signDigest(aliceKey, gifts.giftId(gift)));
    }

    function _claimOf(
        GiftOrder memory gift,
        address account,
        uint64 amount
    ) private returns (ClaimOrder memory) {
        uint64 deadline = gift.claimUntil;
        return ClaimOrder(gifts.giftId(gift), code, account, amount, "claim", ++nonces, deadline);
    }

    function _claim(GiftOrder memory gift, address account, uint64 amount) private {
        ClaimOrder memory order = _claimOf(gift, account, amount);
        gifts.claim(order, signDigest(codeKey, gifts.claimId(order)), gift);
    }

    function _refusedGift(GiftOrder memory gift, bytes memory why) private {
        bytes memory signature = signDigest(aliceKey, gifts.giftId(gift));
        vm.expectRevert(why);
        gifts.give(gift, signature);
    }

    function _refusedClaim(
        ClaimOrder memory order,
        GiftOrder memory gift,
        bytes memory why
    ) private {
        bytes memory signature = signDigest(codeKey, gifts.claimId(order));
        vm.expectRevert(why);
        gifts.claim(order, signature, gift);
    }

    function _voided(bytes memory data, address signer) private {
        Batch.Item[] memory items = new Batch.Item[](1);
        items[0] = Batch.Item(address(gifts), data);
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        assertFalse(succeeded[0]);
        assertTrue(gifts.nonceVoided(signer, nonces));
    }
}
