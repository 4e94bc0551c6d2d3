"""What must be known about a customer before a tier may be granted.

The more a tier may move, the more is asked: in the manner of tiered wallets, where a phone number is
enough for small sums and an identity shown in person opens the highest tier.
"""

from dataclasses import asdict, fields, replace

from wallet_chain.errors import KycIncomplete, TierInvalid
from wallet_chain.identity.drafts import Personal

TIERS = (1, 2, 3, 4)

VALIDITY_SECONDS = {
    1: 365 * 86_400,
    2: 2 * 365 * 86_400,
    3: 2 * 365 * 86_400,
    4: 365 * 86_400,
}
"""For how long an approval holds by default."""

_FIELDS: dict[str, dict[int, tuple[str, ...]]] = {
    "person": {
        1: ("phone",),
        2: ("name", "birth_date"),
        3: ("street", "city", "postal_code", "document_number"),
        4: (),
    },
    "business": {
        1: ("name", "phone"),
        2: ("registration_number",),
        3: ("street", "city", "postal_code"),
        4: (),
    },
}
"""Kind -> tier -> fields asked for beyond those of the tiers below."""

_OF_MERCHANTS: dict[str, tuple[str, ...]] = {
    "person": ("name", "city", "merchant_category"),
    "business": ("name", "registration_number", "city", "merchant_category"),
}
"""Kind -> what is asked, at any tier, of whoever takes payments for goods: who it is, and what payers
read on its QR codes."""

_DOCUMENTS: dict[str, dict[int, frozenset[str]]] = {
    "person": {
        3: frozenset({"passport", "identity_card"}),
        4: frozenset({"in_person_record"}),
    },
    "business": {
        3: frozenset({"trade_register"}),
        4: frozenset({"in_person_record"}),
    },
}
"""Kind -> tier -> kinds of document of which one is needed, beyond those of the tiers below."""


def require_tier(tier: int) -> None:
    """Raise TierInvalid unless the tier exists."""
    if tier not in TIERS:
        raise TierInvalid(f"There is no tier {tier}; tiers are 1 to 4.", tier=tier)


def require_complete(
    kind: str, tier: int, personal: Personal, documents: set[str], *, merchant: bool = False
) -> None:
    """Raise KycIncomplete, naming all that is missing for the tier."""
    asked = [name for step in TIERS if step <= tier for name in _FIELDS[kind][step]]
    if merchant:
        asked += [name for name in _OF_MERCHANTS[kind] if name not in asked]
    known = asdict(personal)
    missing = [name for name in asked if not known[name]]
    for step, kinds in sorted(_DOCUMENTS[kind].items()):
        if step <= tier and not kinds & documents:
            missing.append("document:" + "|".join(sorted(kinds)))
    if missing:
        raise KycIncomplete(
            f"Tier {tier} for a {kind} needs also: {', '.join(missing)}.",
            tier=tier,
            missing=missing,
        )


def merged(known: Personal | None, new: Personal) -> Personal:
    """What is known once ``new`` is taken in; its empty fields change nothing."""
    if known is None:
        return new
    changes = {f.name: getattr(new, f.name) for f in fields(new) if getattr(new, f.name)}
    return replace(known, **changes)
