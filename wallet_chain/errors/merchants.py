"""Refusals of QR payloads, payment requests, bills and instalments."""

from wallet_chain.errors.base import WalletError


class QrTooLong(WalletError):
    """The QR payload is longer than EMVCo allows."""

    code = "qr_too_long"
    status = 422
    title = "The QR payload is longer than EMVCo allows"


class QrCharacterInvalid(WalletError):
    """The QR payload has a character that EMVCo does not allow there."""

    code = "qr_character_invalid"
    status = 422
    title = "The QR payload has a character that EMVCo does not allow there"


class QrNotEmvco(WalletError):
    """The text is not a merchant-presented EMVCo payload."""

    code = "qr_not_emvco"
    status = 422
    title = "The text is not a merchant-presented EMVCo payload"


class QrTruncated(WalletError):
    """The QR payload ends before its fields do."""

    code = "qr_truncated"
    status = 422
    title = "The QR payload ends before its fields do"


class QrChecksumWrong(WalletError):
    """The QR payload's checksum does not fit."""

    code = "qr_checksum_wrong"
    status = 422
    title = "The QR payload's checksum does not fit"


class QrFieldRepeated(WalletError):
    """A field of the QR payload is there twice."""

    code = "qr_field_repeated"
    status = 422
    title = "A field of the QR payload is there twice"


class QrFieldMissing(WalletError):
    """A field of the QR payload is missing."""

    code = "qr_field_missing"
    status = 422
    title = "A field of the QR payload is missing"


class QrFieldInvalid(WalletError):
    """A field of the QR payload has no valid value."""

    code = "qr_field_invalid"
    status = 422
    title = "A field of the QR payload has no valid value"


class QrForeign(WalletError):
    """The QR code belongs to another system."""

    code = "qr_foreign"
    status = 422
    title = "The QR code belongs to another system"


class QrAltered(WalletError):
    """The QR payload is not the one that was made for its request."""

    code = "qr_altered"
    status = 422
    title = "The QR payload is not the one that was made for its request"


class RequestExpired(WalletError):
    """The payment request has expired."""

    code = "request_expired"
    status = 409
    title = "The payment request has expired"


class RequestCancelled(WalletError):
    """The payment request was withdrawn."""

    code = "request_cancelled"
    status = 409
    title = "The payment request was withdrawn"


class PaymentUnderWay(WalletError):
    """A payment of this is under way."""

    code = "payment_under_way"
    status = 409
    retryable = True
    title = "A payment of this is under way"


class AmountNotRequested(WalletError):
    """Another amount was asked for."""

    code = "amount_not_requested"
    status = 422
    title = "Another amount was asked for"


class TipNotAllowed(WalletError):
    """No tip can be given here."""

    code = "tip_not_allowed"
    status = 422
    title = "No tip can be given here"


class MerchantIncomplete(WalletError):
    """What a QR code says of a merchant is not known yet."""

    code = "merchant_incomplete"
    status = 422
    title = "What a QR code says of a merchant is not known yet"


class BillExists(WalletError):
    """A bill with this number and period was published before."""

    code = "bill_exists"
    status = 409
    title = "A bill with this number and period was published before"


class BillWithdrawn(WalletError):
    """The bill was withdrawn."""

    code = "bill_withdrawn"
    status = 409
    title = "The bill was withdrawn"


class ScheduleInvalid(WalletError):
    """Nothing can be paid by itself then."""

    code = "schedule_invalid"
    status = 422
    title = "Nothing can be paid by itself then"


class InstalmentsNotOffered(WalletError):
    """This can't be paid in instalments."""

    code = "instalments_not_offered"
    status = 422
    title = "This can't be paid in instalments"


class PlanComplete(WalletError):
    """Nothing is left to pay of the instalment plan."""

    code = "plan_complete"
    status = 409
    title = "Nothing is left to pay of the instalment plan"
