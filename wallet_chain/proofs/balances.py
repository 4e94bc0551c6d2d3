"""A balance, and all balances of a currency against its supply."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_asked, last_entry, look_at_account
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.proofs.drafts import BalanceProof, TotalProof
from wallet_chain.proofs.states import need_states, state_of
from wallet_chain.store.tables import ChainEntry

ACCOUNTS_MAX = 10_000
"""The most accounts that one bundle proves."""


def prove_balance(bank: Bank, caller: Caller, query: BalanceProof) -> bytes:
    """What an account held at the end of a block.

    Raises InvalidRequest, InvalidAddress, UnknownCurrency, NotFound, NotReady, ProofUnavailable,
    ChainStateLost, ChainUnavailable.
    """
    account, currency = read_address(query.account), currency_named(query.currency).code
    with looking(bank, caller) as session:
        asked = {"currency": currency, "block": query.block_number, "at": query.at}
        look_at_account(bank, session, caller, "balance proof", account, asked)
        block = block_asked(bank, session, query.block_number, query.at).number
        state = state_of(last_entry(session, account, currency, block_to=block))
    assembly = Assembly(bank)
    need_states(bank, assembly, block, currency, [state], [account])
    claim = {"kind": "balance", "currency": currency, "account": account.lower(), **state}
    return assembly.finish(claim | {"block": str(block)}, [block], query.pinned_block)


def prove_total(bank: Bank, caller: Caller, query: TotalProof) -> bytes:
    """What every account of a currency held at the end of a block, and that it is the supply.

    Raises InvalidRequest (also for more than ``ACCOUNTS_MAX`` accounts), UnknownCurrency, NotFound,
    NotReady, ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    currency = currency_named(query.currency).code
    with looking(bank, caller) as session:
        asked = {"currency": currency, "block": query.block_number}
        record_look(bank, session, caller, "total proof", None, asked)
        block = block_asked(bank, session, query.block_number, None).number
        held = _all_accounts(session, currency, block)
    accounts = sorted(held, key=str.lower)
    states = [state_of(held[account]) for account in accounts]
    supply = sum(row.balance_minor for row in held.values())
    assembly = Assembly(bank)
    need_states(bank, assembly, block, currency, states, accounts, supply_minor=supply)
    claim = {
        "kind": "total",
        "currency": currency,
        "block": str(block),
        "supply": str(supply),
        "accounts": [
            {"account": account.lower(), **state}
            for account, state in zip(accounts, states, strict=True)
        ],
    }
    return assembly.finish(claim, [block], query.pinned_block)


def _all_accounts(session: Session, currency: str, block: int) -> dict[str, ChainEntry]:
    """Each account's last line up to a block."""
    until = (ChainEntry.currency == currency, ChainEntry.block_number <= block)
    last = (
        select(ChainEntry.account, func.max(ChainEntry.sequence).label("sequence"))
        .where(*until)
        .group_by(ChainEntry.account)
        .subquery()
    )
    line = aliased(ChainEntry)
    rows = session.scalars(
        select(line)
        .join(last, (line.account == last.c.account) & (line.sequence == last.c.sequence))
        .where(line.currency == currency)
        .limit(ACCOUNTS_MAX + 1)
    ).all()
    if len(rows) > ACCOUNTS_MAX:
        raise InvalidRequest(
            f"{currency} has more than {ACCOUNTS_MAX} accounts, too many for one bundle; prove"
            " balances one by one.",
            field="currency",
            limit=ACCOUNTS_MAX,
        )
    return {row.account: row for row in rows}
