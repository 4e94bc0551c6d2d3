"""How the contracts write currencies, amounts, enumerations and flags.

Each enumeration repeats one of Solidity's in its order; a test compares them with the sources.
"""

from enum import IntEnum, IntFlag

from wallet_chain.money import CURRENCIES, currency_named, minor_to_decimal

REFERENCE_CURRENCY = "EUR"
"""All limits count in minor units of this currency, whatever currency moves."""

NO_LIMIT = 2**64 - 1
"""A tier's limit of this size means that there is none."""

NEVER = 2**40 - 1
"""A threshold of a pair of currencies of this size is never reached."""

PRICE_SCALE = 10**18
"""A price is this many times reference minor units for one minor unit."""


class MovementKind(IntEnum):
    """Why money moved; part of every history head."""

    NONE = 0
    MINT = 1
    REDEMPTION = 2
    PAYMENT = 3
    REFUND = 4
    DIRECT = 5
    COURT_ORDER = 6
    RECOVERY = 7
    ESCROW_IN = 8
    ESCROW_OUT = 9
    EXCHANGE_IN = 10
    EXCHANGE_OUT = 11
    ESCROW_RETURN = 12


class Status(IntEnum):
    """Where an account stands in the identity registry."""

    UNKNOWN = 0
    ACTIVE = 1
    FROZEN = 2
    CLOSED = 3
    REPLACED = 4


class AccountFlags(IntFlag):
    """What an account is, beside its tier."""

    BUSINESS = 1
    MERCHANT = 2
    PROVIDER = 4
    SYSTEM = 8


class Switch(IntEnum):
    """What can be paused, each by itself."""

    OUTGOING = 0
    ISSUANCE = 1
    REDEMPTION = 2
    EVERYTHING = 3


class LimitRule(IntEnum):
    """Which of a tier's limits."""

    PER_PAYMENT = 0
    DAY = 1
    MONTH = 2
    BALANCE = 3


class Corridor(IntEnum):
    """Whether money may move from one country to another."""

    OPEN = 0
    REVIEW = 1
    CLOSED = 2


class ProposalState(IntEnum):
    """How a proposal to mint stands in the contract."""

    NONE = 0
    PROPOSED = 1
    MINTED = 2
    DECLINED = 3


class Rounding(IntEnum):
    """Which amount of an exchange follows from the other, always against the one who converts."""

    TARGET_DOWN = 0
    SOURCE_UP = 1


class TransferState(IntEnum):
    """How a transfer that was held stands in the contract."""

    NONE = 0
    HELD = 1
    SETTLED = 2
    REJECTED = 3
    REFUNDED = 4
    RECALLED = 5


def to_reference_up(amount_minor: int, price: int) -> int:
    """An amount in reference minor units, rounded up as ``TransferPolicy`` does before it compares
    with a limit; ``price`` is scaled by PRICE_SCALE."""
    return (amount_minor * price + PRICE_SCALE - 1) // PRICE_SCALE


class ProgrammeKind(IntEnum):
    """Who pays for the points of a loyalty programme."""

    NONE = 0
    BANK = 1
    MERCHANT = 2
    COALITION = 3


class MemberState(IntEnum):
    """Where a merchant stands in a loyalty programme."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2


class OfferKind(IntEnum):
    """What an offer gives."""

    NONE = 0
    REDUCTION = 1
    PERCENTAGE = 2
    POINTS = 3


def word_of(member: IntEnum) -> str:
    """An enumeration's member as the API writes it: ``LimitRule.PER_PAYMENT -> per_payment``."""
    return member.name.lower()


def currency_bytes(code: str) -> bytes:
    """The contracts' ``bytes3`` of a currency code. Raises UnknownCurrency."""
    return currency_named(code).code.encode()


def currency_code(word: bytes) -> str:
    """The code in a ``bytes3``, whether or not this product knows the currency."""
    return word[:3].decode("ascii", "replace")


def amount_text(amount_minor: int, code: str) -> str:
    """Minor units as the currency's decimal string; the plain number when it is not known."""
    currency = CURRENCIES.get(code)
    return str(amount_minor) if currency is None else minor_to_decimal(amount_minor, currency)
