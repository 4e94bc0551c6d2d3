"""Screening lists and what was found by them."""

from typing import Annotated

from pydantic import Field

from api.access import ADMIN, AUDITOR, COMPLIANCE, allow
from api.answers import Items
from api.fields import Form, example, resource_id
from api.routes import Asked, Routes
from wallet_chain import compliance
from wallet_chain.bank.views import Answer
from wallet_chain.compliance.drafts import ListDraft
from wallet_chain.compliance.views import ScreeningListView, ScreeningResultView, TravelRuleView
from wallet_chain.errors import ScreeningListInvalid

routes = Routes("Compliance")

LOAD = allow(COMPLIANCE, ADMIN, scope="compliance:write")
LOOK = allow(COMPLIANCE, AUDITOR, ADMIN, scope="compliance:read")
READ = allow(COMPLIANCE, AUDITOR, scope="compliance:read")

ResultId = Annotated[str, resource_id("scr", "screening result")]
RecordId = Annotated[str, resource_id("trr", "travel-rule record")]

_HEADER = (
    "id,schema,name,aliases,birth_date,countries,identifiers,sanctions,phones,emails,dataset,"
    "first_seen,last_seen,last_change"
)


class NewScreeningList(Form):
    """A whole list."""

    model_config = example(
        {
            "source": "opensanctions-default",
            "document": f"{_HEADER}\nNK-1,Person,Viktor Example,,1962-04-17,xx,,,,,example,,,\n",
        }
    )

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
    """Where the list is from. It takes the place of the one in force of the same source."""
    document: Annotated[str, Field(min_length=1)]
    """OpenSanctions' `targets.simple.csv`, as it was published."""
    accept_smaller: bool = False
    """Take the list although it has less than half as many entries as the one in force."""

    def draft(self) -> ListDraft:
        """As the verb takes it."""
        return ListDraft(self.source, self.document.encode(), self.accept_smaller)


@routes.post(
    "/screening-lists",
    "Load a screening list",
    LOAD,
    ScreeningListInvalid,
    made=True,
    body_limit="screening_list_bytes_max",
)
def load_screening_list(call: Asked, body: NewScreeningList) -> Answer[ScreeningListView]:
    """The whole list is taken or nothing of it; the line that is wrong is named. From then on both
    parties of every transfer abroad are looked up in it, and again when a held one is released."""
    return compliance.load_list(call.bank, call.caller, call.ask, body.draft())


@routes.get("/screening-lists", "List the screening lists", LOOK)
def list_screening_lists(call: Asked) -> Items[ScreeningListView]:
    """Every version that was ever loaded, newest first."""
    return Items(compliance.list_lists(call.bank, call.caller))


@routes.get("/screening-results/{result_id}", "Look at a screening result", READ)
def get_screening_result(call: Asked, result_id: ResultId) -> ScreeningResultView:
    """Who was looked up, what it was found by, in which version of which lists, and what a reviewer
    decided. The look is recorded."""
    return compliance.get_result(call.bank, call.caller, result_id)


@routes.get("/travel-rule-records/{record_id}", "Look at a travel-rule record", READ)
def get_travel_rule_record(call: Asked, record_id: RecordId) -> TravelRuleView:
    """Originator and beneficiary by IVMS 101, with the salt by which the hash on chain can be
    recomputed. The look at both is recorded; of an erased customer nothing is left."""
    return compliance.get_record(call.bank, call.caller, record_id)
