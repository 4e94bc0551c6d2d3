"""Refusals of what a request says, before anybody's rules are asked."""

from wallet_chain.errors.base import WalletError


class InvalidRequest(WalletError):
    """The request does not have the form that this route takes."""

    code = "invalid_request"
    status = 422
    title = "The request does not have the form that this route takes"


class MalformedJson(WalletError):
    """The body is not JSON."""

    code = "malformed_json"
    status = 400
    title = "The body is not JSON"


class BodyTooLarge(WalletError):
    """The body is larger than this route takes."""

    code = "body_too_large"
    status = 413
    title = "The body is larger than this route takes"


class UnsupportedMediaType(WalletError):
    """The body must be JSON."""

    code = "unsupported_media_type"
    status = 415
    title = "The body must be JSON"


class IdempotencyKeyMissing(WalletError):
    """A write needs an Idempotency-Key header."""

    code = "idempotency_key_missing"
    status = 400
    title = "A write needs an Idempotency-Key header"


class IdempotencyKeyInvalid(WalletError):
    """The Idempotency-Key is not 1 to 255 printable characters."""

    code = "idempotency_key_invalid"
    status = 400
    title = "The Idempotency-Key is not 1 to 255 printable characters"


class IdempotencyKeyReused(WalletError):
    """This Idempotency-Key was used with another request."""

    code = "idempotency_key_reused"
    status = 409
    title = "This Idempotency-Key was used with another request"


class CursorInvalid(WalletError):
    """The cursor was not made by this route."""

    code = "cursor_invalid"
    status = 400
    title = "The cursor was not made by this route"


class UnknownCurrency(WalletError):
    """The currency is not one of this system."""

    code = "unknown_currency"
    status = 422
    title = "The currency is not one of this system"


class UnknownCountry(WalletError):
    """The country is not in ISO 3166."""

    code = "unknown_country"
    status = 422
    title = "The country is not in ISO 3166"


class AmountNotANumber(WalletError):
    """The amount is not a decimal number."""

    code = "amount_not_a_number"
    status = 422
    title = "The amount is not a decimal number"


class AmountNotPositive(WalletError):
    """The amount must be above zero."""

    code = "amount_not_positive"
    status = 422
    title = "The amount must be above zero"


class AmountTooLarge(WalletError):
    """The amount is too large."""

    code = "amount_too_large"
    status = 422
    title = "The amount is too large"


class WrongDecimals(WalletError):
    """The amount has the wrong number of decimals for its currency."""

    code = "wrong_decimals"
    status = 422
    title = "The amount has the wrong number of decimals for its currency"


class InvalidAddress(WalletError):
    """The text is not an account address."""

    code = "invalid_address"
    status = 422
    title = "The text is not an account address"
