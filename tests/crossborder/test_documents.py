"""Documents of real transfers and statements: who sees whom, and what is said about each end."""

from types import ModuleType
from typing import Any

import pytest
from pyiso20022.camt import camt_053_001_08 as camt_053
from pyiso20022.pacs import pacs_002_001_10 as pacs_002
from pyiso20022.pacs import pacs_004_001_09 as pacs_004
from pyiso20022.pacs import pacs_008_001_08 as pacs_008

from tests.crossborder.abroad import quoted, seen, send, sent
from tests.documents.reading import read_back
from tests.town import ALL, PERSONAL, Town, ask
from wallet_chain import audit, crossborder
from wallet_chain.audit.drafts import AccessFilter, StatementQuery
from wallet_chain.crossborder.drafts import RejectionDraft
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import DocumentUnavailable, NotFound
from wallet_chain.pipeline.requests import Caller

MESSAGES = {"pacs.008": pacs_008, "pacs.002": pacs_002, "pacs.004": pacs_004}


def document(town: Town, caller: Caller, transfer_id: str, name: str) -> Any:
    xml = crossborder.get_document(town.bank, caller, transfer_id, name)
    return read_back(xml, MESSAGES[name])


def parties(town: Town, caller: Caller, transfer: TransferView) -> tuple[str, str]:
    said = document(town, caller, transfer.id, "pacs.008").fito_ficstmr_cdt_trf.cdt_trf_tx_inf[0]
    return said.dbtr.nm, said.cdtr.nm


def test_a_straight_transfer_agrees_with_its_view(town: Town) -> None:
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY", remittance="Invoice 1017")
    auditor = town.staff("auditor")
    said = document(town, auditor, transfer.id, "pacs.008").fito_ficstmr_cdt_trf.cdt_trf_tx_inf[0]
    assert said.pmt_id.uetr == transfer.uetr
    assert str(said.intr_bk_sttlm_amt.value) == transfer.target.decimal
    assert said.instd_amt.value + said.chrgs_inf[0].amt.value == 100
    # The target is rounded down, against who converts.
    exact = said.instd_amt.value * said.xchg_rate
    assert 0 <= exact - said.intr_bk_sttlm_amt.value < 1
    assert said.purp.cd == transfer.purpose
    assert said.rmt_inf.ustrd == ["Invoice 1017"]
    status = document(town, auditor, transfer.id, "pacs.002").fito_fipmt_sts_rpt
    assert status.tx_inf_and_sts[0].tx_sts == "ACSC"
    with pytest.raises(DocumentUnavailable):
        crossborder.get_document(town.bank, auditor, transfer.id, "pacs.004")


def test_names_are_for_whom_they_belong_to_and_for_staff(town: Town) -> None:
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    hidden = "NOTPROVIDED"
    assert parties(town, town.anna.caller, transfer) == (PERSONAL.name, hidden)
    assert parties(town, town.li.caller, transfer) == (hidden, PERSONAL.name)
    for role in ("operator", "compliance", "auditor"):
        assert parties(town, town.staff(role), transfer) == (PERSONAL.name, PERSONAL.name)
    with pytest.raises(NotFound):
        crossborder.get_document(town.bank, town.ben.caller, transfer.id, "pacs.008")
    with pytest.raises(NotFound):
        crossborder.get_document(town.bank, town.anna.caller, transfer.id, "pacs.009")


def test_the_look_of_staff_is_recorded_for_both_sides(town: Town) -> None:
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    document(town, town.anna.caller, transfer.id, "pacs.008")
    document(town, town.staff("operator"), transfer.id, "pacs.008")
    looks = audit.list_accesses(
        town.bank, town.staff("auditor"), AccessFilter(action="transfer document"), ALL
    ).items
    assert {look.customer_id for look in looks} == {town.anna.id, town.li.id}
    assert {look.role for look in looks} == {"operator"}


def test_each_way_back_has_its_return(town: Town) -> None:
    reviewer = town.staff("compliance")
    rejected, recalled = (sent(town, town.uma, town.ali, "USD 100.00", "BHD") for _ in range(2))
    crossborder.reject_transfer(town.bank, reviewer, ask(), RejectionDraft(rejected.id, "RR04"))
    crossborder.recall_transfer(town.bank, town.uma.caller, ask(), recalled.id)
    town.settle()
    for transfer, code in ((rejected, "RR04"), (recalled, "FOCR")):
        said = document(town, reviewer, transfer.id, "pacs.004").pmt_rtr.tx_inf[0]
        assert said.rtr_rsn_inf[0].rsn.cd == code
        assert str(said.rtrd_intr_bk_sttlm_amt.value) == "100.00"
        assert said.orgnl_uetr == transfer.uetr


def test_there_is_no_instruction_before_the_signature(town: Town) -> None:
    waiting = send(town, town.clara, town.li, quoted(town, town.clara, "EUR 100.00", "CNY"))
    with pytest.raises(DocumentUnavailable):
        crossborder.get_document(town.bank, town.clara.caller, waiting.id, "pacs.008")
    status = document(town, town.clara.caller, waiting.id, "pacs.002").fito_fipmt_sts_rpt
    assert status.tx_inf_and_sts[0].tx_sts == "RCVD"


def statement(town: Town, caller: Caller, account: str, currency: str, **more: int) -> Any:
    query = StatementQuery(account, currency, **more)
    module: ModuleType = camt_053
    xml = audit.get_bank_statement(town.bank, caller, query)
    return read_back(xml, module).bk_to_cstmr_stmt.stmt[0]


def test_a_statement_adds_up_and_names_its_transfers(town: Town) -> None:
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    town.paid(town.anna, town.ben.account, "5.00")
    said = statement(town, town.anna.caller, town.anna.account, "EUR")
    opening, closing = (one.amt.value for one in said.bal)
    signs = {"CRDT": 1, "DBIT": -1}
    moved = sum(signs[one.cdt_dbt_ind.value] * one.amt.value for one in said.ntry)
    assert opening + moved == closing
    assert str(closing) == town.balance(town.anna)
    uetrs = [one.ntry_dtls[0].tx_dtls[0].refs.uetr for one in said.ntry]
    assert transfer.uetr in uetrs
    assert uetrs[-1] is None
    assert said.acct.ownr.nm == PERSONAL.name
    assert seen(town, town.anna, transfer.id).state == "settled"


def test_a_part_of_a_statement_begins_where_the_part_before_ended(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "5.00")
    town.clock.advance(100)
    border = town.clock()
    town.paid(town.anna, town.ben.account, "7.00")
    caller, account = town.anna.caller, town.anna.account
    first = statement(town, caller, account, "EUR", time_to=border - 1)
    second = statement(town, caller, account, "EUR", time_from=border)
    assert first.bal[1].amt.value == second.bal[0].amt.value
    assert len(second.ntry) == 1
    with pytest.raises(NotFound):
        audit.get_bank_statement(town.bank, town.ben.caller, StatementQuery(account, "EUR"))
