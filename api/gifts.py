"""Gifts: red packets, and whatever else is put aside for others to claim."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    MOMENT_MAX,
    Form,
    MoneyForm,
    Paged,
    Signature,
    bytes_of,
    example,
    line,
    resource_id,
)
from api.refusals import CLAIMING, MOVING, NODE, SIGNING
from api.routes import Asked, Routes
from wallet_chain import gifts
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    GiftEmpty,
    GiftInvalid,
    GiftNotReady,
    GiftStillOpen,
    NotFound,
    SelfPayment,
)
from wallet_chain.gifts.drafts import ClaimDraft, GiftDraft, GiftFilter, ReturnDraft
from wallet_chain.gifts.views import ClaimView, GiftView

routes = Routes("Gifts")

GIVE = allow(CUSTOMER, MERCHANT, scope="gifts:write", owner=Owner.VERB)
RETURN = allow(CUSTOMER, MERCHANT, OPERATOR, scope="gifts:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="gifts:read", owner=Owner.VERB
)

GiftId = Annotated[str, resource_id("gft", "gift")]
ClaimId = Annotated[str, resource_id("gcl", "claim")]


class NewGift(Form):
    """Money for others to claim."""

    model_config = example(
        {
            "money": {"amount": "88.00", "currency": "EUR"},
            "shares": 8,
            "division": "random",
            "details": "Happy new year",
        }
    )

    money: MoneyForm
    """All of it."""
    shares: Annotated[int, Field(ge=1, le=gifts.SHARES_MAX)] = 1
    """By how many it can be claimed; each gets one share."""
    division: Literal["equal", "random"] = "equal"
    """Equal shares differ by one minor unit at most. How random ones fall is settled now."""
    claim_until: Annotated[int, Field(ge=0, le=MOMENT_MAX)] | None = None
    """The last moment for a claim, Unix seconds; left out: a day from now."""
    details: Annotated[str, line(140)] | None = None
    """For those who claim to read. Kept encrypted; the chain has only its salted hash."""

    def draft(self) -> GiftDraft:
        """As the verb takes it."""
        return GiftDraft(
            money=self.money.read(),
            shares=self.shares,
            division=self.division,
            claim_until=self.claim_until,
            details=self.details,
        )


class NewClaim(Form):
    """A share for the caller's customer."""

    model_config = example({"code": "5d" * 16})

    code: Annotated[str, line(64)]
    """As the giver told it."""


class SignedGift(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class GiftQuery(Paged):
    """Which gifts."""

    direction: Literal["given", "claimed"] | None = None
    """As seen from the customer."""
    customer_id: Annotated[str, line(40)] | None = None
    """Who gave or claimed; a customer may only name itself."""


@routes.post(
    "/gifts", "Give", GIVE, *MOVING, GiftInvalid, made=True, chain=True, location="/v1/gifts/{id}"
)
def create_gift(call: Asked, body: NewGift) -> Answer[GiftView] | Preview:
    """Put money aside for others to claim with a code, which the answer holds.

    Whoever has the code can claim one share, until the window is over; what nobody claimed goes
    back by itself. A giver in self custody gets `typed_data` to sign.
    """
    draft = body.draft()
    if call.dry_run:
        return gifts.preview_gift(call.bank, call.caller, draft)
    return gifts.create_gift(call.bank, call.caller, call.ask, draft)


@routes.get("/gifts", "List gifts", LOOK, NotFound)
def list_gifts(call: Asked, query: Annotated[GiftQuery, QueryParameters()]) -> Page[GiftView]:
    """The gifts that the caller gave or claimed from, newest first."""
    filters = GiftFilter(query.direction, query.customer_id)
    return gifts.list_gifts(call.bank, call.caller, filters, query.page)


@routes.post(
    "/gifts/claims",
    "Claim a share of a gift",
    GIVE,
    *CLAIMING,
    *MOVING,
    SelfPayment,
    NotFound,
    made=True,
    chain=True,
    location="/v1/gifts/claims/{id}",
)
def claim_gift(call: Asked, body: NewClaim) -> Answer[ClaimView] | Preview:
    """Claim a share with the giver's code. Each customer gets one.

    The order is signed here, by a key that was made for this gift and is kept sealed; it names the
    claimant's account, so nobody else can be paid by it.
    """
    draft = ClaimDraft(body.code)
    if call.dry_run:
        return gifts.preview_claim(call.bank, call.caller, draft)
    return gifts.claim_gift(call.bank, call.caller, call.ask, draft)


@routes.get("/gifts/claims/{claim_id}", "Look at a claim", LOOK)
def get_claim(call: Asked, claim_id: ClaimId) -> ClaimView:
    """One claim, for its claimant and the giver."""
    return gifts.get_claim(call.bank, call.caller, claim_id)


@routes.get("/gifts/{gift_id}", "Look at a gift", LOOK)
def get_gift(call: Asked, gift_id: GiftId) -> GiftView:
    """One gift, with what is left of it. The code is shown to the giver only."""
    return gifts.get_gift(call.bank, call.caller, gift_id)


@routes.post(
    "/gifts/{gift_id}/signature",
    "Hand in the signature of a gift",
    GIVE,
    *SIGNING,
    *MOVING,
    GiftInvalid,
    chain=True,
)
def sign_gift(call: Asked, gift_id: GiftId, body: SignedGift) -> Answer[GiftView]:
    """Hand in the giver's signature over the gift's `typed_data`; the money is then put aside."""
    draft = SignatureDraft(gift_id, bytes_of(body.signature))
    return gifts.sign_gift(call.bank, call.caller, call.ask, draft)


@routes.get("/gifts/{gift_id}/claims", "List the claims of a gift", LOOK)
def list_claims(
    call: Asked, gift_id: GiftId, query: Annotated[Paged, QueryParameters()]
) -> Page[ClaimView]:
    """Who got which share of a gift, oldest first, for its giver."""
    return gifts.list_claims(call.bank, call.caller, gift_id, query.page)


@routes.post(
    "/gifts/{gift_id}/return",
    "Send the rest of a gift back",
    RETURN,
    *NODE,
    GiftEmpty,
    GiftNotReady,
    GiftStillOpen,
    chain=True,
)
def return_gift(call: Asked, gift_id: GiftId) -> Answer[GiftView]:
    """Send what nobody claimed back to the giver, once the window is over.

    The product does so by itself; this is for who does not want to wait. The contract lets anyone do
    it, and nobody can prevent it.
    """
    return gifts.return_gift(call.bank, call.caller, call.ask, ReturnDraft(gift_id))
