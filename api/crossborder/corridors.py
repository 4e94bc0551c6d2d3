"""On what terms currencies are exchanged: corridors, providers' fees, and mid rates."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from api.access import ADMIN, AUDITOR, COMPLIANCE, OPERATOR, ROLES, Owner, allow
from api.answers import Items
from api.fields import (
    CountryCode,
    CurrencyCode,
    Form,
    Signature,
    UnixSeconds,
    bytes_of,
    example,
    line,
)
from api.refusals import MONEY, STAFF
from api.routes import Asked, Routes
from wallet_chain import crossborder
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.crossborder.drafts import (
    PairDraft,
    RatesDraft,
    RatesFileDraft,
    ScheduleDraft,
)
from wallet_chain.crossborder.views import FeeScheduleView, PairView, RatesView, RateView
from wallet_chain.errors import (
    AmountTooLarge,
    ConfigurationRefused,
    NotFound,
    RatesInvalid,
    SignatureInvalid,
    UnknownCountry,
    UnknownCurrency,
)
from wallet_chain.money import Money, currency_named, positive_money

routes = Routes("Rates and corridors")

LOOK = allow(*ROLES, scope="rates:read", owner=Owner.VERB)
TERMS = allow(OPERATOR, COMPLIANCE, AUDITOR, ADMIN, scope="rates:read")
CHANGE = allow(ADMIN, scope="policy:write")
FEED = allow(ADMIN, scope="rates:write")

REFERENCE = "EUR"
Bps = Annotated[int, Field(ge=0, lt=10_000)]
Amount = Annotated[str, line(64)]
Rates = Annotated[dict[str, Annotated[str, line(40)]], Field(min_length=1, max_length=64)]
CurrencyInPath = Annotated[
    str, Path(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])
]


class PairForm(Form):
    """What holds for transfers from one currency into another."""

    model_config = example(
        {
            "state": "open",
            "band_bps": 200,
            "review_seconds": 86400,
            "amount_min": "1.00",
            "amount_max": "100000.00",
            "review_from": "10000.00",
            "two_reviewers_from": "50000.00",
            "travel_rule_from": "1000.00",
        }
    )

    state: Literal["open", "review", "closed"]
    """`review`: every transfer is held."""
    band_bps: Bps
    """How far a quoted rate may be from the policy's prices, in hundredths of a per cent."""
    review_seconds: Annotated[int, Field(ge=60, le=2_592_000)]
    """How long a transfer may be held; afterwards anyone may return it."""
    amount_min: Amount
    """The least that can be sent, in the first currency of the path."""
    amount_max: Amount
    """The most that can be sent."""
    review_from: Amount | None = None
    """From this worth (EUR) on a transfer is held; left out: never."""
    two_reviewers_from: Amount | None = None
    """From this worth (EUR) on two reviewers must agree."""
    travel_rule_from: Amount | None = None
    """From this worth (EUR) on both parties must be recorded."""

    def draft(self, source: str, target: str) -> PairDraft:
        """As the verb takes it."""
        return PairDraft(
            source,
            target,
            self.state,
            self.band_bps,
            self.review_seconds,
            positive_money(self.amount_min, source),
            positive_money(self.amount_max, source),
            _threshold(self.review_from),
            _threshold(self.two_reviewers_from),
            _threshold(self.travel_rule_from),
        )


class NewFeeSchedule(Form):
    """On what terms a provider exchanges; amounts are in the source currency."""

    model_config = example(
        {
            "provider_customer_id": "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
            "source_currency": "EUR",
            "target_currency": "CNY",
            "spread_bps": 50,
            "fee_bps": 30,
            "fee_minimum": "1.00",
            "smallest": "5.00",
            "largest": "50000.00",
        }
    )

    provider_customer_id: Annotated[str, line(40)]
    source_currency: CurrencyCode
    target_currency: CurrencyCode
    source_country: CountryCode | None = None
    """Left out: for senders of every country."""
    target_country: CountryCode | None = None
    """Left out: for recipients of every country."""
    tier: Annotated[int, Field(ge=1, le=4)] | None = None
    """The sender's; left out: every tier."""
    from_amount: Amount | None = None
    """The least amount sent that these terms are for; left out: from zero on."""
    spread_bps: Bps
    """What the rate is worse than the mid rate, in hundredths of a per cent."""
    fee_bps: Bps
    """The fee's part of the amount sent, in hundredths of a per cent."""
    fee_minimum: Amount
    """The least fee; `0.00` for none."""
    smallest: Amount
    """The least that can be sent."""
    largest: Amount
    """The most that can be sent."""

    def draft(self) -> ScheduleDraft:
        """As the verb takes it."""
        code = self.source_currency
        return ScheduleDraft(
            provider_customer_id=self.provider_customer_id,
            source_currency=code,
            target_currency=self.target_currency,
            spread_bps=self.spread_bps,
            fee_bps=self.fee_bps,
            fee_minimum_minor=_or_zero(self.fee_minimum, code),
            from_minor=0 if self.from_amount is None else _or_zero(self.from_amount, code),
            smallest_minor=positive_money(self.smallest, code).amount_minor,
            largest_minor=positive_money(self.largest, code).amount_minor,
            source_country=self.source_country,
            target_country=self.target_country,
            tier=self.tier,
        )


class SignedRates(Form):
    """Rates that a registered feeder signed (EIP-712, domain of the policy contract):
    `Rates(string source,uint64 asOf,string base,string rates)` with base `EUR` and the rates as
    `BHD=0.4386,CNY=7.8`, in the order of the codes."""

    model_config = example(
        {
            "source": "Example Markets",
            "as_of": 1772440200,
            "rates": {"CNY": "7.8", "BHD": "0.4386"},
            "signature": "0x" + "1b" * 65,
        }
    )

    source: Annotated[str, line(60)]
    as_of: UnixSeconds
    rates: Rates
    """Units of each currency for one euro, as decimal strings."""
    signature: Signature

    def draft(self) -> RatesDraft:
        """As the verb takes it."""
        return RatesDraft(self.source, self.as_of, self.rates, bytes_of(self.signature))


class RatesFile(Form):
    """A file of the European Central Bank's euro foreign exchange reference rates."""

    model_config = example(
        {
            "format": "ecb-csv",
            "document": "Date, USD, \n20 November 2026, 1.1628, \n",
            "more_rates": {"BHD": "0.4386"},
        }
    )

    format: Literal["ecb-xml", "ecb-csv"]
    document: Annotated[str, Field(min_length=1, max_length=60_000)]
    """The file as it was published."""
    more_rates: Rates | None = None
    """Currencies that the ECB does not publish, by the administrator's own word."""

    def draft(self) -> RatesFileDraft:
        """As the verb takes it."""
        return RatesFileDraft(self.document.encode(), self.format, self.more_rates or {})


@routes.get("/corridors", "List the corridors", LOOK)
def list_corridors(call: Asked) -> Items[PairView]:
    """Each pair of currencies with its terms, its range, and the mid rate of now."""
    return Items(crossborder.list_corridors(call.bank, call.caller))


@routes.put(
    "/corridors/{source}/{target}",
    "Set the terms of a corridor",
    CHANGE,
    *MONEY,
    ConfigurationRefused,
    *STAFF,
    chain=True,
)
def set_pair(
    call: Asked, source: CurrencyInPath, target: CurrencyInPath, body: PairForm
) -> Answer[OperationView]:
    """Open, close or change the way from one currency into another. The way back is another one."""
    return crossborder.set_pair(call.bank, call.caller, call.ask, body.draft(source, target))


@routes.get("/fee-schedules", "List the providers' terms", TERMS)
def list_fee_schedules(call: Asked) -> Items[FeeScheduleView]:
    """The terms in force."""
    return Items(crossborder.list_fee_schedules(call.bank, call.caller))


@routes.post(
    "/fee-schedules",
    "Set a provider's terms",
    CHANGE,
    *MONEY,
    UnknownCountry,
    NotFound,
    made=True,
)
def add_fee_schedule(call: Asked, body: NewFeeSchedule) -> Answer[FeeScheduleView]:
    """They take the place of those for the same provider, currencies, countries, tier and amount.

    The provider's key, which the bank keeps, signs quotes on these terms by itself.
    """
    return crossborder.add_fee_schedule(call.bank, call.caller, call.ask, body.draft())


@routes.get("/fx-rates", "List the newest rates", LOOK)
def list_rates(call: Asked) -> Items[RateView]:
    """The newest rate of each currency for one euro, with its source and age."""
    return Items(crossborder.list_rates(call.bank, call.caller))


@routes.post(
    "/fx-rates",
    "Hand in signed rates",
    FEED,
    RatesInvalid,
    SignatureInvalid,
    UnknownCurrency,
    AmountTooLarge,
    ConfigurationRefused,
    *STAFF,
    made=True,
    chain=True,
)
def submit_rates(call: Asked, body: SignedRates) -> Answer[RatesView]:
    """Rates by a feeder that the bank has registered; the chain's prices follow them."""
    return crossborder.submit_rates(call.bank, call.caller, call.ask, body.draft())


@routes.post(
    "/fx-rates/files",
    "Load a file of reference rates",
    FEED,
    RatesInvalid,
    UnknownCurrency,
    ConfigurationRefused,
    *STAFF,
    made=True,
    chain=True,
)
def load_rates(call: Asked, body: RatesFile) -> Answer[RatesView]:
    """The ECB's `eurofxref-daily.xml` or `eurofxref.csv`; the chain's prices follow it."""
    return crossborder.submit_rates(call.bank, call.caller, call.ask, body.draft())


def _threshold(amount: str | None) -> Money | None:
    return None if amount is None else positive_money(amount, REFERENCE)


def _or_zero(amount: str, code: str) -> int:
    digits = currency_named(code).minor_digits
    zero = "0" if digits == 0 else "0." + "0" * digits
    return 0 if amount == zero else positive_money(amount, code).amount_minor
