"""Refusals about issuing money, its reserves and its redemption."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    OURS,
    Rule,
    address,
    code,
    large,
    moment,
    number,
    one_of,
    own_money,
    rule,
    word,
)
from wallet_chain.ledger.units import ProposalState


def _daily_cap(texts: dict[str, str]) -> str:
    sentence = "At most {cap} may be issued in 24 hours; {used} has been and {asked} is asked for."
    later = "Issue less, or have the cap raised."
    if texts["frees_at"] != "never":
        later = f"It fits from {texts['frees_at']}; until then issue less, or have the cap raised."
    return f"{sentence.format(**texts)} {later}"


ISSUANCE: dict[str, Rule] = {
    "DepositReferenceMissing": rule(
        errors.ConfigurationRefused, "A proposal needs the deposit's reference. " + OURS
    ),
    "DepositAlreadyUsed": rule(
        errors.DepositAlreadyUsed,
        "Money was proposed or issued for this deposit before ({deposit_reference}); a deposit is"
        " used once.",
        deposit_reference=word("depositReference"),
    ),
    "ProposalNotOpen": rule(
        errors.ProposalNotOpen,
        "Proposal {proposal_id} is not open (it is: {state}); nothing is left to decide.",
        proposal_id=word("proposalId"),
        state=one_of(ProposalState, "state"),
    ),
    "MakerIsChecker": rule(
        errors.FourEyes,
        "{account} proposed this and may not also decide it; another person must.",
        account=address("account"),
    ),
    "ProposalLapsed": rule(
        errors.ProposalLapsed,
        "Proposal {proposal_id} lapsed at {lapsed_at}; propose it anew under a new deposit"
        " reference.",
        proposal_id=word("proposalId"),
        lapsed_at=moment("lapsedAt"),
    ),
    "MintCapExceeded": rule(
        errors.MintCapExceeded,
        "At most {cap} may be issued at once, {asked} is asked for; issue less or have the cap"
        " raised.",
        cap=own_money("cap"),
        asked=own_money("asked"),
    ),
    "DailyMintCapExceeded": rule(
        errors.DailyMintCapExceeded,
        _daily_cap,
        cap=own_money("cap"),
        used=own_money("used"),
        asked=own_money("asked"),
        frees_at=moment("freesAt"),
    ),
    "CapNotCountable": rule(
        errors.ConfigurationRefused,
        "The daily cap of {cap} minor units is larger than can be counted; the most is {cap_max}.",
        cap=large("cap"),
        cap_max=large("capMax"),
    ),
    "ReservesStale": rule(
        errors.ReservesStale,
        "The reserves of {currency} were last attested as of {as_of}, and nothing older than"
        " {oldest_allowed} counts; let the auditor attest them again.",
        currency=code("currency"),
        as_of=moment("asOf"),
        oldest_allowed=moment("oldestAllowed"),
    ),
    "ReservesExceeded": rule(
        errors.ReservesExceeded,
        "{attested} of reserves is attested and {supply} is in circulation; {asked} more would not"
        " be covered. Have the reserves attested anew, or issue less.",
        attested=own_money("attested"),
        supply=own_money("supply"),
        asked=own_money("asked"),
    ),
    "AttestationInvalid": rule(
        errors.AttestationInvalid,
        "The attestation as of {as_of} may not lie in the future or before the last one"
        " ({last_as_of}), and its amount must be one that the currency can hold; correct it.",
        amount=own_money("amount"),
        as_of=moment("asOf"),
        last_as_of=moment("lastAsOf"),
    ),
    "InvalidMaxAttestationAge": rule(
        errors.ConfigurationRefused,
        "An attestation can't stay fresh for {max_age} seconds; choose a shorter time above zero.",
        max_age=number("maxAge"),
    ),
    "RedemptionNotOpen": rule(
        errors.RedemptionNotOpen,
        "Withdrawal {order_id} does not await a payout: it is unknown or paid out already.",
        order_id=word("orderId"),
    ),
    "PayoutReferenceMissing": rule(
        errors.ConfigurationRefused, "A payout needs the reference of the bank's transfer."
    ),
    "PayoutReferenceUsed": rule(
        errors.PayoutReferenceUsed,
        "The payout reference {payout_reference} confirmed another withdrawal; give this payout's"
        " own.",
        payout_reference=word("payoutReference"),
    ),
}
