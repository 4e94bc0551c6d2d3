"""The rules in force, and the powers that change or override them."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from api.access import ADMIN, COMPLIANCE, ROLES, Owner, allow
from api.fields import Account, Form, MoneyForm, example, line
from api.refusals import ACCOUNTS, MONEY, STAFF
from api.routes import Asked, Routes
from wallet_chain import policy
from wallet_chain.bank.views import Answer, OperationView, Preview
from wallet_chain.errors import (
    AccountInvalid,
    ConfigurationRefused,
    CourtOrderAlreadyExecuted,
    InsufficientFunds,
    InvalidAddress,
    KindNotAllowed,
    OperationPaused,
    SelfPayment,
    TierInvalid,
    UnknownCountry,
    UnknownCurrency,
)
from wallet_chain.money import positive_money
from wallet_chain.policy.drafts import (
    CapsDraft,
    CorridorDraft,
    CourtOrderDraft,
    PriceDraft,
    SwitchDraft,
    TierDraft,
)
from wallet_chain.policy.views import CourtOrderView, PolicyView

routes = Routes("Policy")

LOOK = allow(*ROLES, scope="policy:read", owner=Owner.VERB)
CHANGE = allow(ADMIN, scope="policy:write")
ORDER = allow(COMPLIANCE, scope="policy:write")

MINOR_MAX = 2**53 - 1
"""The largest limit: any JSON reader holds it exactly, and it is 90 trillion euros."""

Tier = Annotated[str, Path(pattern=r"^[0-9]{1,3}$", description="1 to 4.", examples=["2"])]
Country = Annotated[
    str, Path(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["DE"])
]
CurrencyInPath = Annotated[
    str, Path(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])
]
Switch = Annotated[
    Literal["outgoing", "issuance", "redemption", "everything"],
    Path(description="Which kind of movement."),
]
Limit = Annotated[int, Field(ge=0, le=MINOR_MAX)] | None


class TierLimits(Form):
    """A tier's limits in minor units of the reference currency (EUR); null: without limit."""

    model_config = example(
        {
            "per_payment_minor": 100000,
            "day_minor": 250000,
            "month_minor": 2000000,
            "balance_minor": 1000000,
        }
    )

    per_payment_minor: Limit
    day_minor: Limit
    """Over any 24 hours."""
    month_minor: Limit
    """Over any 30 days."""
    balance_minor: Limit


class CorridorStatus(Form):
    """Whether money may move."""

    model_config = example({"status": "closed"})

    status: Literal["open", "review", "closed"]


class Price(Form):
    """What a currency is worth."""

    model_config = example({"price": "0.92"})

    price: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$")]
    """Units of the reference currency (EUR) for one unit, as a decimal string."""


class Caps(Form):
    """The most that may be minted, in the currency of the path."""

    model_config = example({"per_mint": "100000.00", "per_day": "1000000.00"})

    per_mint: Annotated[str, line(64)]
    """In one proposal, as a decimal string."""
    per_day: Annotated[str, line(64)]
    """In any 24 hours, as a decimal string."""


class Pause(Form):
    """Whether the movement stands still."""

    model_config = example({"paused": True})

    paused: bool


class NewCourtOrder(Form):
    """A transfer that a court has ordered."""

    model_config = example(
        {
            "from_account": "0x52908400098527886E0F7030069857D2E4169EE7",
            "to_account": "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "money": {"amount": "120.00", "currency": "EUR"},
            "order_reference": "LG Berlin 4 O 112/26",
        }
    )

    from_account: Account
    to_account: Account
    money: MoneyForm
    order_reference: Annotated[str, line(140)]
    """The court's file number. Used once; only a keyed hash of it goes on chain."""

    def draft(self) -> CourtOrderDraft:
        """As the verb takes it."""
        return CourtOrderDraft(
            self.from_account, self.to_account, self.money.read(), self.order_reference
        )


@routes.get("/policy", "Look at the rules in force", LOOK)
def get_policy(call: Asked) -> PolicyView:
    """Limits of each tier, corridors, currencies with their prices and caps, and what is paused."""
    return policy.get_policy(call.bank, call.caller)


@routes.put(
    "/policy/tiers/{tier}",
    "Set a tier's limits",
    CHANGE,
    *STAFF,
    TierInvalid,
    ConfigurationRefused,
    chain=True,
)
def set_tier(call: Asked, tier: Tier, body: TierLimits) -> Answer[OperationView]:
    """Set all four limits of a tier at once."""
    draft = TierDraft(
        int(tier),
        per_payment_minor=body.per_payment_minor,
        day_minor=body.day_minor,
        month_minor=body.month_minor,
        balance_minor=body.balance_minor,
    )
    return policy.set_tier(call.bank, call.caller, call.ask, draft)


@routes.put(
    "/policy/corridors/{from_country}/{to_country}",
    "Open or close a corridor",
    CHANGE,
    *STAFF,
    UnknownCountry,
    ConfigurationRefused,
    chain=True,
)
def set_corridor(
    call: Asked, from_country: Country, to_country: Country, body: CorridorStatus
) -> Answer[OperationView]:
    """Say whether money may move from one country to another. One direction only."""
    draft = CorridorDraft(from_country, to_country, body.status)
    return policy.set_corridor(call.bank, call.caller, call.ask, draft)


@routes.put(
    "/policy/prices/{currency}",
    "Set a currency's price",
    CHANGE,
    *STAFF,
    UnknownCurrency,
    ConfigurationRefused,
    chain=True,
)
def set_price(call: Asked, currency: CurrencyInPath, body: Price) -> Answer[OperationView]:
    """Say what a currency is worth in the reference currency, in which limits are counted."""
    return policy.set_price(call.bank, call.caller, call.ask, PriceDraft(currency, body.price))


@routes.put(
    "/policy/caps/{currency}",
    "Set a currency's minting caps",
    CHANGE,
    *STAFF,
    *MONEY,
    ConfigurationRefused,
    chain=True,
)
def set_caps(call: Asked, currency: CurrencyInPath, body: Caps) -> Answer[OperationView]:
    """Bound what may be minted at once and in a day."""
    draft = CapsDraft(
        currency, positive_money(body.per_mint, currency), positive_money(body.per_day, currency)
    )
    return policy.set_caps(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/policy/switches/{switch}",
    "Pause or resume",
    CHANGE,
    *STAFF,
    ConfigurationRefused,
    chain=True,
)
def set_switch(call: Asked, switch: Switch, body: Pause) -> Answer[OperationView]:
    """Let one kind of movement stand still, or all; nothing else is stopped by it."""
    return policy.set_switch(call.bank, call.caller, call.ask, SwitchDraft(switch, body.paused))


@routes.post(
    "/court-orders",
    "Execute a court's order",
    ORDER,
    *STAFF,
    *MONEY,
    *ACCOUNTS,
    AccountInvalid,
    CourtOrderAlreadyExecuted,
    InsufficientFunds,
    InvalidAddress,
    KindNotAllowed,
    OperationPaused,
    SelfPayment,
    made=True,
    chain=True,
)
def order_court_transfer(call: Asked, body: NewCourtOrder) -> Answer[CourtOrderView] | Preview:
    """Move money by order of a court, out of a frozen account too."""
    draft = body.draft()
    if call.dry_run:
        return policy.preview_court_transfer(call.bank, call.caller, draft)
    return policy.order_court_transfer(call.bank, call.caller, call.ask, draft)
