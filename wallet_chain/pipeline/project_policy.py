"""Currencies, proposals to mint, attested reserves, and what the policy is set to.

Values of ``ChainPolicy``, amounts as decimal strings of minor units, null where there is no limit:

- ``tier/N``: ``{"per_payment", "day", "month", "balance"}`` in the reference currency
- ``corridor/FROM/TO``: ``{"state": "open" | "review" | "closed"}``
- ``caps/CUR``: ``{"per_mint", "per_day"}`` in the currency
- ``switch/NAME``: ``{"paused": true | false}``; ``outgoing``, ``issuance``, ``redemption`` ...
- ``pair/CUR/CUR``: ``{"state", "band_bps", "review_seconds", "amount_min", "amount_max",
  "review_from", "two_reviewers_from", "travel_rule_from"}``; amounts in the first currency, the last
  three in the reference currency
- ``attestation_age``: ``{"seconds"}``
- ``version``: ``{"version"}``, as ``TransferPolicy.policyVersion`` counts
"""

from collections.abc import Callable
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.units import NEVER, NO_LIMIT, Corridor, Switch, word_of
from wallet_chain.money import AMOUNT_MINOR_MAX
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainPolicy, ChainProposal

_LIMITS = ("per_payment", "day", "month", "balance")
_THRESHOLDS = ("review_from", "two_reviewers_from", "travel_rule_from")
_COUNTED = frozenset({"CurrencyAdded", "PriceSet", "TierLimitsSet", "CorridorSet"})
"""What raises the policy's version."""


def storable(amount_minor: int) -> int:
    """An amount that was only proposed or attested, cut at the most that any currency can hold.

    The contracts take more there, but can never mint it; the event keeps the exact number.
    """
    return min(amount_minor, AMOUNT_MINOR_MAX)


def project_currencies(block: Block, currencies: TouchedRows) -> None:
    """Apply new currencies, prices and attested reserves to ``currencies``."""
    for event in block.events:
        code = event.args.get("currency")
        if event.name == "CurrencyAdded":
            currencies.set(_currency(event))
        elif event.name == "PriceSet":
            currencies.change((code,), price=str(event.args["price"]))
        elif event.name == "ReservesAttested":
            amount, as_of = storable(event.args["amount"]), event.args["asOf"]
            currencies.change((code,), reserves_minor=amount, reserves_as_of=as_of)


def project_proposals(copy: Copy, block: Block) -> TouchedRows:
    """Apply proposals to mint and how they were decided; answers with those that were touched."""
    proposals = copy.rows(ChainProposal)
    events = [event for event in block.events if event.name in _PROPOSALS]
    proposals.load(event.args["proposalId"] for event in events)
    for event in events:
        _PROPOSALS[event.name](block, proposals, event)
    return proposals


def project_policy(copy: Copy, block: Block) -> None:
    """Apply what was set: limits, corridors, caps, switches."""
    settings: dict[str, dict[str, Any]] = {}
    raised = 0
    for event in block.events:
        read = _SETTINGS.get(event.name)
        if read is not None:
            name, value = read(event.args)
            settings[name] = value
        raised += event.contract == "TransferPolicy" and event.name in _COUNTED
    if not settings and not raised:
        return
    rows = copy.rows(ChainPolicy)
    rows.load([*settings, "version"])
    if raised:
        before = rows.get("version")
        version = raised + (before["value"]["version"] if before else 0)
        settings["version"] = {"version": version}
    for name, value in settings.items():
        rows.set({"setting": name, "value": value, "block_number": block.number})


def _currency(event: DecodedEvent) -> dict[str, Any]:
    return {
        "currency": event.args["currency"],
        "token": event.args["token"],
        "supply_minor": 0,
        "reserves_minor": None,
        "reserves_as_of": None,
        "price": str(event.args["price"]),
    }


def _proposed(block: Block, proposals: TouchedRows, event: DecodedEvent) -> None:
    proposals.set(
        {
            "proposal_id": event.args["proposalId"],
            "currency": event.args["currency"],
            "account": event.args["to"],
            "amount_minor": storable(event.args["amount"]),
            "deposit_reference": event.args["depositReference"],
            "maker": event.args["maker"],
            "checker": None,
            "state": "proposed",
            "proposed_at": block.time,
            "block_number": block.number,
        }
    )


def _decided(state: str, decider: str) -> Callable[[Block, TouchedRows, DecodedEvent], None]:
    def apply(block: Block, proposals: TouchedRows, event: DecodedEvent) -> None:
        proposal_id = event.args["proposalId"]
        if proposals.get(proposal_id) is None:
            raise Contradiction(
                f"Transaction {event.transaction_hash}: {event.name} for proposal {proposal_id},"
                " which was never made."
            )
        checker = event.args[decider]
        proposals.change((proposal_id,), state=state, checker=checker, block_number=block.number)

    return apply


_PROPOSALS: dict[str, Callable[[Block, TouchedRows, DecodedEvent], None]] = {
    "MintProposed": _proposed,
    "MintApproved": _decided("minted", "checker"),
    "MintDeclined": _decided("declined", "by"),
}


def _pair_terms(terms: tuple[int, ...]) -> dict[str, Any]:
    state, band_bps, review_seconds, amount_min, amount_max, *values = terms
    return {
        "state": word_of(Corridor(state)),
        "band_bps": band_bps,
        "review_seconds": review_seconds,
        "amount_min": str(amount_min),
        "amount_max": str(amount_max),
        **{
            name: None if value == NEVER else str(value)
            for name, value in zip(_THRESHOLDS, values, strict=True)
        },
    }


def _limit(amount: int) -> str | None:
    return None if amount == NO_LIMIT else str(amount)


_SETTINGS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "TierLimitsSet": lambda a: (
        f"tier/{a['tier']}",
        {name: _limit(value) for name, value in zip(_LIMITS, a["limits"], strict=True)},
    ),
    "CorridorSet": lambda a: (
        f"corridor/{a['from']}/{a['to']}",
        {"state": word_of(Corridor(a["state"]))},
    ),
    "CapsSet": lambda a: (
        f"caps/{a['currency']}",
        {"per_mint": str(a["perMint"]), "per_day": str(a["perDay"])},
    ),
    "PairSet": lambda a: (f"pair/{a['source']}/{a['target']}", _pair_terms(a["terms"])),
    "Paused": lambda a: (f"switch/{word_of(Switch(a['what']))}", {"paused": True}),
    "Unpaused": lambda a: (f"switch/{word_of(Switch(a['what']))}", {"paused": False}),
    "MaxAttestationAgeSet": lambda a: ("attestation_age", {"seconds": a["maxAge"]}),
}
