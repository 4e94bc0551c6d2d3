// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedOrders} from "../orders/ISignedOrders.sol";
import {Corridor} from "../policy/ITransferPolicy.sol";

/// @notice A transfer between currencies, signed by the sender. It repeats what the quote says of the parties and
/// the amounts, so that a wallet shows all of it:
/// Transfer(bytes32 quote,address provider,address sender,address recipient,string sourceCurrency,
/// uint128 sourceAmount,string targetCurrency,uint128 targetAmount,string purpose,bytes32 travelRule,
/// bytes32 reference,uint256 nonce,uint64 deadline)
/// @param quote EIP-712 digest of the quote; see {QuoteTerms}.
/// @param provider Who exchanges: gets the source amount and gives the target amount.
/// @param sourceCurrency ISO 4217 code.
/// @param sourceAmount What the sender gives, fee included, in minor units.
/// @param targetAmount What the recipient gets, in minor units.
/// @param purpose Code of ISO 20022's external list of purposes, four characters.
/// @param travelRule Salted hash of the travel-rule record kept off chain; zero where none is asked for.
/// @param reference_ The request this belongs to; the event repeats it.
/// @param deadline Unix time in seconds, the last at which it may execute.
struct TransferOrder {
    bytes32 quote;
    address provider;
    address sender;
    address recipient;
    bytes3 sourceCurrency;
    uint128 sourceAmount;
    bytes3 targetCurrency;
    uint128 targetAmount;
    bytes4 purpose;
    bytes32 travelRule;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice How the amounts follow from the rate, always against the one who converts.
/// TargetDown: the amount sent is fixed, targetAmount = floor((sourceAmount - fee) * rate).
/// SourceUp: the amount received is fixed, sourceAmount - fee = ceil(targetAmount / rate).
enum Rounding {
    TargetDown,
    SourceUp
}

/// @notice What a quote says beyond the order that uses it. The whole of it is what its provider signs:
/// Quote(address provider,string sourceCurrency,string targetCurrency,uint128 sourceAmount,uint128 fee,
/// uint128 targetAmount,uint128 rateNumerator,uint128 rateDenominator,uint8 rounding,uint64 expiry,bytes32 quoteId)
/// @param fee Part of `sourceAmount` that is not converted, in source minor units.
/// @param rateNumerator With `rateDenominator`: target minor units for one source minor unit.
/// @param expiry Unix time in seconds, the last at which the quote may be used.
/// @param quoteId A nonce of the provider, from the same map as those of its orders; see {ISignedOrders}.
/// So a {CancellationOrder} of the provider takes a quote back.
struct QuoteTerms {
    uint128 fee;
    uint128 rateNumerator;
    uint128 rateDenominator;
    Rounding rounding;
    uint64 expiry;
    bytes32 quoteId;
}

/// @notice Takes back a transfer that is held, signed by its sender or by the account that replaced it:
/// Recall(bytes32 transfer,address sender,bytes32 reference,uint256 nonce,uint64 deadline)
/// @param transfer_ Order id of the transfer.
struct RecallOrder {
    bytes32 transfer_;
    address sender;
    bytes32 reference_;
    uint256 nonce;
    uint64 deadline;
}

/// @notice None: unknown, or settled at once. Held: both legs are in escrow. All others are final.
/// Settled: released. Rejected: a reviewer returned it. Refunded: returned after the time for its review.
/// Recalled: its sender took it back.
enum TransferState {
    None,
    Held,
    Settled,
    Rejected,
    Refunded,
    Recalled
}

/// @notice Where a transfer stands that is held, or was.
/// @param expiresAt Unix time in seconds, the last at which it may be released; afterwards anyone may refund it.
/// @param twoReviewers Whether a release needs the approval of a second reviewer.
/// @param approver Who approved the release; zero as long as no one has.
struct Review {
    TransferState state;
    uint40 expiresAt;
    bool twoReviewers;
    address approver;
}

/// @notice What holds for transfers from one currency into another.
/// @param state Review: every transfer is held.
/// @param bandBps How far a quoted rate may be from the rate between the policy's prices, in hundredths of a per cent.
/// @param reviewSeconds How long a transfer may be held.
/// @param amountMin Least amount sent, in source minor units, as is `amountMax`.
/// @param reviewFrom From this value on a transfer is held. Values are of the amount sent, in minor units of the
/// reference currency; type(uint40).max stands for never.
/// @param twoReviewersFrom From this value on two reviewers must agree to release it.
/// @param travelRuleFrom From this value on it must name a travel-rule record.
struct PairTerms {
    Corridor state;
    uint16 bandBps;
    uint24 reviewSeconds;
    uint40 amountMin;
    uint48 amountMax;
    uint40 reviewFrom;
    uint40 twoReviewersFrom;
    uint40 travelRuleFrom;
}

/// @title ICrossBorder
/// @notice Transfers between currencies through a provider that exchanges one for the other.
///
/// Promises
/// - Money leaves an account only as its holder signed: the sender the transfer, the provider the quote.
/// - Both legs move or none: sender to provider in one currency, provider to recipient in the other.
/// - A quote is used once at most, in the transaction that moves the money, and never after its expiry.
/// - The amounts follow from the rate by the quote's rounding rule, which is never for the one who converts.
/// So no chain of conversions gains by rounding.
/// - A held transfer leaves escrow exactly once, and whole: released, or returned to sender and provider.
/// - After `expiresAt` anyone may return it. No role and no pause can prevent that, nor can what has become of
/// sender, recipient or provider.
/// - Released money goes to accounts in good standing only. An account that got a new key gets its money there.
/// - What this contract has of a currency is what is held in it, to the last unit.
/// - Refusals of a transfer have one order: the quote that is named, amounts, parties, purpose, rate, arithmetic, the
/// order's deadline, signature and nonce, the quote's expiry, signature and nonce, currencies, pause, standing of sender
/// and recipient, corridor, pair, range, band, travel rule, source leg, target leg.
///
/// Assumptions
/// - The policy's prices are current: they decide the band and the thresholds.
///
/// Warning: only a hash stands for what is held. Releasing and returning it needs the order, which TransferHeld and the
/// transaction's call data repeat.
/// Warning: a transfer that settles at once leaves its event and its used nonce, and no state.
/// Warning: who recalls a held transfer has had the choice of the rate for nothing. The provider gets back what
/// it gave, but could not use it meanwhile.
/// Warning: a returned transfer stays counted against the sender's limits.
/// Warning: a new policy that knows a currency no longer, or refuses everything, would trap what is held.
interface ICrossBorder is ISignedOrders {
    /// @notice With the amounts in the order, all that is needed to compute them again.
    event QuoteUsed(
        bytes32 indexed quote,
        bytes32 indexed orderId,
        address indexed provider,
        bytes32 quoteId,
        uint256 fee,
        uint256 rateNumerator,
        uint256 rateDenominator,
        Rounding rounding
    );
    /// @notice Both legs moved at once.
    event TransferSettled(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed sender,
        address recipient,
        bytes32 quote,
        bytes3 sourceCurrency,
        uint256 sourceAmount,
        bytes3 targetCurrency,
        uint256 targetAmount,
        bytes4 purpose,
        bytes32 travelRule
    );
    /// @notice Both legs went into escrow.
    /// @param order As it was signed; whoever ends the transfer presents it again.
    event TransferHeld(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        address indexed sender,
        TransferOrder order,
        uint40 expiresAt,
        bool twoReviewers
    );
    event ReleaseApproved(bytes32 indexed orderId, address indexed by);
    /// @param approver The first of two reviewers; zero where one was enough.
    event TransferReleased(
        bytes32 indexed orderId,
        bytes32 quote,
        uint256 sourceAmount,
        uint256 targetAmount,
        address approver,
        address by
    );
    event TransferRejected(
        bytes32 indexed orderId,
        bytes32 quote,
        uint256 sourceAmount,
        uint256 targetAmount,
        bytes4 reason,
        address by
    );
    event TransferRefunded(
        bytes32 indexed orderId,
        bytes32 quote,
        uint256 sourceAmount,
        uint256 targetAmount,
        address by
    );
    /// @param recall Order id of the recall, `reference_` its request.
    event TransferRecalled(
        bytes32 indexed orderId,
        bytes32 indexed reference_,
        bytes32 quote,
        uint256 sourceAmount,
        uint256 targetAmount,
        bytes32 recall
    );
    event PairSet(bytes3 indexed source, bytes3 indexed target, PairTerms terms);

    /// @notice The order names another quote than the terms it comes with make up.
    error QuoteMismatch(bytes32 named, bytes32 given);
    error ZeroAmount();
    /// @notice The provider is the sender or the recipient.
    error ProviderIsParty(address provider);
    error PurposeMissing();
    error InvalidRate(uint128 numerator, uint128 denominator);
    /// @notice The fee leaves nothing to convert.
    error FeeTooLarge(uint256 fee, uint256 sourceAmount);
    /// @param stated The amount in the quote: targetAmount, or sourceAmount without the fee.
    /// @param computed What it must be.
    error QuoteDoesNotAddUp(Rounding rounding, uint256 stated, uint256 computed);
    /// @param expiry Unix time in seconds.
    error QuoteExpired(uint64 expiry);
    /// @notice The quote was used, or the provider took it back.
    error QuoteAlreadyUsed(address provider, bytes32 quoteId);
    error InvalidQuoteSignature(address provider);
    error PairClosed(bytes3 source, bytes3 target);
    /// @param amount In source minor units, as are the bounds.
    error AmountOutOfRange(
        bytes3 source,
        bytes3 target,
        uint256 amount,
        uint256 amountMin,
        uint256 amountMax
    );
    /// @notice The rate is too far from `midNumerator / midDenominator`.
    error RateOutOfBand(
        uint256 numerator,
        uint256 denominator,
        uint256 midNumerator,
        uint256 midDenominator,
        uint256 bandBps
    );
    /// @param value Of the amount sent, in minor units of the reference currency, as is the threshold.
    error TravelRuleMissing(uint256 value, uint256 threshold);
    error TransitionNotAllowed(bytes32 orderId, TransferState from, TransferState to);
    /// @notice The time for the review is over: the transfer can only be returned.
    error ReviewExpired(bytes32 orderId, uint40 expiresAt);
    error ReviewNotExpired(bytes32 orderId, uint40 expiresAt);
    /// @notice One reviewer is enough for this transfer.
    error ApprovalNotNeeded(bytes32 orderId);
    error ReleaseNotApproved(bytes32 orderId);
    error ReleaseAlreadyApproved(bytes32 orderId, address approver);
    /// @notice Who approved a release cannot be the one who carries it out.
    error MakerIsChecker(address account);
    /// @notice Sender, recipient and provider cannot review their own transfer.
    error ReviewerIsParty(address account);
    error ReasonMissing();
    error NotTheSender(bytes32 orderId, address account);
    /// @notice The recall names another transfer than the one it comes with.
    error RecallMismatch(bytes32 named, bytes32 given);
    /// @notice The currencies are the same, the band or the time for a review is outside the bounds that this contract
    /// publishes, or the range of amounts is empty or starts at zero.
    error InvalidPairTerms(bytes3 source, bytes3 target, PairTerms terms);

    /// @notice Executes a transfer: settles it, or holds it where pair, corridor or amount ask for a review.
    /// @param signature The sender's: 65 bytes r, s (low), v; or whatever the sender's contract accepts (ERC-1271).
    /// @param quoteSignature The provider's, likewise.
    /// @return orderId EIP-712 digest of the order.
    function transfer(
        TransferOrder memory order,
        bytes calldata signature,
        QuoteTerms memory quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId);

    /// @notice Executes a transfer and holds it in any case. Only the batch contract may call this: who relays an
    /// order for the bank may ask for a review, as it may void the order, and has no further power over it.
    function hold(
        TransferOrder memory order,
        bytes calldata signature,
        QuoteTerms memory quote,
        bytes calldata quoteSignature
    ) external returns (bytes32 orderId);

    /// @notice Agrees to a release that needs two reviewers.
    function approveRelease(TransferOrder memory order) external;

    /// @notice Carries a held transfer out: the source leg to the provider, the target leg to the recipient.
    function release(TransferOrder memory order) external;

    /// @notice Returns both legs of a held transfer.
    /// @param reason Code of ISO 20022's external list of status reasons; never zero.
    function rejectTransfer(TransferOrder memory order, bytes4 reason) external;

    /// @notice Returns both legs of a held transfer whose review took too long. Anyone may call this.
    function refund(TransferOrder memory order) external;

    /// @notice Returns both legs of a held transfer by order of its sender.
    /// @return recallOrderId EIP-712 digest of the recall.
    function recall(
        RecallOrder memory order,
        bytes calldata signature,
        TransferOrder memory original
    ) external returns (bytes32 recallOrderId);

    /// @notice Sets what holds for transfers from `source` into `target`. The pair back is another one.
    function setPair(bytes3 source, bytes3 target, PairTerms calldata terms) external;

    /// @notice Reverts with the first refusal that `transfer` would meet now, signatures left aside.
    /// @return held Whether it would be held.
    /// @return expiresAt Until when it would be; Unix time in seconds, 0 when it would settle.
    function preview(
        TransferOrder memory order,
        QuoteTerms memory quote
    ) external view returns (bool held, uint40 expiresAt);

    /// @notice All zero for an order that was never held.
    function reviewOf(bytes32 orderId) external view returns (Review memory);

    /// @notice What is held in a currency, in minor units.
    function escrowed(bytes3 currency) external view returns (uint256);

    /// @notice `reviewSeconds` is 0, and nothing passes, until the pair is set.
    function pairTerms(bytes3 source, bytes3 target) external view returns (PairTerms memory);

    /// @notice EIP-712 digest of the quote that order and terms make up.
    function quoteHash(
        TransferOrder memory order,
        QuoteTerms memory quote
    ) external view returns (bytes32);

    /// @notice The order id of a transfer.
    function transferId(TransferOrder memory order) external view returns (bytes32);

    /// @notice The order id of a recall.
    function recallId(RecallOrder memory order) external view returns (bytes32);
}
