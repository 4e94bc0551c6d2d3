"""What is asked of the identity capability."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """A new customer. ``country`` is ISO 3166-1 alpha-2, e.g. ``DE``."""

    kind: str
    """``person`` or ``business``."""
    country: str
    custody: str = "bank"
    """``bank``: the product keeps the key; ``self``: the customer does."""
    merchant: bool = False
    provider: bool = False
    """A business that exchanges currencies for others, with a key that the bank keeps."""


@dataclass(frozen=True, slots=True)
class Personal:
    """What is known about a person or business. Kept encrypted under the customer's own key."""

    name: str | None = None
    """Full name of a person, registered name of a business."""
    birth_date: str | None = None
    """``YYYY-MM-DD``; persons only."""
    phone: str | None = None
    email: str | None = None
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    document_number: str | None = None
    """Number of the passport or identity card that was shown."""
    registration_number: str | None = None
    """In the trade register; businesses only."""
    merchant_category: str | None = None
    """The four digits of ISO 18245 that say what a merchant sells; merchants only."""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """Evidence that was looked at: its kind (``passport``, ``proof_of_address``, ``trade_register``,
    ``in_person_record``, ...) and SHA-256 in hex. The document itself is never taken."""

    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KycDraft:
    """KYC data for a tier (1 to 4). Opens a review, or answers the one that asked for more.

    A field of ``personal`` that is null keeps what was submitted before.
    """

    customer_id: str
    requested_tier: int
    personal: Personal
    documents: tuple[DocumentDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentsDraft:
    """More evidence for a customer."""

    customer_id: str
    documents: tuple[DocumentDraft, ...]


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """How a review ends, or that it needs more."""

    review_id: str
    decision: str
    """``approve``, ``more_information`` or ``reject``."""
    tier: int | None = None
    """Granted tier, at most the one requested; null: the one requested. Approvals only."""
    kyc_expires_at: int | None = None
    """Unix seconds; null: the tier's usual validity from now. Approvals only."""
    reason_code: str | None = None
    """Needed for ``more_information`` and ``reject``."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StandingDraft:
    """Freeze, unfreeze or close a customer's account. The reason code goes on chain in clear."""

    customer_id: str
    reason_code: str
    """1 to 31 of ``a-z``, digits and ``_``; e.g. ``fraud_suspected``."""


@dataclass(frozen=True, slots=True)
class ForgetDraft:
    """Erase a customer."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class ChallengeDraft:
    """Ask for something to sign, to show that ``account`` is the customer's."""

    customer_id: str
    account: str


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """The signed challenge."""

    customer_id: str
    challenge_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class AliasDraft:
    """A name to pay to: a phone number, an e-mail address or ``@name``."""

    customer_id: str
    alias: str


@dataclass(frozen=True, slots=True)
class RecoveryDraft:
    """Move a customer's account to a new key.

    ``new_account`` is null where the bank keeps the key (a new one is made).
    """

    customer_id: str
    new_account: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptanceDraft:
    """The new key's signature over a recovery's typed data."""

    customer_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class PrincipalDraft:
    """Somebody or something that may call, in one role."""

    role: str
    """``customer``, ``merchant``, ``operator``, ``compliance``, ``issuer-maker``,
    ``issuer-checker``, ``auditor`` or ``admin``."""
    label: str
    """A staff number or system name, not a person's name."""
    customer_id: str | None = None
    """Needed for ``customer`` and ``merchant``, else null."""


@dataclass(frozen=True, slots=True)
class ApiKeyDraft:
    """A new API key. Scopes are ``<capability>:read`` or ``:write``, or ``*``."""

    principal_id: str
    scopes: tuple[str, ...] = ("*",)
    valid_seconds: int = 90 * 86_400


@dataclass(frozen=True, slots=True)
class RotationDraft:
    """Replace an API key; the old one works for ``overlap_seconds`` more."""

    api_key_id: str
    overlap_seconds: int = 3_600


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers; null: any."""

    state: str | None = None
    kind: str | None = None
    country: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews; null: any."""

    state: str | None = None
    customer_id: str | None = None
