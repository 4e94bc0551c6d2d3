"""Refusals of transfers between currencies, of quotes for them, and of their review."""

from wallet_chain.errors.base import WalletError


class QuoteExpired(WalletError):
    """The quote has expired."""

    code = "quote_expired"
    status = 422
    title = "The quote has expired"


class QuoteAlreadyUsed(WalletError):
    """The quote was used, or its provider took it back."""

    code = "quote_already_used"
    status = 409
    title = "The quote was used, or its provider took it back"


class QuoteMismatch(WalletError):
    """The transfer does not agree with its quote."""

    code = "quote_mismatch"
    status = 422
    title = "The transfer does not agree with its quote"


class QuoteInvalid(WalletError):
    """The quote's numbers do not add up."""

    code = "quote_invalid"
    status = 422
    title = "The quote's numbers do not add up"


class QuoteSignatureInvalid(WalletError):
    """The quote is not signed by its provider."""

    code = "quote_signature_invalid"
    status = 422
    title = "The quote is not signed by its provider"


class ProviderUnavailable(WalletError):
    """The provider of foreign exchange can't take part."""

    code = "provider_unavailable"
    status = 422
    title = "The provider of foreign exchange can't take part"


class LiquidityInsufficient(WalletError):
    """No provider holds enough of the currency to be received."""

    code = "liquidity_insufficient"
    status = 422
    title = "No provider holds enough of the currency to be received"


class RateOutOfBand(WalletError):
    """The rate is too far from the mid rate."""

    code = "rate_out_of_band"
    status = 422
    title = "The rate is too far from the mid rate"


class RatesStale(WalletError):
    """The newest rates are too old to quote by."""

    code = "rates_stale"
    status = 503
    title = "The newest rates are too old to quote by"
    retryable = True


class RatesInvalid(WalletError):
    """The rates can't be taken."""

    code = "rates_invalid"
    status = 422
    title = "The rates can't be taken"


class PairClosed(WalletError):
    """Transfers from this currency into the other are closed."""

    code = "pair_closed"
    status = 422
    title = "Transfers from this currency into the other are closed"


class BothAmountsFixed(WalletError):
    """Either the amount sent or the amount received is fixed, not both."""

    code = "both_amounts_fixed"
    status = 422
    title = "Either the amount sent or the amount received is fixed, not both"


class AmountTooSmall(WalletError):
    """The amount is below the smallest of this corridor."""

    code = "amount_too_small"
    status = 422
    title = "The amount is below the smallest of this corridor"


class AmountOutOfRange(WalletError):
    """The amount is outside the range of this corridor."""

    code = "amount_out_of_range"
    status = 422
    title = "The amount is outside the range of this corridor"


class PurposeInvalid(WalletError):
    """The purpose is not a code of ISO 20022."""

    code = "purpose_invalid"
    status = 422
    title = "The purpose is not a code of ISO 20022"


class TravelRuleMissing(WalletError):
    """A transfer of this amount needs a travel-rule record."""

    code = "travel_rule_missing"
    status = 422
    title = "A transfer of this amount needs a travel-rule record"


class TransferNotOpen(WalletError):
    """The transfer is not in the state that this asks for."""

    code = "transfer_not_open"
    status = 409
    title = "The transfer is not in the state that this asks for"


class ReviewTimeOver(WalletError):
    """The time to review the transfer is over."""

    code = "review_time_over"
    status = 409
    title = "The time to review the transfer is over"


class RefundTooEarly(WalletError):
    """The time to review the transfer is not over yet."""

    code = "refund_too_early"
    status = 409
    title = "The time to review the transfer is not over yet"


class DocumentUnavailable(WalletError):
    """There is no such document of the transfer as it stands."""

    code = "document_unavailable"
    status = 409
    title = "There is no such document of the transfer as it stands"
