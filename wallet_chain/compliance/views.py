"""What compliance answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ScreeningListView:
    """One version of a screening list."""

    id: str
    source: str
    version: str
    """SHA-256, in hex, of the file as it was loaded."""
    entry_count: int
    loaded_at: int
    loaded_by: str
    retired_at: int | None
    """When another version took its place; null while it is in force."""


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """What came of looking one party of a transfer up in the lists, without whom it is about."""

    id: str
    occasion: str
    """``creation``, ``signature`` or ``release``: when it was looked up."""
    subject: str
    """``sender`` or ``recipient``."""
    outcome: str
    """``clear``, ``hit``, or ``unnamed``: nothing is known that could be looked up."""
    score: int
    """Of the best match, in per cent."""
    reason: str | None
    """What the best match is by: ``name``, ``alias`` or ``identifier``."""
    lists: Mapping[str, str]
    """Source to version of every list that was looked into."""
    screened_at: int
    decision: str | None
    """``released`` or ``rejected``, by a reviewer who knew of it."""
    decided_by: str | None
    decided_at: int | None


@dataclass(frozen=True, slots=True)
class MatchView:
    """An entry that may be the party."""

    source: str
    entry_id: str
    kind: str
    name: str
    matched: str
    """What of the entry was found: its name, an alias or an identifier."""
    by: str
    """``name``, ``alias`` or ``identifier``."""
    score: int
    birth_date: str
    """``same``, ``different`` or ``unknown``."""
    birth_dates: tuple[str, ...]
    countries: tuple[str, ...]
    sanctions: str
    dataset: str


@dataclass(frozen=True, slots=True)
class ScreeningResultView:
    """A screening result with all that it rests on, for reviewers."""

    id: str
    transfer_id: str
    occasion: str
    subject: str
    customer_id: str | None
    """Null for a recipient whom this bank does not know."""
    outcome: str
    score: int
    reason: str | None
    lists: Mapping[str, str]
    screened_name: str | None
    """Null when nobody knows it, or the customer was erased."""
    matches: tuple[MatchView, ...]
    """Best first, five at most; none once the customer was erased."""
    match_count: int
    screened_at: int
    decision: str | None
    decided_by: str | None
    decided_at: int | None


@dataclass(frozen=True, slots=True)
class PurposeView:
    """Why money is sent, by ISO 20022's external list of purposes."""

    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NameCheckView:
    """Whether a payee has the name that was given."""

    id: str
    result: str
    """``match``; ``close_match``: nearly; ``no_match``; ``not_possible``: the bank knows no name."""
    name: str | None
    """The payee's name, of a close match only: who knows it that well may correct it."""
    checked_at: int


@dataclass(frozen=True, slots=True)
class BeneficiaryView:
    """Somebody whom a customer sends to."""

    id: str
    name: str
    """As the customer wrote it."""
    payee: str
    """As the customer named it."""
    account: str
    country: str
    """Of the account, ISO 3166-1 alpha-2."""
    name_check: NameCheckView
    """What the check said when the beneficiary was made."""
    created_at: int


@dataclass(frozen=True, slots=True)
class BeneficiaryRemovedView:
    """A beneficiary that was erased."""

    id: str
    deleted: bool
    """Always true: nothing of the beneficiary is left but its id in transfers."""


@dataclass(frozen=True, slots=True)
class TravelRuleView:
    """The record of who sends and who receives, by IVMS 101, and what of it can be checked."""

    id: str
    transfer_id: str
    hash: str
    """keccak256 of the salt's 32 bytes and the record as JSON with sorted names and no spaces."""
    on_chain_hash: str | None
    """What the contract has; null while the transfer is not on chain."""
    salt: str | None
    """Null once the sender was erased."""
    record: Mapping[str, Any]
    """Originator, beneficiary and both institutions, with the standard's own names."""
    erased: tuple[str, ...]
    """``originator`` and ``beneficiary``, where the customer was erased."""
    agrees: bool | None
    """Whether record and salt give the hash on chain; null when something is missing."""
    created_at: int
