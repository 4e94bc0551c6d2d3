// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MovementKind} from "../../../contracts/MovementKind.sol";
import {Roles} from "../../../contracts/Roles.sol";
import {CrossBorder} from "../../../contracts/crossborder/CrossBorder.sol";
import {
    ICrossBorder,
    PairTerms,
    QuoteTerms,
    RecallOrder,
    Review,
    Rounding,
    TransferOrder,
    TransferState
} from "../../../contracts/crossborder/ICrossBorder.sol";
import {FLAG_PROVIDER, FLAG_SYSTEM} from "../../../contracts/identity/IdentityWord.sol";
import {Corridor, Switch} from "../../../contracts/policy/ITransferPolicy.sol";
import {Customers} from "../support/Customers.sol";

/// @notice A sender in Germany, a recipient in Brazil, a provider that exchanges between them, and two reviewers.
abstract contract Abroad is Customers {
    uint40 internal constant NEVER = type(uint40).max;
    uint16 internal constant BAND_BPS = 200;
    uint24 internal constant REVIEW_SECONDS = 3 days;
    /// @dev In euro cents.
    uint40 internal constant REVIEW_FROM = 100_000;
    uint40 internal constant TWO_REVIEWERS_FROM = 500_000;
    uint40 internal constant TRAVEL_RULE_FROM = 50_000;

    CrossBorder internal abroad;
    address internal carol;
    uint256 internal carolKey;
    address internal provider;
    uint256 internal providerKey;
    address internal reviewer = makeAddr("reviewer");
    address internal secondReviewer = makeAddr("second reviewer");

    /// @dev An order, the quote that it uses, and both signatures.
    struct Signed {
        TransferOrder order;
        bytes signature;
        QuoteTerms quote;
        bytes quoteSignature;
    }

    function setUp() public virtual override {
        super.setUp();
        (carol, carolKey) = makeAccount("carol");
        (provider, providerKey) = makeAccount("provider");
        _register(carol, 2, BRAZIL);
        _register(provider, 3, GERMANY, FLAG_PROVIDER);
        for (uint256 i = 0; i < currencies.length; ++i) _give(provider, currencies[i], 100_000_000);

        abroad = new CrossBorder(policy, registry, address(batch), address(manager));
        vm.prank(registrar);
        registry.register(address(abroad), 1, GERMANY, 0, FLAG_SYSTEM, "escrow");
        vm.startPrank(admin);
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = abroad.approveRelease.selector;
        selectors[1] = abroad.release.selector;
        selectors[2] = abroad.rejectTransfer.selector;
        manager.setTargetFunctionRole(address(abroad), selectors, Roles.REVIEWER);
        selectors = new bytes4[](1);
        selectors[0] = abroad.setPair.selector;
        manager.setTargetFunctionRole(address(abroad), selectors, Roles.POLICY);
        manager.grantRole(Roles.REVIEWER, reviewer, 0);
        manager.grantRole(Roles.REVIEWER, secondReviewer, 0);
        vm.stopPrank();
        vm.startPrank(governor);
        batch.setTarget(address(abroad), true);
        for (uint256 i = 0; i < currencies.length; ++i) {
            tokens[currencies[i]].setMover(
                address(abroad),
                _kinds(MovementKind.ExchangeIn, MovementKind.ExchangeOut)
            );
        }
        vm.stopPrank();
        _setPair(EUR, USD, _terms());
    }

    // --- terms ---

    function _terms() internal pure returns (PairTerms memory) {
        return
            PairTerms({
                state: Corridor.Open,
                bandBps: BAND_BPS,
                reviewSeconds: REVIEW_SECONDS,
                amountMin: 100,
                amountMax: 10_000_000,
                reviewFrom: REVIEW_FROM,
                twoReviewersFrom: TWO_REVIEWERS_FROM,
                travelRuleFrom: TRAVEL_RULE_FROM
            });
    }

    function _setPair(bytes3 source, bytes3 target, PairTerms memory terms) internal {
        vm.prank(policyMaker);
        abroad.setPair(source, target, terms);
    }

    function _setCorridor(uint16 from, uint16 to, Corridor state) internal {
        vm.prank(policyMaker);
        policy.setCorridor(from, to, state);
    }

    function _pause(Switch what) internal {
        vm.prank(pauser);
        policy.pause(what);
    }

    // --- orders ---

    /// @dev From Alice to Carol, at 1.08 dollars for a euro with a fee of 50 cents. The mid is 1 / 0.92.
    function _draft(uint256 nonce, uint128 sourceAmount) internal view returns (Signed memory s) {
        s.order.provider = provider;
        s.order.sender = alice;
        s.order.recipient = carol;
        s.order.sourceCurrency = EUR;
        s.order.sourceAmount = sourceAmount;
        s.order.targetCurrency = USD;
        s.order.purpose = "GDDS";
        s.order.travelRule = "travel rule";
        s.order.reference_ = keccak256(abi.encode("request", nonce));
        s.order.nonce = nonce;
        s.order.deadline = uint64(START + 30 days);
        s.quote.fee = 50;
        s.quote.rateNumerator = 108;
        s.quote.rateDenominator = 100;
        s.quote.rounding = Rounding.TargetDown;
        s.quote.expiry = uint64(START + 1 hours);
        s.quote.quoteId = bytes32(nonce);
        s.order.targetAmount = ((sourceAmount - 50) * 108) / 100;
    }

    /// @dev Signs what a draft says.
    function _sign(Signed memory s) internal view returns (Signed memory) {
        s.order.quote = _quoteDigest(s.order, s.quote);
        s.quoteSignature = signDigest(providerKey, s.order.quote);
        s.signature = signDigest(aliceKey, _transferDigest(s.order));
        return s;
    }

    function _signed(uint256 nonce, uint128 sourceAmount) internal view returns (Signed memory) {
        return _sign(_draft(nonce, sourceAmount));
    }

    function _send(Signed memory s) internal returns (bytes32 orderId) {
        return abroad.transfer(s.order, s.signature, s.quote, s.quoteSignature);
    }

    function _refused(Signed memory s, bytes memory why) internal {
        vm.expectRevert(why);
        _send(s);
    }

    /// @dev A transfer that is held: of 2,000 euros, for which one reviewer is enough.
    function _held(uint256 nonce) internal returns (TransferOrder memory order) {
        return _held(nonce, 200_000);
    }

    function _held(uint256 nonce, uint128 sourceAmount) internal returns (TransferOrder memory) {
        Signed memory s = _signed(nonce, sourceAmount);
        _send(s);
        assertTrue(_stateOf(s.order) == TransferState.Held, "it is not held");
        return s.order;
    }

    function _stateOf(TransferOrder memory order) internal view returns (TransferState) {
        return abroad.reviewOf(_transferDigest(order)).state;
    }

    function _recallOf(
        TransferOrder memory order,
        uint256 nonce
    ) internal view returns (RecallOrder memory) {
        return
            RecallOrder({
                transfer_: _transferDigest(order),
                sender: order.sender,
                reference_: keccak256(abi.encode("recall", nonce)),
                nonce: nonce,
                deadline: uint64(START + 30 days)
            });
    }

    // --- EIP-712, a second time ---

    function _quoteDigest(
        TransferOrder memory order,
        QuoteTerms memory quote
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Quote(address provider,string sourceCurrency,string targetCurrency,uint128 sourceAmount,uint128 fee,uint128 targetAmount,uint128 rateNumerator,uint128 rateDenominator,uint8 rounding,uint64 expiry,bytes32 quoteId)"
        );
        bytes memory first = abi.encode(
            typehash,
            order.provider,
            keccak256(bytes(_text(order.sourceCurrency))),
            keccak256(bytes(_text(order.targetCurrency))),
            order.sourceAmount,
            quote.fee,
            order.targetAmount
        );
        bytes memory second = abi.encode(
            quote.rateNumerator,
            quote.rateDenominator,
            quote.rounding,
            quote.expiry,
            quote.quoteId
        );
        return _digest(address(abroad), keccak256(bytes.concat(first, second)));
    }

    function _transferDigest(TransferOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Transfer(bytes32 quote,address provider,address sender,address recipient,string sourceCurrency,uint128 sourceAmount,string targetCurrency,uint128 targetAmount,string purpose,bytes32 travelRule,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        bytes memory first = abi.encode(
            typehash,
            order.quote,
            order.provider,
            order.sender,
            order.recipient,
            keccak256(bytes(_text(order.sourceCurrency))),
            order.sourceAmount,
            keccak256(bytes(_text(order.targetCurrency)))
        );
        bytes memory second = abi.encode(
            order.targetAmount,
            keccak256(abi.encodePacked(order.purpose)),
            order.travelRule,
            order.reference_,
            order.nonce,
            order.deadline
        );
        return _digest(address(abroad), keccak256(bytes.concat(first, second)));
    }

    function _recallDigest(RecallOrder memory order) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Recall(bytes32 transfer,address sender,bytes32 reference,uint256 nonce,uint64 deadline)"
        );
        return
            _digest(
                address(abroad),
                keccak256(
                    abi.encode(
                        typehash,
                        order.transfer_,
                        order.sender,
                        order.reference_,
                        order.nonce,
                        order.deadline
                    )
                )
            );
    }
}
