"""An account's statement as banks hand it to their customers."""

from collections.abc import Iterable, Iterator
from typing import Any

from pyiso20022.camt import camt_053_001_08 as camt_053

from wallet_chain.documents.elements import (
    account_as,
    agent,
    amount,
    moment,
    party,
    rendered,
    text,
)
from wallet_chain.documents.facts import Agent, Line, StatementFacts
from wallet_chain.documents.transfers import NAMESPACE
from wallet_chain.money import Money

_END_OF_STATEMENT = b"</Stmt>"
_END_OF_BALANCE = b"</Bal>"


def bank_statement(facts: StatementFacts, bank: Agent) -> bytes:
    """camt.053.001.08: opening balance, every line of the period, closing balance."""
    return b"".join(bank_statement_parts(facts, [facts.lines], bank))


def bank_statement_parts(
    facts: StatementFacts, parts: Iterable[Iterable[Line]], bank: Agent
) -> Iterator[bytes]:
    """The same in pieces, for statements of any length: one piece for each part of the lines.

    The lines in ``facts`` are not looked at.
    """
    whole = _rendered(facts, (), bank)
    start, end, rest = whole.rpartition(_END_OF_BALANCE)
    yield start + end
    before, closing, after = rest.partition(_END_OF_STATEMENT)
    for lines in parts:
        # The lines are all that stands between the last balance and the statement's end.
        piece = _rendered(facts, lines, bank).rpartition(_END_OF_BALANCE)[2]
        yield piece.partition(_END_OF_STATEMENT)[0].removesuffix(before)
    yield before + closing + after


def _rendered(facts: StatementFacts, lines: Iterable[Line], bank: Agent) -> bytes:
    m = camt_053
    statement = m.AccountStatement9(
        id=facts.id,
        cre_dt_tm=moment(facts.made_at),
        fr_to_dt=m.DateTimePeriod1(
            fr_dt_tm=moment(facts.time_from), to_dt_tm=moment(facts.time_to)
        ),
        acct=account_as(
            m,
            m.CashAccount39,
            facts.owner.account,
            facts.opening.currency.code,
            ownr=party(m, facts.owner),
            svcr=agent(m, bank),
        ),
        bal=[
            _balance("OPBD", facts.opening, facts.time_from),
            _balance("CLBD", facts.closing, facts.time_to),
        ],
        ntry=[_entry(line) for line in lines],
    )
    document = m.Document(
        bk_to_cstmr_stmt=m.BankToCustomerStatementV08(
            grp_hdr=m.GroupHeader81(
                msg_id=facts.id,
                cre_dt_tm=moment(facts.made_at),
                msg_pgntn=m.Pagination1(pg_nb="1", last_pg_ind=True),
            ),
            stmt=[statement],
        )
    )
    return rendered(document, NAMESPACE + "camt.053.001.08")


def _balance(code: str, money: Money, at: int) -> Any:
    m = camt_053
    return m.CashBalance8(
        tp=m.BalanceType13(cd_or_prtry=m.BalanceType10Choice(cd=code)),
        amt=amount(m.ActiveOrHistoricCurrencyAndAmount, money),
        cdt_dbt_ind=_direction(money),
        dt=m.DateAndDateTime2Choice(dt_tm=moment(at)),
    )


def _entry(line: Line) -> Any:
    m = camt_053
    return m.ReportEntry10(
        ntry_ref=str(line.sequence),
        amt=amount(m.ActiveOrHistoricCurrencyAndAmount, line.change),
        cdt_dbt_ind=_direction(line.change),
        sts=m.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=m.DateAndDateTime2Choice(dt_tm=moment(line.at)),
        val_dt=m.DateAndDateTime2Choice(dt_tm=moment(line.at)),
        acct_svcr_ref=f"{line.block_number}-{line.log_index}",
        bk_tx_cd=m.BankTransactionCodeStructure4(
            prtry=m.ProprietaryBankTransactionCodeStructure1(
                cd=text(line.kind, 35), issr="WALLET-CHAIN"
            )
        ),
        ntry_dtls=[
            m.EntryDetails9(
                tx_dtls=[
                    m.EntryTransaction10(
                        refs=m.TransactionReferences6(uetr=line.uetr),
                        addtl_tx_inf=f"transaction {line.transaction_hash}"
                        f" reference {line.reference}",
                    )
                ]
            )
        ],
    )


def _direction(money: Money) -> Any:
    codes = camt_053.CreditDebitCode
    return codes.DBIT if money.amount_minor < 0 else codes.CRDT
