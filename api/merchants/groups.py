"""Sums that friends share."""

from typing import Annotated

from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import Form, MoneyForm, UnixSeconds, example, line, resource_id
from api.refusals import HOLDER, MONEY
from api.routes import Asked, Routes
from wallet_chain import merchants
from wallet_chain.bank.views import Answer
from wallet_chain.errors import InvalidAddress, MerchantIncomplete, PayeeUnknown, SelfPayment
from wallet_chain.merchants.drafts import GroupDraft, ShareDraft
from wallet_chain.merchants.views import RequestGroupView

routes = Routes("Payment requests")

ASK = allow(CUSTOMER, MERCHANT, scope="requests:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="requests:read", owner=Owner.VERB
)

GroupId = Annotated[str, resource_id("grp", "shared sum")]


class ShareForm(Form):
    """One friend's part."""

    payer: Annotated[str, line(254)]
    """An account, an alias or a customer's id."""
    money: MoneyForm


class NewGroup(Form):
    """A sum that the caller's customer laid out."""

    model_config = example(
        {
            "title": "Pizza on Friday",
            "total": {"amount": "36.00", "currency": "EUR"},
            "shares": [
                {"payer": "@ada", "money": {"amount": "12.00", "currency": "EUR"}},
                {"payer": "@ben", "money": {"amount": "12.00", "currency": "EUR"}},
            ],
        }
    )

    title: Annotated[str, line(140)]
    """For the friends to read. Kept encrypted."""
    total: MoneyForm
    """The whole sum; what the parts leave is the caller's own."""
    shares: Annotated[list[ShareForm], Field(min_length=1, max_length=30)]
    """What each friend is asked for."""
    expires_at: UnixSeconds | None = None
    """The last second at which they can pay; left out: in 30 days."""

    def draft(self) -> GroupDraft:
        """As the verb takes it."""
        shares = tuple(ShareDraft(one.payer, one.money.read()) for one in self.shares)
        return GroupDraft(self.total.read(), shares, self.title, self.expires_at)


@routes.post(
    "/payment-request-groups",
    "Share a sum among friends",
    ASK,
    *MONEY,
    *HOLDER,
    InvalidAddress,
    MerchantIncomplete,
    PayeeUnknown,
    SelfPayment,
    made=True,
    location="/v1/payment-request-groups/{id}",
)
def create_request_group(call: Asked, body: NewGroup) -> Answer[RequestGroupView]:
    """Ask each friend for a part of what you laid out. Each gets a payment request of its own, and pays it
    like any other; the group shows who has."""
    return merchants.create_group(call.bank, call.caller, call.ask, body.draft())


@routes.get("/payment-request-groups/{group_id}", "Look at a shared sum", LOOK)
def get_request_group(call: Asked, group_id: GroupId) -> RequestGroupView:
    """Who was asked for how much, and who has paid. Friends see their own request only."""
    return merchants.get_group(call.bank, call.caller, group_id)
