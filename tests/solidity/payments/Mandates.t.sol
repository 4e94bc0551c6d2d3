// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../../../contracts/Batch.sol";
import {MovementKind} from "../../../contracts/MovementKind.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {FLAG_MERCHANT} from "../../../contracts/identity/IdentityWord.sol";
import {ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {
    ChargeOrder,
    IMandates,
    MandateEndOrder,
    MandateOrder
} from "../../../contracts/payments/IMandates.sol";
import {Mandates} from "../../../contracts/payments/Mandates.sol";
import {Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

contract MandatesTest is Customers {
    Mandates private mandates;
    address private gym;
    uint256 private gymKey;
    uint256 private nonces;

    function setUp() public override {
        super.setUp();
        mandates = new Mandates(policy, registry, address(batch), address(manager));
        (gym, gymKey) = makeAccount("gym");
        _register(gym, 3, GERMANY, FLAG_MERCHANT);
        MovementKind[] memory kinds = new MovementKind[](1);
        kinds[0] = MovementKind.Payment;
        vm.startPrank(governor);
        euro.setMover(address(mandates), kinds);
        batch.setTarget(address(mandates), true);
        vm.stopPrank();
    }

    function test_aMandateIsCollectedOnceAMonth() public {
        MandateOrder memory mandate = _granted(0);
        uint256 had = euro.balanceOf(alice);
        _charge(mandate, 3_000, 0);
        assertEq(had - euro.balanceOf(alice), 3_000);
        assertEq(euro.balanceOf(gym), 3_000);
        _refusedCharge(
            _chargeOf(mandate, 1, 0),
            mandate,
            abi.encodeWithSelector(IMandates.PeriodAlreadyCharged.selector, _id(mandate), uint32(0))
        );
        // 15 January is over, and so are February and March: what was not collected is not any more.
        skip(80 days);
        _refusedCharge(
            _chargeOf(mandate, 1, 2),
            mandate,
            abi.encodeWithSelector(
                IMandates.WrongPeriod.selector,
                _id(mandate),
                uint32(3),
                uint32(2)
            )
        );
        _charge(mandate, 3_000, 3);
        (bool granted, bool ended, uint32 next, uint64 collected) = mandates.mandateOf(
            _id(mandate)
        );
        assertTrue(granted);
        assertFalse(ended);
        assertEq(next, 4);
        assertEq(collected, 6_000);
    }

    function test_periodsOfDays() public {
        MandateOrder memory mandate = _granted(7);
        assertEq(mandates.periodAt(mandate, START + 7 days - 1), 0);
        assertEq(mandates.periodAt(mandate, START + 7 days), 1);
        skip(7 days);
        _charge(mandate, 1, 1);
    }

    function testFuzz_neverMoreThanTheCeilingForEachPeriod(uint24[12] memory pauses) public {
        MandateOrder memory mandate = _granted(7);
        uint256 had = euro.balanceOf(alice);
        uint256 periods;
        uint32 last = type(uint32).max;
        for (uint256 i = 0; i < pauses.length; ++i) {
            skip(pauses[i] % 20 days);
            uint32 period = mandates.periodAt(mandate, block.timestamp);
            if (period != last) ++periods;
            else continue;
            last = period;
            _charge(mandate, 3_000, period);
        }
        assertEq(had - euro.balanceOf(alice), periods * 3_000);
        assertLe(periods, mandates.periodAt(mandate, block.timestamp) + 1);
    }

    function test_eitherSideEndsIt() public {
        MandateOrder memory mandate = _granted(0);
        bytes memory over = abi.encodeWithSelector(IMandates.MandateIsOver.selector, _id(mandate));
        vm.prank(pauser);
        policy.pause(Switch.Everything);
        _end(mandate, alice, aliceKey);
        vm.prank(pauser);
        policy.unpause(Switch.Everything);
        _refusedCharge(_chargeOf(mandate, 1, 0), mandate, over);
        vm.expectRevert(over);
        this.end(mandate, gym, gymKey);
        mandate = _granted(0);
        _end(mandate, gym, gymKey);
    }

    function test_aStrangerEndsNothing() public {
        MandateOrder memory mandate = _granted(0);
        vm.expectRevert(abi.encodeWithSelector(IMandates.MandateMismatch.selector));
        this.end(mandate, bob, bobKey);
        MandateOrder memory other = mandate;
        ++other.nonce;
        vm.expectRevert(abi.encodeWithSelector(IMandates.MandateNotGranted.selector, _id(other)));
        this.end(other, alice, aliceKey);
    }

    function test_mandatesThatCannotBe() public {
        MandateOrder memory mandate = _mandate(0);
        mandate.ceiling = 0;
        _refusedGrant(mandate, abi.encodeWithSelector(IMandates.ZeroAmount.selector));
        mandate = _mandate(0);
        mandate.merchant = alice;
        _refusedGrant(mandate, abi.encodeWithSelector(IMandates.SelfPayment.selector, alice));
        mandate.merchant = bob;
        _refusedGrant(mandate, abi.encodeWithSelector(IMandates.NotAMerchant.selector, bob));
        mandate = _mandate(0);
        mandate.endsAt = mandate.startsAt;
        _refusedGrant(mandate, abi.encodeWithSelector(IMandates.InvalidMandate.selector));
        (mandate.startsAt, mandate.endsAt) = (1, uint40(START));
        _refusedGrant(mandate, abi.encodeWithSelector(IMandates.InvalidMandate.selector));
        mandate = _mandate(0);
        _freeze(gym);
        _refusedGrant(
            mandate,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsFrozen.selector, gym)
        );
    }

    function test_chargesThatAreRefused() public {
        MandateOrder memory mandate = _granted(0);
        bytes32 id = _id(mandate);
        ChargeOrder memory order = _chargeOf(mandate, 0, 0);
        _refusedCharge(order, mandate, abi.encodeWithSelector(IMandates.ZeroAmount.selector));
        order.amount = 3_001;
        _refusedCharge(
            order,
            mandate,
            abi.encodeWithSelector(IMandates.CeilingExceeded.selector, id, 3_000, 3_001)
        );
        bytes memory mismatch = abi.encodeWithSelector(IMandates.MandateMismatch.selector);
        (order.amount, order.currency) = (5, USD);
        _refusedCharge(order, mandate, mismatch);
        (order.currency, order.mandate) = (EUR, "another");
        _refusedCharge(order, mandate, mismatch);
        (order.mandate, order.merchant) = (id, bob);
        bytes memory signature = signDigest(bobKey, mandates.chargeId(order));
        vm.expectRevert(mismatch);
        mandates.charge(order, signature, mandate);
        order.merchant = gym;
        vm.prank(registrar);
        registry.update(gym, 3, GERMANY, uint40(START + 3650 days), 0);
        _refusedCharge(
            order,
            mandate,
            abi.encodeWithSelector(IMandates.NotAMerchant.selector, gym)
        );
        skip(366 days);
        order.deadline = uint64(block.timestamp);
        _refusedCharge(
            order,
            mandate,
            abi.encodeWithSelector(
                IMandates.MandateNotInTime.selector,
                id,
                mandate.startsAt,
                mandate.endsAt
            )
        );
    }

    function test_ordersInABatchAreVoidedWhenTheyFail() public {
        MandateOrder memory mandate = _mandate(0);
        mandate.ceiling = 0;
        bytes memory signature = signDigest(aliceKey, mandates.mandateId(mandate));
        _voided(abi.encodeCall(mandates.grant, (mandate, signature)), alice);
        mandate = _granted(0);
        ChargeOrder memory order = _chargeOf(mandate, 3_001, 0);
        signature = signDigest(gymKey, mandates.chargeId(order));
        _voided(abi.encodeCall(mandates.charge, (order, signature, mandate)), gym);
        MandateEndOrder memory end_ = _endOf(mandate, bob);
        signature = signDigest(bobKey, mandates.mandateEndId(end_));
        _voided(abi.encodeCall(mandates.endMandate, (end_, signature, mandate)), bob);
        vm.prank(address(batch));
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.UnknownOrder.selector, bytes4("none"))
        );
        mandates.reject("none", "");
    }

    function test_whatIsSignedIsWhatTheInterfaceSays() public {
        bytes32 typehash = keccak256(
            "Mandate(address payer,address merchant,string currency,uint64 ceiling,uint32 periodDays,uint40 startsAt,uint40 endsAt,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        MandateOrder memory m = _mandate(0);
        bytes memory words = abi.encode(m);
        bytes32 text = keccak256("EUR");
        assembly {
            mstore(add(words, 0x60), text)
        }
        assertEq(
            mandates.mandateId(m),
            _digest(address(mandates), keccak256(bytes.concat(typehash, words)))
        );
        typehash = keccak256(
            "Charge(bytes32 mandate,address merchant,string currency,uint64 amount,uint32 period,bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        ChargeOrder memory c = _chargeOf(m, 5, 0);
        words = abi.encode(c);
        assembly {
            mstore(add(words, 0x60), text)
        }
        assertEq(
            mandates.chargeId(c),
            _digest(address(mandates), keccak256(bytes.concat(typehash, words)))
        );
        typehash = keccak256(
            "MandateEnd(bytes32 mandate,address account,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        MandateEndOrder memory e = _endOf(m, alice);
        assertEq(
            mandates.mandateEndId(e),
            _digest(address(mandates), keccak256(abi.encode(typehash, e)))
        );
    }

    /// @dev Called from outside, so that all of it can be expected to revert.
    function end(MandateOrder memory mandate, address account, uint256 key) external {
        _end(mandate, account, key);
    }

    function _mandate(uint32 periodDays) private returns (MandateOrder memory) {
        return
            MandateOrder({
                payer: alice,
                merchant: gym,
                currency: EUR,
                ceiling: 3_000,
                periodDays: periodDays,
                startsAt: uint40(START),
                endsAt: uint40(START + 365 days),
                details: "membership",
                reference_: "request",
                nonce: ++nonces,
                deadline: uint64(block.timestamp + 1 days)
            });
    }

    function _granted(uint32 periodDays) private returns (MandateOrder memory mandate) {
        mandate = _mandate(periodDays);
        mandates.grant(mandate, signDigest(aliceKey, mandates.mandateId(mandate)));
    }

    function _id(MandateOrder memory mandate) private view returns (bytes32) {
        return mandates.mandateId(mandate);
    }

    function _chargeOf(
        MandateOrder memory mandate,
        uint64 amount,
        uint32 period
    ) private returns (ChargeOrder memory) {
        return
            ChargeOrder({
                mandate: _id(mandate),
                merchant: gym,
                currency: EUR,
                amount: amount,
                period: period,
                details: "",
                reference_: "charge",
                nonce: ++nonces,
                deadline: uint64(block.timestamp + 1 days)
            });
    }

    function _charge(MandateOrder memory mandate, uint64 amount, uint32 period) private {
        ChargeOrder memory order = _chargeOf(mandate, amount, period);
        mandates.charge(order, signDigest(gymKey, mandates.chargeId(order)), mandate);
    }

    function _endOf(
        MandateOrder memory mandate,
        address account
    ) private returns (MandateEndOrder memory) {
        uint64 deadline = uint64(block.timestamp + 1 days);
        return MandateEndOrder(_id(mandate), account, "end", ++nonces, deadline);
    }

    function _end(MandateOrder memory mandate, address account, uint256 key) private {
        MandateEndOrder memory order = _endOf(mandate, account);
        mandates.endMandate(order, signDigest(key, mandates.mandateEndId(order)), mandate);
    }

    function _refusedGrant(MandateOrder memory mandate, bytes memory why) private {
        bytes memory signature = signDigest(aliceKey, mandates.mandateId(mandate));
        vm.expectRevert(why);
        mandates.grant(mandate, signature);
    }

    function _refusedCharge(
        ChargeOrder memory order,
        MandateOrder memory mandate,
        bytes memory why
    ) private {
        bytes memory signature = signDigest(gymKey, mandates.chargeId(order));
        vm.expectRevert(why);
        mandates.charge(order, signature, mandate);
    }

    function _voided(bytes memory data, address signer) private {
        Batch.Item[] memory items = new Batch.Item[](1);
        items[0] = Batch.Item(address(mandates), data);
        vm.prank(relayer);
        (bool[] memory succeeded, ) = batch.execute(items);
        assertFalse(succeeded[0]);
        assertTrue(mandates.nonceVoided(signer, nonces));
    }
}
