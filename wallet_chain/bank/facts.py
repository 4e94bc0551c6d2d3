"""Facts that no chain has, as entries of the transparency log (docs/transparency.md).

A leaf tells when and of what kind, and commits to the record by a salted hash. Record and salt, its
opening, stay in the database; where they are about a customer they are sealed under that customer's
key, so that erasing the customer makes them unreadable and the log stays whole.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import CustomerForgotten
from wallet_chain.store.log import Fact, note_fact

FORM = "wallet-chain-fact/1"
SALT_BYTES = 32

ACCESS = "access"
KYC_SUBMITTED = "kyc_submitted"
REVIEW_DECIDED = "review_decided"
SCREENING = "screening"
SCREENING_DECIDED = "screening_decided"
REFUSAL = "refusal"
DAILY_CLOSE = "daily_close"

KINDS = (
    ACCESS,
    KYC_SUBMITTED,
    REVIEW_DECIDED,
    SCREENING,
    SCREENING_DECIDED,
    REFUSAL,
    DAILY_CLOSE,
)


def log_fact(
    bank: Bank,
    session: Session,
    kind: str,
    subject: str,
    record: Mapping[str, Any],
    customer_id: str | None = None,
) -> None:
    """Append a fact with this transaction. ``record`` is JSON; ``subject`` is what it is about."""
    at = bank.clock()
    said = canonical(record)
    salt = secrets.token_bytes(SALT_BYTES)
    opening: Mapping[str, str] = {"record": said, "salt": salt.hex()}
    box = None
    if customer_id is not None:
        try:
            box = bank.personal.seal(session, customer_id, opening)
        except CustomerForgotten:
            # There is nobody any more whom it could tell about.
            customer_id = None
    note_fact(
        session,
        Fact(
            kind=kind,
            at=at,
            subject=subject,
            customer_id=customer_id,
            leaf=leaf_of(kind, at, commitment_to(salt, said)),
            opening=orjson.dumps(opening) if box is None else box,
        ),
    )


def canonical(record: Mapping[str, Any]) -> str:
    """A record in its one form: JSON with sorted keys, no white space and no nulls in it."""
    said = {name: value for name, value in record.items() if value is not None}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def commitment_to(salt: bytes, record: str) -> str:
    """SHA-256 over the form's name, a newline, the salt and the record, in hex."""
    return hashlib.sha256(FORM.encode() + b"\n" + salt + record.encode()).hexdigest()


def leaf_of(kind: str, at: int, commitment: str) -> bytes:
    """The bytes of an entry: JSON of strings, keys sorted, without white space."""
    leaf = {"at": str(at), "commitment": commitment, "form": FORM, "kind": kind}
    return orjson.dumps(leaf, option=orjson.OPT_SORT_KEYS)
