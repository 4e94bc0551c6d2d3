// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Conversion} from "../../../contracts/crossborder/Conversion.sol";
import {
    PairTerms,
    RecallOrder,
    Rounding,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {FLAG_PROVIDER} from "../../../contracts/identity/IdentityWord.sol";
import {Status} from "../../../contracts/identity/IIdentityRegistry.sol";
import {Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Abroad} from "./Abroad.sol";

/// @notice Customers, providers, reviewers and strangers who do anything they can, in any order, beside a ledger
/// kept by hand: after each call every balance must be the ledger's.
abstract contract AbroadHandler is Abroad {
    uint256 private constant PRICE_UNIT = 1e15;
    uint256 private constant BPS = 10_000;

    /// @notice Customers first, then providers, then escrow.
    address[] public people;
    uint256[] private keys;
    uint256 private customers;

    mapping(address account => mapping(bytes3 currency => uint256)) public expected;
    TransferOrder[] private held;
    mapping(bytes32 orderId => TransferState) private endedAs;
    bytes32[] private ended;

    /// @dev What each provider has signed away and been promised by the quotes that were used.
    mapping(address provider => mapping(bytes3 currency => uint256)) public signedOut;
    mapping(address provider => mapping(bytes3 currency => uint256)) public signedIn;

    mapping(string name => uint256) public done;
    uint256 public calls;
    /// @notice How many kinds of call have done what they are for.
    uint256 public kindsDone;
    uint256 public lastNonce;
    uint256 public worthAtStart;

    function setUp() public override {
        super.setUp();
        _person("alice", alice);
        _person("bob", bob);
        _person("carol", carol);
        customers = people.length;
        _person("provider", provider);
        address second = makeAddr("second provider");
        _register(second, 3, BRAZIL, FLAG_PROVIDER);
        _person("second provider", second);
        people.push(address(abroad));
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 j = 0; j < currencies.length; ++j) {
                if (i < customers) _give(people[i], currencies[j], 50_000_000);
                if (people[i] == second) _give(second, currencies[j], 20_000_000);
                expected[people[i]][currencies[j]] = tokens[currencies[j]].balanceOf(people[i]);
            }
        }
        _setFreePairs();
        worthAtStart = worth();
    }

    function _person(string memory name, address account) private {
        people.push(account);
        keys.push(uint256(keccak256(bytes(name))));
    }

    function _setFreePairs() private {
        PairTerms memory terms = _terms();
        (terms.amountMin, terms.amountMax, terms.travelRuleFrom) = (1, type(uint48).max, NEVER);
        for (uint256 i = 0; i < currencies.length; ++i) {
            for (uint256 j = 0; j < currencies.length; ++j) {
                if (i != j) _setPair(currencies[i], currencies[j], terms);
            }
        }
    }

    // --- what happens ---

    function send(uint256 seed) external {
        _transfer(seed, false);
    }

    function sendHeld(uint256 seed) external {
        _transfer(seed, true);
    }

    function _transfer(uint256 seed, bool mustHold) private {
        ++calls;
        (Signed memory s, uint256 sender) = _random(seed);
        if (s.order.targetAmount == 0) return;
        s.order.quote = _quoteDigest(s.order, s.quote);
        s.quoteSignature = signDigest(keys[_indexOf(s.order.provider)], s.order.quote);
        s.signature = signDigest(keys[sender], _transferDigest(s.order));
        bytes memory data =
            mustHold
                ? abi.encodeCall(abroad.hold, (s.order, s.signature, s.quote, s.quoteSignature))
                : abi.encodeCall(
                    abroad.transfer,
                    (s.order, s.signature, s.quote, s.quoteSignature)
                );
        if (!_try(mustHold ? address(batch) : stranger, data)) return;

        TransferOrder memory order = s.order;
        bool isHeld = _stateOf(order) == TransferState.Held;
        assertTrue(isHeld || !mustHold, "the batch asked for a review in vain");
        signedIn[order.provider][order.sourceCurrency] += order.sourceAmount;
        signedOut[order.provider][order.targetCurrency] += order.targetAmount;
        _shift(
            order.sender,
            isHeld ? address(abroad) : order.provider,
            order.sourceCurrency,
            order.sourceAmount
        );
        _shift(
            order.provider,
            isHeld ? address(abroad) : order.recipient,
            order.targetCurrency,
            order.targetAmount
        );
        if (isHeld) held.push(order);
        _did(isHeld ? "hold" : "settle");
        // The same once more.
        assertFalse(_try(stranger, data), "an order executed twice");
    }

    function approve(uint256 seed) external {
        ++calls;
        if (held.length == 0) return;
        TransferOrder memory order = held[seed % held.length];
        if (_try(reviewer, abi.encodeCall(abroad.approveRelease, (order)))) _did("approve");
    }

    function release(uint256 seed) external {
        ++calls;
        if (held.length == 0) return;
        uint256 index = seed % held.length;
        TransferOrder memory order = held[index];
        address by = (seed >> 128) % 2 == 0 ? reviewer : secondReviewer;
        if (!_try(by, abi.encodeCall(abroad.release, (order)))) return;
        _shift(address(abroad), order.provider, order.sourceCurrency, order.sourceAmount);
        _shift(address(abroad), order.recipient, order.targetCurrency, order.targetAmount);
        _end(index, TransferState.Settled, "release");
    }

    function reject(uint256 seed) external {
        ++calls;
        if (held.length == 0) return;
        uint256 index = seed % held.length;
        if (_try(reviewer, abi.encodeCall(abroad.rejectTransfer, (held[index], "RR04")))) {
            _return(index, TransferState.Rejected, "reject");
        } else {
            assertTrue(false, "a held transfer could not be rejected");
        }
    }

    function refund(uint256 seed) external {
        ++calls;
        if (held.length == 0) return;
        uint256 index = seed % held.length;
        bool due = vm.getBlockTimestamp() > abroad.reviewOf(_transferDigest(held[index])).expiresAt;
        bool paid = _try(stranger, abi.encodeCall(abroad.refund, (held[index])));
        assertEq(paid, due, "a refund depends on the time only");
        if (paid) _return(index, TransferState.Refunded, "refund");
    }

    function recall(uint256 seed) external {
        ++calls;
        if (held.length == 0) return;
        uint256 index = seed % held.length;
        RecallOrder memory order = _recallOf(held[index], ++lastNonce);
        order.deadline = uint64(vm.getBlockTimestamp());
        bytes memory signature = signDigest(keys[_indexOf(order.sender)], _recallDigest(order));
        bytes memory data = abi.encodeCall(abroad.recall, (order, signature, held[index]));
        assertTrue(_try(stranger, data), "a held transfer could not be recalled");
        _return(index, TransferState.Recalled, "recall");
    }

    /// @dev Whoever tries to end again what has ended.
    function endAgain(uint256 seed) external {
        ++calls;
        if (ended.length == 0) return;
        bytes32 orderId = ended[seed % ended.length];
        assertTrue(abroad.reviewOf(orderId).state == endedAs[orderId], "an end was changed");
        _did("end again");
    }

    function freezeOrUnfreeze(uint256 seed) external {
        ++calls;
        address account = people[seed % (people.length - 1)];
        bool isFrozen = registry.identityOf(account).status == Status.Frozen;
        vm.startPrank(freezer);
        if (isFrozen) registry.unfreeze(account, "reason");
        else if ((seed >> 64) % 3 == 0) registry.freeze(account, "reason");
        vm.stopPrank();
        _did("freeze");
    }

    function pauseOrUnpause(uint256 seed) external {
        ++calls;
        Switch what = Switch(seed % 4);
        vm.startPrank(pauser);
        // One at a time, and not for long: while nothing is sent there is nothing to end.
        for (uint256 i = 0; i < 4; ++i) if (policy.paused(Switch(i))) policy.unpause(Switch(i));
        if ((seed >> 64) % 3 == 0) policy.pause(what);
        vm.stopPrank();
        _did("pause");
    }

    function passTime(uint256 seed) external {
        ++calls;
        skip(bound(seed, 0, 2 days));
        _did("pass time");
    }

    // --- what must hold ---

    function openTransfers() external view returns (TransferOrder[] memory) {
        return held;
    }

    /// @notice What the customers own, exactly: what is held for them counts as what they gave.
    function worth() public view returns (uint256 sum) {
        for (uint256 j = 0; j < currencies.length; ++j) {
            for (uint256 i = 0; i < customers; ++i) {
                sum += tokens[currencies[j]].balanceOf(people[i]) * _price(currencies[j]);
            }
        }
        for (uint256 k = 0; k < held.length; ++k) {
            sum += uint256(held[k].sourceAmount) * _price(held[k].sourceCurrency);
        }
    }

    function peopleCount() external view returns (uint256) {
        return people.length;
    }

    function currencyCount() external view returns (uint256) {
        return currencies.length;
    }

    function currencyAt(uint256 index) external view returns (bytes3) {
        return currencies[index];
    }

    function balanceOf(address account, bytes3 currency) external view returns (uint256) {
        return tokens[currency].balanceOf(account);
    }

    function supplyOf(bytes3 currency) external view returns (uint256) {
        return tokens[currency].totalSupply();
    }

    function escrowedOf(bytes3 currency) external view returns (uint256) {
        return abroad.escrowed(currency);
    }

    function stateOf(TransferOrder calldata order) external view returns (TransferState) {
        return _stateOf(order);
    }

    function escrow() external view returns (address) {
        return address(abroad);
    }

    function providers() external view returns (address, address) {
        return (people[customers], people[customers + 1]);
    }

    // --- making it up ---

    function _random(uint256 seed) private returns (Signed memory s, uint256 sender) {
        uint256 r = uint256(keccak256(abi.encode(seed, ++lastNonce)));
        sender = r % customers;
        s = _draft(lastNonce, 100);
        s.order.sender = people[sender];
        s.order.recipient = people[(r >> 8) % customers];
        s.order.provider = people[customers + ((r >> 16) % 2)];
        uint256 from = (r >> 24) % currencies.length;
        s.order.sourceCurrency = currencies[from];
        s.order.targetCurrency = currencies[
            (from + 1 + ((r >> 32) % (currencies.length - 1))) % currencies.length
        ];
        s.order.deadline = uint64(vm.getBlockTimestamp() + 1);
        s.quote.expiry = s.order.deadline;
        // Now and then nearly nothing, where rounding matters most.
        uint128 amount = uint128(1 + ((r >> 40) % ((r >> 56) % 4 == 0 ? 20 : 900_000)));
        s.quote.fee = (r >> 64) % 2 == 0 ? uint128((r >> 72) % amount) / 50 : 0;
        uint256 spread = (r >> 88) % 2 == 0 ? 0 : (r >> 96) % (BAND_BPS + 1);
        s.quote.rateNumerator = uint128(_price(s.order.sourceCurrency) * (BPS - spread));
        s.quote.rateDenominator = uint128(_price(s.order.targetCurrency) * BPS);
        _fillAmounts(s, amount, (r >> 104) % 2 == 0);
    }

    function _fillAmounts(Signed memory s, uint128 amount, bool sentIsFixed) private pure {
        (uint128 n, uint128 d) = (s.quote.rateNumerator, s.quote.rateDenominator);
        s.order.sourceAmount = amount;
        s.order.targetAmount = uint128(Conversion.targetDown(amount - s.quote.fee, n, d));
        if (!sentIsFixed) {
            s.quote.rounding = Rounding.SourceUp;
            s.order.sourceAmount =
                uint128(Conversion.sourceUp(s.order.targetAmount, n, d)) + s.quote.fee;
        }
    }

    function _price(bytes3 currency) private view returns (uint256) {
        (uint128 price, ) = policy.priceOf(currency);
        return price / PRICE_UNIT;
    }

    function _indexOf(address account) private view returns (uint256 index) {
        while (people[index] != account) ++index;
    }

    function _try(address caller, bytes memory data) private returns (bool success) {
        bytes memory result;
        vm.prank(caller);
        (success, result) = address(abroad).call(data);
        if (!success) assertGe(result.length, 4, "a refusal without a reason");
    }

    function _shift(address from, address to, bytes3 currency, uint256 amount) private {
        expected[from][currency] -= amount;
        expected[to][currency] += amount;
    }

    function _return(uint256 index, TransferState state, string memory name) private {
        TransferOrder memory order = held[index];
        _shift(address(abroad), order.sender, order.sourceCurrency, order.sourceAmount);
        _shift(address(abroad), order.provider, order.targetCurrency, order.targetAmount);
        signedIn[order.provider][order.sourceCurrency] -= order.sourceAmount;
        signedOut[order.provider][order.targetCurrency] -= order.targetAmount;
        _end(index, state, name);
    }

    function _end(uint256 index, TransferState state, string memory name) private {
        bytes32 orderId = _transferDigest(held[index]);
        assertTrue(abroad.reviewOf(orderId).state == state, "another end than was brought about");
        endedAs[orderId] = state;
        ended.push(orderId);
        held[index] = held[held.length - 1];
        held.pop();
        _did(name);
    }

    function _did(string memory name) private {
        if (++done[name] == 1) ++kindsDone;
    }
}
