"""What a merchant's day brought."""

from typing import Annotated

from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.responses import Response

from api.access import AUDITOR, COMPLIANCE, MERCHANT, OPERATOR, Owner, allow
from api.fields import CurrencyCode, Query, resource_id
from api.routes import Asked, Routes
from wallet_chain import merchants
from wallet_chain.errors import NotReady, UnknownCurrency
from wallet_chain.merchants.drafts import SettlementQuery
from wallet_chain.merchants.views import MerchantSettlementView

CSV = "text/csv"

routes = Routes("Settlements")

LOOK = allow(MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="settlements:read", owner=Owner.PATH)

MerchantId = Annotated[str, resource_id("cus", "merchant")]


class DayQuery(Query):
    """Which day, in which currency."""

    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-03-02"])]
    """In UTC, like `2026-03-02`."""
    currency: CurrencyCode
    """ISO 4217."""


@routes.get(
    "/merchants/{customer_id}/settlements",
    "Read a merchant's settlement of a day",
    LOOK,
    NotReady,
    UnknownCurrency,
)
def get_settlement(
    call: Asked, customer_id: MerchantId, query: Annotated[DayQuery, QueryParameters()]
) -> MerchantSettlementView:
    """What a day in one currency brought: gross, discounts, points, cash, tips, refunds, compensation and
    mandates, beside the account's own entries on chain. `difference` between the two is zero."""
    asked = SettlementQuery(customer_id, query.day, query.currency)
    return merchants.settlement_of(call.bank, call.caller, asked)


@routes.get(
    "/merchants/{customer_id}/settlements/export",
    "Export a merchant's settlement of a day",
    LOOK,
    NotReady,
    UnknownCurrency,
    media_types=(CSV,),
)
def export_settlement(
    call: Asked, customer_id: MerchantId, query: Annotated[DayQuery, QueryParameters()]
) -> Response:
    """The same report as CSV: a line a kind of movement, then what they add up to."""
    asked = SettlementQuery(customer_id, query.day, query.currency)
    return Response(
        merchants.settlement_csv(call.bank, call.caller, asked),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="settlement-{query.day}.csv"'},
    )
