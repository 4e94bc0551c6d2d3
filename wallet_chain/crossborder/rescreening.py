"""Screening once more, when a signature comes in or a reviewer decides: lists and names change.

What is found is kept before the reviewer is refused, or there would be nothing to read and decide by.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.payees import Payee
from wallet_chain.compliance import screening
from wallet_chain.compliance.screening import CLEAR, Screened, results_of, same_finding
from wallet_chain.crossborder.vetting import screen_again
from wallet_chain.errors import ScreeningHitUndecided
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import CrossBorderTransfer, Customer, ScreeningResult

RELEASED, REJECTED = "released", "rejected"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a decision rests on."""

    decided: tuple[str, ...]
    """Ids of the results, of those that are no clear ones, that the reviewer decides about."""
    clear: tuple[Screened, ...] = ()
    """What was found clear just now, to be kept with the decision."""


def rescreen(bank: Bank, transfer_id: str, accepted: tuple[str, ...]) -> Finding:
    """Screen both parties again. Raises ScreeningHitUndecided for what the reviewer has not named.

    Runs outside any transaction; what is new and no clear result is written at once.
    """
    with bank.store.reading() as session:
        screened = _screened(bank, session, session.get_one(CrossBorderTransfer, transfer_id))
        stops = tuple(one for one in screened if one.stops)
        known = _known(bank, session, transfer_id, stops)
    if any(one is None for one in known):
        known = _keep_new(bank, transfer_id, stops)
    ids = tuple(one for one in known if one is not None)
    undecided = [one for one in ids if one not in accepted]
    if undecided:
        raise ScreeningHitUndecided(
            f"Screening found something that you have not decided about ({', '.join(undecided)}). Read"
            " it with GET /v1/screening-results/{result_id}; to release all the same, name it in"
            " accepted_hits, else reject the transfer.",
            hits=undecided,
        )
    return Finding(ids, tuple(one for one in screened if not one.stops))


def new_findings(bank: Bank, transfer_id: str) -> tuple[Screened, ...]:
    """What stops a transfer now and was not found when it was made."""
    with bank.store.reading() as session:
        screened = _screened(bank, session, session.get_one(CrossBorderTransfer, transfer_id))
        stops = tuple(one for one in screened if one.stops)
        known = _known(bank, session, transfer_id, stops)
    return tuple(one for one, row in zip(stops, known, strict=True) if row is None)


def keep_findings(
    bank: Bank,
    session: Session,
    transfer: CrossBorderTransfer,
    occasion: str,
    findings: Iterable[Screened],
) -> list[str]:
    """Write findings with their transfer, in the caller's transaction; gives their ids."""
    ids = screening.keep(bank, session, transfer.id, occasion, findings)
    transfer.screening_ids = {"ids": [*transfer.screening_ids["ids"], *ids]}
    return ids


def all_hits(bank: Bank, transfer_id: str) -> Finding:
    """Everything that was found about a transfer and is not decided yet."""
    with bank.store.reading() as session:
        rows = results_of(session, transfer_id)
    return Finding(tuple(row.id for row in rows if row.outcome != CLEAR and row.decision is None))


def note(
    bank: Bank,
    session: Session,
    caller: Caller,
    transfer: CrossBorderTransfer,
    finding: Finding,
    decision: str,
) -> None:
    """Write what the decision rests on, in its own transaction."""
    rows = [row for row in results_of(session, transfer.id) if row.id in finding.decided]
    screening.decide(bank, session, rows, decision, caller.principal_id)
    keep_findings(bank, session, transfer, "release", finding.clear)


def _screened(bank: Bank, session: Session, transfer: CrossBorderTransfer) -> tuple[Screened, ...]:
    sender = session.get_one(Customer, transfer.sender_customer_id)
    account = transfer.recipient_account
    # Somebody may have become a customer since.
    recipient = Payee(account, customer_of_account(session, account))
    return screen_again(bank, session, sender, recipient)


def _known(
    bank: Bank, session: Session, transfer_id: str, stops: tuple[Screened, ...]
) -> list[str | None]:
    """The stored result that says the same as each finding; None for what is new."""
    rows = results_of(session, transfer_id)
    return [_same(bank, session, one, rows) for one in stops]


def _same(
    bank: Bank, session: Session, one: Screened, rows: tuple[ScreeningResult, ...]
) -> str | None:
    found = (row.id for row in reversed(rows) if same_finding(bank, session, one, row))
    return next(found, None)


def _keep_new(bank: Bank, transfer_id: str, stops: tuple[Screened, ...]) -> list[str | None]:
    with bank.store.transaction() as session:
        transfer = session.get_one(CrossBorderTransfer, transfer_id)
        known = _known(bank, session, transfer_id, stops)
        new = [one for one, row in zip(stops, known, strict=True) if row is None]
        ids = iter(keep_findings(bank, session, transfer, "release", new))
        return [row if row is not None else next(ids) for row in known]
