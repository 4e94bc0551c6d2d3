// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CrossBorder} from "../../../contracts/crossborder/CrossBorder.sol";
import {ICrossBorder} from "../../../contracts/crossborder/ICrossBorder.sol";
import {IIdentityRegistry} from "../../../contracts/identity/IIdentityRegistry.sol";
import {CancellationOrder, ISignedOrders} from "../../../contracts/orders/ISignedOrders.sol";
import {ITransferPolicy} from "../../../contracts/policy/ITransferPolicy.sol";
import {OwnedWallet} from "../support/Wallets.sol";
import {AbroadChecks} from "./AbroadChecks.sol";

contract QuotesTest is AbroadChecks {
    // --- quotes ---

    function test_quote_isUsedOnce() public {
        Signed memory s = _signed(1, 12_345);
        _send(s);
        Signed memory other = _draft(2, 12_345);
        other.quote.quoteId = s.quote.quoteId;
        bytes memory used = abi.encodeWithSelector(
            ICrossBorder.QuoteAlreadyUsed.selector,
            provider,
            s.quote.quoteId
        );
        _refusedInBoth(_sign(other), used);
        // Nor by another sender.
        other.order.sender = bob;
        _sign(other);
        other.signature = signDigest(bobKey, _transferDigest(other.order));
        _refusedInBoth(other, used);
        other.quote.quoteId = bytes32(uint256(2));
        _sign(other);
        other.signature = signDigest(bobKey, _transferDigest(other.order));
        _send(other);
    }

    function test_quote_ofAFailedTransferCanBeUsed() public {
        Signed memory s = _signed(1, 12_345);
        _freeze(alice);
        _refused(s, _frozen(alice));
        assertFalse(abroad.nonceUsed(provider, 1));
        vm.prank(freezer);
        registry.unfreeze(alice, "reason");
        _send(s);
        assertTrue(abroad.nonceUsed(provider, 1));
        assertTrue(abroad.nonceUsed(alice, 1));
    }

    function test_quote_isTakenBackByItsProvider() public {
        Signed memory s = _signed(1, 12_345);
        CancellationOrder memory cancellation = CancellationOrder(
            s.order.quote,
            provider,
            uint256(s.quote.quoteId),
            uint64(START)
        );
        abroad.cancel(
            cancellation,
            signDigest(providerKey, _cancellationDigest(address(abroad), cancellation))
        );
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                ICrossBorder.QuoteAlreadyUsed.selector,
                provider,
                s.quote.quoteId
            )
        );
    }

    function test_quote_lastsUntilItsExpiry() public {
        Signed memory s = _signed(1, 12_345);
        vm.warp(s.quote.expiry + 1);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ICrossBorder.QuoteExpired.selector, s.quote.expiry)
        );
        vm.warp(s.quote.expiry);
        _send(s);
    }

    function test_quote_whateverIsAltered_isRefused() public {
        Signed memory good = _signed(1, 12_345);
        bytes memory original = abi.encode(good);
        for (uint256 field = 0; field < 11; ++field) {
            Signed memory s = abi.decode(original, (Signed));
            _alterQuote(s, field);
            // The order still names the quote that was signed.
            _refusedInBoth(
                s,
                abi.encodeWithSelector(
                    ICrossBorder.QuoteMismatch.selector,
                    good.order.quote,
                    _quoteDigest(s.order, s.quote)
                )
            );
        }
        _send(good);
    }

    function test_quote_whoeverElseSignsIt_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        uint256[3] memory keys = [aliceKey, bobKey, carolKey];
        for (uint256 i = 0; i < keys.length; ++i) {
            s.quoteSignature = signDigest(keys[i], s.order.quote);
            _refused(
                s,
                abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider)
            );
        }
        s.quoteSignature = "";
        _refused(s, abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, provider));
        _send(_sign(s));
    }

    function test_quote_ofWhoIsNoProvider_isRefused() public {
        Signed memory s = _draft(1, 12_345);
        s.order.provider = bob;
        _sign(s);
        s.quoteSignature = signDigest(bobKey, s.order.quote);
        s.signature = signDigest(aliceKey, _transferDigest(s.order));
        _refusedInBoth(s, abi.encodeWithSelector(ITransferPolicy.NotAProvider.selector, bob));
        s.order.provider = stranger;
        s.order.quote = _quoteDigest(s.order, s.quote);
        s.quoteSignature = signDigest(uint256(keccak256("stranger")), s.order.quote);
        s.signature = signDigest(aliceKey, _transferDigest(s.order));
        _refusedInBoth(
            s,
            abi.encodeWithSelector(IIdentityRegistry.UnknownAccount.selector, stranger)
        );
    }

    function test_quote_ofAProviderThatMayNotAct_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        uint256 before = vm.snapshotState();
        _freeze(provider);
        _refusedInBoth(s, _frozen(provider));
        vm.revertToState(before);
        vm.prank(registrar);
        registry.close(provider, "reason");
        _refusedInBoth(
            s,
            abi.encodeWithSelector(IIdentityRegistry.AccountIsClosed.selector, provider)
        );
        vm.revertToState(before);
        vm.prank(registrar);
        registry.update(provider, 3, GERMANY, uint40(START + 1), 4);
        skip(1);
        _refusedInBoth(
            s,
            abi.encodeWithSelector(
                IIdentityRegistry.KycExpired.selector,
                provider,
                uint40(START + 1)
            )
        );
    }

    function test_quote_ofAContractAccount() public {
        OwnedWallet wallet = new OwnedWallet(bob);
        _register(address(wallet), 3, GERMANY, 4);
        _give(address(wallet), USD, 20_000);
        Signed memory s = _draft(1, 12_345);
        s.order.provider = address(wallet);
        _sign(s);
        _refused(
            s,
            abi.encodeWithSelector(ICrossBorder.InvalidQuoteSignature.selector, address(wallet))
        );
        s.quoteSignature = signDigest(bobKey, s.order.quote);
        _send(s);
        assertEq(euro.balanceOf(address(wallet)), 12_345);
    }

    // --- orders ---

    function test_order_executesOnce() public {
        Signed memory s = _signed(1, 12_345);
        _send(s);
        bytes memory used = abi.encodeWithSelector(
            ISignedOrders.NonceAlreadyUsed.selector,
            alice,
            1
        );
        _refusedInBoth(s, used);
        // Another quote does not help.
        Signed memory again = _draft(1, 12_345);
        again.quote.quoteId = bytes32(uint256(9));
        _refusedInBoth(_sign(again), used);
    }

    function test_order_whateverIsAltered_isRefused() public {
        Signed memory good = _signed(1, 12_345);
        bytes memory original = abi.encode(good);
        bytes memory invalid = abi.encodeWithSelector(
            ISignedOrders.InvalidSignature.selector,
            alice
        );
        for (uint256 field = 0; field < 6; ++field) {
            Signed memory s = abi.decode(original, (Signed));
            if (field == 0) s.order.recipient = bob;
            if (field == 1) s.order.purpose = "SALA";
            if (field == 2) s.order.travelRule = "another record";
            if (field == 3) s.order.reference_ = "another request";
            if (field == 4) s.order.nonce = 2;
            if (field == 5) ++s.order.deadline;
            _refused(s, invalid);
        }
        // A quote with other amounts, validly signed by the provider, is not what the sender agreed to.
        Signed memory dearer = _draft(1, 12_346);
        _sign(dearer);
        dearer.signature = good.signature;
        _refused(dearer, invalid);
        Signed memory less = _draft(1, 12_345);
        less.quote.fee = 60;
        less.order.targetAmount = 13_267;
        _sign(less);
        less.signature = good.signature;
        _refused(less, invalid);
        _send(good);
    }

    function test_order_onAnotherChainOrForAnotherContract_isRefused() public {
        Signed memory s = _signed(1, 12_345);
        CrossBorder twin = new CrossBorder(policy, registry, address(batch), address(manager));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICrossBorder.QuoteMismatch.selector,
                s.order.quote,
                twin.quoteHash(s.order, s.quote)
            )
        );
        twin.transfer(s.order, s.signature, s.quote, s.quoteSignature);
        uint256 home = block.chainid;
        vm.chainId(home + 1);
        vm.expectPartialRevert(ICrossBorder.QuoteMismatch.selector);
        _send(s);
        vm.chainId(home);
        _send(s);
    }

    function test_order_isCancelledByItsSender() public {
        Signed memory s = _signed(1, 12_345);
        CancellationOrder memory cancellation = CancellationOrder(
            _transferDigest(s.order),
            alice,
            1,
            uint64(START)
        );
        abroad.cancel(
            cancellation,
            signDigest(aliceKey, _cancellationDigest(address(abroad), cancellation))
        );
        _refusedInBoth(
            s,
            abi.encodeWithSelector(ISignedOrders.NonceAlreadyUsed.selector, alice, 1)
        );
    }

    function test_order_ofAContractAccount() public {
        OwnedWallet wallet = new OwnedWallet(bob);
        _register(address(wallet), 2, GERMANY);
        _give(address(wallet), EUR, 20_000);
        Signed memory s = _draft(1, 12_345);
        s.order.sender = address(wallet);
        _refused(
            _sign(s),
            abi.encodeWithSelector(ISignedOrders.InvalidSignature.selector, address(wallet))
        );
        s.signature = signDigest(bobKey, _transferDigest(s.order));
        _send(s);
        assertEq(tokens[USD].balanceOf(carol), 13_278);
    }
}
