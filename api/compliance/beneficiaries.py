"""Whom customers send to: names checked beforehand, beneficiaries, and purposes."""

from typing import Annotated

from fastapi import Query as QueryParameters

from api.access import CUSTOMER, HOLDERS, MERCHANT, ROLES, Owner, allow
from api.answers import Items
from api.fields import Form, Paged, example, line, resource_id
from api.refusals import HOLDER
from api.routes import Asked, Routes
from wallet_chain import compliance
from wallet_chain.bank.views import Answer, Page
from wallet_chain.compliance.drafts import BeneficiaryDraft, NameCheckDraft
from wallet_chain.compliance.views import (
    BeneficiaryRemovedView,
    BeneficiaryView,
    NameCheckView,
    PurposeView,
)
from wallet_chain.errors import (
    InvalidAddress,
    NotFound,
    PayeeUnknown,
    SelfPayment,
    TooManyRequests,
)

routes = Routes("Beneficiaries")

ASK = allow(CUSTOMER, MERCHANT, scope="transfers:write", owner=Owner.VERB)
LOOK = allow(*HOLDERS, scope="transfers:read", owner=Owner.VERB)
ANYBODY = allow(*ROLES, scope="transfers:read", owner=Owner.VERB)

CHECKING = (*HOLDER, NotFound, PayeeUnknown, InvalidAddress, TooManyRequests)
"""What a question about somebody's name may meet."""

BeneficiaryId = Annotated[str, resource_id("ben", "beneficiary")]


class NewNameCheck(Form):
    """Does this payee have this name?"""

    model_config = example({"payee": "@li", "name": "Li Wei"})

    payee: Annotated[str, line(254)]
    """An account, an alias (phone number, e-mail address, `@name`) or a customer's id."""
    name: Annotated[str, line(140)]
    """As the payer knows it. Case, accents, the order of words and legal forms make no difference."""

    def draft(self) -> NameCheckDraft:
        """As the verb takes it."""
        return NameCheckDraft(self.payee, self.name)


class NewBeneficiary(Form):
    """Somebody to send to."""

    model_config = example({"name": "Li Wei", "payee": "@li"})

    name: Annotated[str, line(140)]
    payee: Annotated[str, line(254)]
    """An account, an alias or a customer's id. What it leads to now is kept."""

    def draft(self) -> BeneficiaryDraft:
        """As the verb takes it."""
        return BeneficiaryDraft(self.name, self.payee)


class BeneficiaryQuery(Paged):
    """Which part of the list."""


@routes.post("/name-checks", "Check a payee's name", ASK, *CHECKING, made=True)
def check_name(call: Asked, body: NewNameCheck) -> Answer[NameCheckView]:
    """Before paying: `match`, `close_match`, `no_match`, or `not_possible`.

    Only a close match tells the payee's name, since whoever is that near knows the payee and may have
    mistyped. A customer may ask a limited number of times in 24 hours, over all its keys.
    """
    return compliance.check_name(call.bank, call.caller, call.ask, body.draft())


@routes.post(
    "/beneficiaries",
    "Add a beneficiary",
    ASK,
    *CHECKING,
    SelfPayment,
    made=True,
    location="/v1/beneficiaries/{id}",
)
def create_beneficiary(call: Asked, body: NewBeneficiary) -> Answer[BeneficiaryView]:
    """The name is checked, which counts as one of the day's checks, and the answer is kept. A name that
    does not match refuses nothing: the customer decides, knowing it."""
    return compliance.create_beneficiary(call.bank, call.caller, call.ask, body.draft())


@routes.get("/beneficiaries", "List one's beneficiaries", LOOK, NotFound)
def list_beneficiaries(
    call: Asked, query: Annotated[BeneficiaryQuery, QueryParameters()]
) -> Page[BeneficiaryView]:
    """The caller's own, newest first."""
    return compliance.list_beneficiaries(call.bank, call.caller, query.page)


@routes.get("/beneficiaries/{beneficiary_id}", "Look at a beneficiary", LOOK)
def get_beneficiary(call: Asked, beneficiary_id: BeneficiaryId) -> BeneficiaryView:
    """One of the caller's own."""
    return compliance.get_beneficiary(call.bank, call.caller, beneficiary_id)


@routes.delete("/beneficiaries/{beneficiary_id}", "Erase a beneficiary", ASK)
def delete_beneficiary(
    call: Asked, beneficiary_id: BeneficiaryId
) -> Answer[BeneficiaryRemovedView]:
    """Name and payee are erased; transfers to it stay what they were."""
    return compliance.delete_beneficiary(call.bank, call.caller, call.ask, beneficiary_id)


@routes.get("/purposes", "List the purposes", ANYBODY)
def list_purposes(call: Asked) -> Items[PurposeView]:
    """The codes of ISO 20022's external list of purposes that are taken here."""
    return Items(compliance.list_purposes(call.bank, call.caller))
