"""Who used which power and when: everything that only staff's or the bank's own keys can do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import PowerFilter
from wallet_chain.audit.events import event_view
from wallet_chain.audit.periods import Blocks, blocks_of
from wallet_chain.audit.searching import Conditions, Question, Way, place_of, search
from wallet_chain.audit.views import PowerUse, PrincipalSummary
from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.paging import Position, read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEvent, Principal, SignerKey, Transaction

POWERS: Mapping[str, tuple[str, ...]] = {
    "issuance": ("mint_proposal", "mint", "mint_decline", "payout"),
    "reserves": ("attestation",),
    "court": ("court_order",),
    "identity": ("registration", "identity_update", "freeze", "unfreeze", "closure"),
    "recovery": ("recovery_proposal", "recovery", "recovery_withdrawal", "replacement"),
    "roles": ("access",),
    "policy": ("policy",),
    "emergency": ("pause", "unpause"),
    "review": ("release_approval", "release", "return"),
    "loyalty": ("programme",),
    "configuration": ("configuration",),
}
"""Each power, and the kinds of events that show its use."""

_POWER_OF = {kind: power for power, kinds in POWERS.items() for kind in kinds}
_ACTORS = ("by", "checker", "maker", "caller")
"""Arguments that name who acted, the last one who did first."""

EXAMINED_MAX = 1_000
_AT_A_TIME = 200


def list_powers(
    bank: Bank, caller: Caller, filters: PowerFilter, request: PageRequest
) -> Page[PowerUse]:
    """Uses of powers, newest first.

    Raises InvalidRequest (an unknown power), InvalidAddress, CursorInvalid, NotFound, NotReady.
    """
    scope = scope_of("powers", filters)
    position = read_position(bank, scope, request)
    if filters.power is not None and filters.power not in POWERS:
        raise InvalidRequest(f"power is one of {', '.join(POWERS)}.", field="power")
    with looking(bank, caller) as session:
        said = {name: value for name, value in asdict(filters).items() if value is not None}
        customer = None
        if filters.account is not None:
            customer = customer_of_account(session, read_address(filters.account))
        customer_id = None if customer is None else customer.id
        record_look(bank, session, caller, "powers", customer_id, said)
        actor = _actor(session, filters.actor)
        question = _question(filters, blocks_of(bank, session, filters))
        uses, following = _uses(session, question, actor, position, request.limit)
    return Page(uses, None if following is None else write_position(bank, scope, following))


def _uses(
    session: Session,
    question: Question,
    actor: str | None,
    position: Position | None,
    limit: int,
) -> tuple[tuple[PowerUse, ...], Position | None]:
    uses: list[PowerUse] = []
    for _ in range(EXAMINED_MAX // _AT_A_TIME):
        found = search(session, question, position, limit if actor is None else _AT_A_TIME)
        for row, use in zip(found.rows, _shown(session, found.rows), strict=True):
            if actor is None or use.actor == actor:
                uses.append(use)
                if len(uses) == limit:
                    ended = row is found.rows[-1] and found.next_position is None
                    return tuple(uses), None if ended else place_of(row)
        position = found.next_position
        if position is None or actor is None:
            break
    return tuple(uses), position


def _question(filters: PowerFilter, blocks: Blocks) -> Question:
    kinds = POWERS[filters.power] if filters.power is not None else tuple(_POWER_OF)
    account = None if filters.account is None else read_address(filters.account)
    bounds: Conditions = (
        ChainEvent.block_number >= blocks.first,
        ChainEvent.block_number <= blocks.last,
    )

    def conditions(event: type[ChainEvent]) -> Conditions:
        if account is None:
            return ()
        return (or_(event.account == account, event.counterparty == account),)

    way = Way(tuple((ChainEvent.kind == kind,) for kind in kinds))
    return Question(conditions, bounds, (way,), newest=True)


def _actor(session: Session, actor: str | None) -> str | None:
    """The address of whoever is named. Raises NotFound, InvalidAddress."""
    if actor is None or not actor.startswith("prn_"):
        return None if actor is None else read_address(actor)
    principal = session.get(Principal, actor)
    if principal is None or principal.signer_address is None:
        raise not_found("member of staff with a key", actor)
    return principal.signer_address


def _shown(session: Session, rows: Sequence[ChainEvent]) -> list[PowerUse]:
    hashes = {row.transaction_hash for row in rows}
    sent = select(Transaction.hash, Transaction.lane_address).where(Transaction.hash.in_(hashes))
    senders: dict[str, str] = {row[0]: row[1] for row in session.execute(sent)}
    actors = {
        (row.block_number, row.log_index): _named(row) or senders.get(row.transaction_hash)
        for row in rows
    }
    people = _people(session, {actor for actor in actors.values() if actor is not None})
    return [_use(row, actors[row.block_number, row.log_index], people) for row in rows]


def _named(row: ChainEvent) -> str | None:
    for name in _ACTORS:
        if row.arguments.get(name) is not None:
            return str(row.arguments[name])
    return None


def _people(session: Session, actors: set[str]) -> dict[str, PrincipalSummary]:
    keys = select(SignerKey.address, Principal.id, Principal.role).join(
        Principal, Principal.id == SignerKey.owner_id
    )
    found = session.execute(keys.where(SignerKey.address.in_(actors)))
    return {row[0]: PrincipalSummary(row[1], row[2]) for row in found}


def _use(row: ChainEvent, actor: str | None, people: Mapping[str, PrincipalSummary]) -> PowerUse:
    event = event_view(row)
    return PowerUse(
        block_number=event.block_number,
        block_time=event.block_time,
        transaction_hash=event.transaction_hash,
        log_index=event.log_index,
        power=_POWER_OF[event.kind],
        act=event.kind,
        name=event.name,
        actor=actor,
        principal=None if actor is None else people.get(actor),
        account=event.account,
        currency=event.currency,
        money=event.money,
        arguments=event.arguments,
    )
