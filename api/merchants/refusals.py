"""Which refusals go together where something is paid that was asked for."""

from api.refusals import MOVING, Group
from wallet_chain import errors as e

QR: Group = (
    e.QrTooLong,
    e.QrCharacterInvalid,
    e.QrNotEmvco,
    e.QrTruncated,
    e.QrChecksumWrong,
    e.QrFieldRepeated,
    e.QrFieldMissing,
    e.QrFieldInvalid,
    e.QrForeign,
    e.QrAltered,
)
"""What is wrong with a scanned code."""

SETTLING: Group = (
    *MOVING,
    e.SelfPayment,
    e.NotAMerchant,
    e.InvoiceAlreadyPaid,
    e.LeastNotReached,
    e.EarningsTooLow,
)
"""All that may stop a payment of what is due."""

BUYING: Group = (
    *SETTLING,
    e.ProgrammeUnknown,
    e.ProgrammeClosed,
    e.ProgrammeMismatch,
    e.MerchantNotInProgramme,
    e.PointsInsufficient,
    e.PointsNotWhole,
    e.PointsTooMany,
    e.PointsExceedPrice,
    e.PoolInsufficient,
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
"""``SETTLING``, where points and offers may be part of it."""

DUE: Group = (
    e.RequestCancelled,
    e.RequestExpired,
    e.PaymentUnderWay,
    e.AmountNotRequested,
    e.TipNotAllowed,
    e.InvalidAddress,
    e.PayeeUnknown,
)
"""What is wrong with paying a payment request."""
