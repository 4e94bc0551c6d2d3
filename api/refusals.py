"""Which refusals go together. A route names the groups and the single ones that it can answer.

The OpenAPI document lists them per route, and every API test holds each answer to that list.
"""

from wallet_chain import errors as e
from wallet_chain.errors import WalletError

Group = tuple[type[WalletError], ...]

ALWAYS: Group = (e.StoreBusy, e.StoreUnavailable, WalletError)
"""What any route may answer when what it stands on fails."""

CALLER: Group = (
    e.Unauthenticated,
    e.ApiKeyExpired,
    e.Forbidden,
    e.ScopeMissing,
    e.TooManyRequests,
)
"""What a route behind an API key may answer."""

ACCEPTING: Group = (e.Overloaded,)
"""What a route that puts something on its way to the chain may answer."""

QUERY: Group = (e.InvalidRequest,)
PAGED: Group = (e.CursorInvalid,)
NAMED: Group = (e.NotFound,)
"""What a route with an id in its path may answer."""

WRITE: Group = (
    e.IdempotencyKeyMissing,
    e.IdempotencyKeyInvalid,
    e.IdempotencyKeyReused,
    e.BodyTooLarge,
    e.UnsupportedMediaType,
    e.MalformedJson,
    e.InvalidRequest,
)

NODE: Group = (
    e.ChainUnavailable,
    e.ChainMismatch,
    e.ChainStateLost,
    e.ChainRefused,
    e.NotDeployed,
    e.ContractMismatch,
    e.NotReady,
)
"""What a route that asks the chain may answer when the node fails it."""

PROVING: Group = (e.NotFound, e.ProofUnavailable, *NODE)
"""What a proof may meet: nothing to prove, or a node that can't."""

MONEY: Group = (
    e.UnknownCurrency,
    e.AmountNotANumber,
    e.WrongDecimals,
    e.AmountNotPositive,
    e.AmountTooLarge,
)

ACCOUNTS: Group = (
    e.AccountUnknown,
    e.AccountFrozen,
    e.AccountClosed,
    e.AccountReplaced,
    e.KycExpired,
)
"""What is wrong with one side of a movement."""

LIMITS: Group = (e.LimitExceeded, e.CorridorClosed, e.OperationPaused, e.InsufficientFunds)

HOLDER: Group = (e.KycMissing, e.CustomerForgotten)
"""What keeps a customer from moving anything."""

ORDER: Group = (e.OrderExpired, e.OrderAlreadyUsed, e.SignatureInvalid, e.OrderOutOfGas)
"""What the contracts say about a signed order itself."""

MOVING: Group = (*MONEY, *HOLDER, *ACCOUNTS, *LIMITS, *ORDER, e.KindNotAllowed, *NODE)
"""All that may stop a movement of money that its holder orders."""

SIGNING: Group = (e.SignatureNotAwaited, e.SignatureInvalid, e.OrderExpired, e.OrderAlreadyUsed)
"""What is wrong with a signature that is handed in."""

STAFF: Group = (e.PermissionRefused, *NODE)
"""What a call with a member of staff's own key may meet."""

CANCELLING: Group = (e.NotCancellable, e.KindNotAllowed, e.OrderAlreadyUsed, e.OrderExpired, *NODE)

REFUNDING: Group = (e.RefundTooLarge, e.NotRefundable, *MOVING)

BUYING: Group = (
    *MOVING,
    e.NotAMerchant,
    e.InvoiceAlreadyPaid,
    e.ProgrammeUnknown,
    e.ProgrammeClosed,
    e.ProgrammeMismatch,
    e.MerchantNotInProgramme,
    e.PoolInsufficient,
    e.PointsInsufficient,
    e.PointsNotWhole,
    e.PointsTooMany,
    e.PointsExceedPrice,
    e.LeastNotReached,
    e.EarningsTooLow,
    e.OfferUnknown,
    e.OfferMismatch,
    e.OfferEnded,
    e.OfferNotInTime,
    e.OfferNotCombinable,
    e.NotFirstPurchase,
    e.OfferMinimumNotReached,
    e.OfferGivesNothing,
    e.OfferBudgetSpent,
    e.OfferCustomerBudgetSpent,
)
"""All that may stop a purchase that its payer orders."""

QUOTING: Group = (
    *MONEY,
    *HOLDER,
    e.UnknownCountry,
    e.BothAmountsFixed,
    e.PairClosed,
    e.RatesStale,
    e.ProviderUnavailable,
    e.LiquidityInsufficient,
    e.AmountTooSmall,
    e.AmountOutOfRange,
    e.NotFound,
)
"""All that may stand in the way of a quote."""

EXCHANGING: Group = (
    *MOVING,
    e.QuoteExpired,
    e.QuoteAlreadyUsed,
    e.QuoteMismatch,
    e.QuoteInvalid,
    e.QuoteSignatureInvalid,
    e.PairClosed,
    e.AmountOutOfRange,
    e.RateOutOfBand,
    e.ProviderUnavailable,
    e.LiquidityInsufficient,
    e.PurposeInvalid,
    e.TravelRuleMissing,
    e.ScreeningListMissing,
)
"""All that may stop a transfer between currencies that its sender orders."""

REVIEWING: Group = (e.TransferNotOpen, e.ReviewTimeOver, e.FourEyes, *STAFF)
"""What a decision on a held transfer may meet."""

ISSUING: Group = (
    e.ProposalNotOpen,
    e.ProposalLapsed,
    e.MintCapExceeded,
    e.DailyMintCapExceeded,
    e.ReservesStale,
    e.ReservesExceeded,
    e.SupplyTooLarge,
    e.LimitExceeded,
    e.OperationPaused,
    e.KindNotAllowed,
    *NODE,
)
"""All that may stop money from being issued."""

GRANTING: Group = (
    *MONEY,
    *HOLDER,
    *ACCOUNTS,
    *NODE,
    *ORDER,
    e.CorridorClosed,
    e.OperationPaused,
    e.KindNotAllowed,
    e.InvalidAddress,
    e.PayeeUnknown,
    e.SelfPayment,
    e.NotAMerchant,
    e.MandateInvalid,
)
"""All that may stop a mandate."""

CHARGING: Group = (
    e.NotAMerchant,
    e.MandateNotGranted,
    e.MandateEnded,
    e.MandateNotInTime,
    e.MandateCeilingExceeded,
    e.PeriodAlreadyCharged,
)
"""What a mandate itself may say to a charge."""

CLAIMING: Group = (
    e.GiftNotReady,
    e.GiftExpired,
    e.GiftEmpty,
    e.GiftAlreadyClaimed,
    e.GiftShareTooLarge,
)
"""What a gift itself may say to a claim."""
