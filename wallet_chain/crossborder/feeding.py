"""New rates: from the ECB's files by an administrator's hand, or signed by a feeder that is known.

What is taken is kept, and the prices by which the chain counts limits and bounds quotes follow it.
"""

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.clock import to_iso
from wallet_chain.crossborder.drafts import RatesDraft, RatesFileDraft
from wallet_chain.crossborder.rates import (
    BASE,
    FORMS,
    MidRates,
    load_ecb_csv,
    load_ecb_xml,
    mid_rates,
    newest_rates,
)
from wallet_chain.crossborder.views import RatesView, RateView
from wallet_chain.errors import InvalidRequest, RatesInvalid, SignatureInvalid
from wallet_chain.ids import new_id
from wallet_chain.ledger.deployment_plan import price_of
from wallet_chain.ledger.typed_data import domain_for, order_digest, recover
from wallet_chain.ledger.units import currency_bytes
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainCurrency, FxRate, Operation

_SOURCE_LENGTH_MAX = 60


def submit_rates(
    bank: Bank, caller: Caller, ask: Ask, draft: RatesDraft | RatesFileDraft
) -> Answer[RatesView]:
    """Take new rates, and have the chain's prices follow them.

    Raises RatesInvalid (not newer than those held, of the future, or not readable), SignatureInvalid
    (not by a registered feeder), ConfigurationRefused (a price beyond what a feeder may set),
    PermissionRefused.
    """

    def check() -> tuple[MidRates, tuple[RoleCall, ...]]:
        rates = _read(bank, draft)
        with bank.store.reading() as session:
            _require_newer(bank, session, rates)
            calls = _prices(session, rates)
        for call in calls:
            check_call(bank, caller, call)
        return rates, calls

    def apply(session: Session, checked: tuple[MidRates, tuple[RoleCall, ...]]) -> Written:
        rates, calls = checked
        _require_newer(bank, session, rates)
        batch = new_id("fxr")
        for currency, rate in sorted(rates.rates.items()):
            session.add(
                FxRate(
                    id=new_id("fxr"),
                    batch_id=batch,
                    base=BASE,
                    currency=currency,
                    rate=rate,
                    source=rates.source,
                    as_of=rates.as_of,
                    received_at=bank.clock(),
                    submitted_by=caller.principal_id,
                )
            )
        for call in calls:
            accept_call(bank, session, caller, call, batch)
        return Written(batch)

    return write_once(bank, caller, ask, check=check, apply=apply, show=_shown)


def list_rates(bank: Bank, _caller: Caller) -> tuple[RateView, ...]:
    """The newest rate of each currency, for one euro."""
    now = bank.clock()
    with bank.store.reading() as session:
        return tuple(
            RateView(
                currency=row.currency,
                rate=row.rate,
                source=row.source,
                as_of=row.as_of,
                fresh=now - row.as_of <= bank.settings.fx_rate_max_age_seconds,
                received_at=row.received_at,
            )
            for row in newest_rates(session).values()
        )


def signed_text(rates: Mapping[str, str]) -> str:
    """The rates as a feeder signs them: ``BHD=0.4386,CNY=7.8``, in the order of the codes."""
    return ",".join(f"{code}={rate}" for code, rate in sorted(rates.items()))


def _read(bank: Bank, draft: RatesDraft | RatesFileDraft) -> MidRates:
    if isinstance(draft, RatesDraft):
        return _signed(bank, draft)
    if draft.form not in FORMS:
        raise InvalidRequest(f"form is one of {', '.join(FORMS)}.", field="form")
    load = load_ecb_xml if draft.form == "ecb-xml" else load_ecb_csv
    rates = load(draft.document)
    doubled = rates.rates.keys() & draft.more_rates.keys()
    if doubled:
        raise RatesInvalid(f"The file has {sorted(doubled)[0]} already.", field="more_rates")
    if not draft.more_rates:
        return rates
    more = mid_rates(rates.source, rates.as_of, draft.more_rates.items())
    return MidRates(rates.source, rates.as_of, {**rates.rates, **more.rates})


def _signed(bank: Bank, draft: RatesDraft) -> MidRates:
    if not 1 <= len(draft.source) <= _SOURCE_LENGTH_MAX:
        raise InvalidRequest(f"source has 1 to {_SOURCE_LENGTH_MAX} characters.", field="source")
    rates = mid_rates(draft.source, draft.as_of, draft.rates.items())
    message = {
        "source": draft.source,
        "asOf": draft.as_of,
        "base": BASE,
        "rates": signed_text(draft.rates),
    }
    digest = order_digest("rates", domain_for(bank.contracts.book, "TransferPolicy"), message)
    signer = recover(digest, draft.signature)
    if signer not in bank.settings.fx_feeders:
        raise SignatureInvalid(
            f"The rates are signed by {signer}, which is no feeder of this bank; an operator names"
            " feeders in WALLET_CHAIN_FX_FEEDERS.",
            signer=signer,
        )
    return rates


def _require_newer(bank: Bank, session: Session, rates: MidRates) -> None:
    if rates.as_of > bank.clock():
        raise RatesInvalid("The rates are of the future.", as_of=to_iso(rates.as_of))
    newest = newest_rates(session)
    for currency in sorted(rates.rates):
        held = newest.get(currency)
        if held is not None and held.as_of >= rates.as_of:
            raise RatesInvalid(
                f"The rate of {currency} is not newer than the one held, of {to_iso(held.as_of)}.",
                currency=currency,
                as_of=to_iso(rates.as_of),
                held_as_of=to_iso(held.as_of),
            )


def _prices(session: Session, rates: MidRates) -> tuple[RoleCall, ...]:
    """The calls that set the chain's prices, of currencies whose price changes."""
    calls = []
    for currency, rate in sorted(rates.rates.items()):
        row = session.get(ChainCurrency, currency)
        price = price_of(currency, 1 / Fraction(rate))
        if row is not None and row.price != str(price):
            arguments = (currency_bytes(currency), price)
            calls.append(RoleCall("price", "TransferPolicy", "setPrice", arguments))
    return tuple(calls)


def _shown(session: Session, batch: str) -> RatesView:
    rows = session.scalars(
        select(FxRate).where(FxRate.batch_id == batch).order_by(FxRate.currency)
    ).all()
    operations = session.scalars(
        select(Operation).where(Operation.resource_id == batch).order_by(Operation.sequence)
    )
    return RatesView(
        source=rows[0].source,
        as_of=rows[0].as_of,
        rates={row.currency: row.rate for row in rows},
        operations=tuple(operation_view(row) for row in operations),
    )
