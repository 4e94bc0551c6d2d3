"""Messages of ISO 20022: they keep the library's own rules, and say what happened exactly."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pyiso20022.camt import camt_053_001_08 as camt_053
from pyiso20022.pacs import pacs_002_001_10 as pacs_002
from pyiso20022.pacs import pacs_004_001_09 as pacs_004
from pyiso20022.pacs import pacs_008_001_08 as pacs_008

from tests.documents.reading import read_back
from wallet_chain.documents import (
    Agent,
    Line,
    Party,
    StatementFacts,
    Step,
    TransferFacts,
    bank_statement,
    credit_transfer,
    payment_return,
    status_report,
)
from wallet_chain.documents.elements import rate, short_account
from wallet_chain.documents.transfers import RETURNED
from wallet_chain.money import CURRENCIES, Money, positive_money

ADA = "0x52908400098527886E0F7030069857D2E4169EE7"
LI = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
FX = "0xdE709F2102306220921060314715629080E2fB77"
NOW = 1_772_440_200
BANK = Agent("demo-bank", "Demo Bank AG", "DEMODEFFXXX", "529900T8BM49AURSDO55")

EUR_CNY = TransferFacts(
    id="cbt_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
    uetr="8f14e45f-ceea-467f-a2f1-8c1d2b3e4f50",
    sender=Party(ADA, "Ada & <Söhne>", "Lindenweg 4", "10117", "Berlin", "DE"),
    recipient=Party(LI, "Li Wei", None, None, "Shanghai", "CN"),
    provider_account=FX,
    source=positive_money("100.00", "EUR"),
    fee=positive_money("1.00", "EUR"),
    target=positive_money("768.33", "CNY"),
    rate=Fraction(7761, 1000),
    purpose="GDDS",
    remittance="Invoice 1017",
    created_at=NOW,
    history=(Step(1, "accepted", NOW, None), Step(2, "settled", NOW + 1, None)),
)


def ended(state: str, reason: str | None = None, facts: TransferFacts = EUR_CNY) -> TransferFacts:
    steps = (Step(1, "accepted", NOW, None), Step(2, "held", NOW + 1, None))
    return replace(facts, history=(*steps, Step(3, state, NOW + 60, reason)))


def instruction(facts: TransferFacts, bank: Agent = BANK) -> Any:
    document = read_back(credit_transfer(facts, bank), pacs_008)
    assert len(document.fito_ficstmr_cdt_trf.cdt_trf_tx_inf) == 1
    return document.fito_ficstmr_cdt_trf.cdt_trf_tx_inf[0]


def test_the_instruction_says_who_pays_whom_what() -> None:
    said = instruction(EUR_CNY)
    assert said.pmt_id.uetr == EUR_CNY.uetr
    assert said.pmt_id.end_to_end_id == EUR_CNY.id
    assert (said.intr_bk_sttlm_amt.value, said.intr_bk_sttlm_amt.ccy) == (Decimal("768.33"), "CNY")
    assert (said.instd_amt.value, said.instd_amt.ccy) == (Decimal("99.00"), "EUR")
    assert said.chrg_br.value == "DEBT"
    assert (said.chrgs_inf[0].amt.value, said.chrgs_inf[0].amt.ccy) == (Decimal("1.00"), "EUR")
    assert said.xchg_rate == Decimal("7.761")
    assert said.purp.cd == "GDDS"
    assert said.rmt_inf.ustrd == ["Invoice 1017"]
    assert (said.dbtr.nm, said.cdtr.nm) == ("Ada & <Söhne>", "Li Wei")
    assert said.dbtr.pstl_adr.twn_nm == "Berlin"
    assert said.dbtr_acct.prxy.id == ADA
    assert said.cdtr_acct.prxy.id == LI
    assert said.dbtr_agt.fin_instn_id.bicfi == "DEMODEFFXXX"
    assert said.cdtr_agt.fin_instn_id.lei == "529900T8BM49AURSDO55"


@pytest.mark.parametrize(
    ("source", "fee", "target", "written"),
    [
        ("3000 JPY", "80 JPY", "16.83 EUR", ("2920", "80", "16.83")),
        ("100.00 USD", "0.50 USD", "37.380 BHD", ("99.50", "0.50", "37.380")),
        ("10.000 BHD", "0.010 BHD", "3927 JPY", ("9.990", "0.010", "3927")),
    ],
)
def test_amounts_have_exactly_their_currencys_decimals(
    source: str, fee: str, target: str, written: tuple[str, str, str]
) -> None:
    facts = replace(
        EUR_CNY, source=money(source), fee=money(fee), target=money(target), rate=Fraction(1, 173)
    )
    xml = credit_transfer(facts, BANK).decode()
    instruction(facts)
    returned = payment_return(ended("rejected", "RR04", facts), BANK).decode()
    read_back(returned.encode(), pacs_004)
    code, to = source.rpartition(" ")[2], target.rpartition(" ")[2]
    assert f'<InstdAmt Ccy="{code}">{written[0]}</InstdAmt>' in xml
    assert f'<Amt Ccy="{code}">{written[1]}</Amt>' in xml
    assert f'<IntrBkSttlmAmt Ccy="{to}">{written[2]}</IntrBkSttlmAmt>' in xml
    amount = source.partition(" ")[0]
    assert f'<RtrdIntrBkSttlmAmt Ccy="{code}">{amount}</RtrdIntrBkSttlmAmt>' in returned


def money(text: str) -> Money:
    amount, _, code = text.partition(" ")
    return positive_money(amount, code)


def test_without_a_fee_the_charge_is_zero_in_the_currencys_decimals() -> None:
    facts = replace(EUR_CNY, fee=Money(0, CURRENCIES["EUR"]))
    assert '<Amt Ccy="EUR">0.00</Amt>' in credit_transfer(facts, BANK).decode()
    instruction(facts)


@pytest.mark.parametrize(
    ("exact", "written"),
    [
        (Fraction(7761, 1000), "7.761"),
        (Fraction(1), "1"),
        (Fraction(172_41, 100), "172.41"),
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(2, 3), "0.6666666667"),
        (Fraction(10**9, 7), "142857142.86"),
        (Fraction(10), "10"),
        (Fraction(1, 10**10), "1E-10"),
    ],
)
def test_a_rate_has_eleven_digits_at_most(exact: Fraction, written: str) -> None:
    assert rate(exact) == Decimal(written)
    instruction(replace(EUR_CNY, rate=exact))


STATUS = {
    "awaiting_signature": "RCVD",
    "accepted": "ACTC",
    "held": "PDNG",
    "settled": "ACSC",
    "rejected": "RJCT",
    "refunded": "RJCT",
    "refused": "RJCT",
    "expired": "RJCT",
    "recalled": "CANC",
    "cancelled": "CANC",
}


@pytest.mark.parametrize(("state", "code"), STATUS.items())
def test_the_status_says_how_it_stands(state: str, code: str) -> None:
    reason = {"rejected": "RR04", "refused": "limit_exceeded"}.get(state)
    document = read_back(status_report(ended(state, reason), BANK), pacs_002)
    said = document.fito_fipmt_sts_rpt.tx_inf_and_sts[0]
    assert (said.tx_sts, said.orgnl_uetr, said.orgnl_tx_id) == (code, EUR_CNY.uetr, EUR_CNY.id)
    assert said.orgnl_grp_inf.orgnl_msg_nm_id == "pacs.008.001.08"
    reasons = [(one.rsn.cd, one.rsn.prtry) for one in said.sts_rsn_inf]
    expected = {
        "rejected": [("RR04", None)],
        "refused": [(None, "limit_exceeded")],
        "refunded": [("AB03", None)],
        "expired": [("AB03", None)],
    }
    assert reasons == expected.get(state, [])
    assert (said.fctv_intr_bk_sttlm_dt is not None) == (state == "settled")


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [("rejected", "RR04", "RR04"), ("refunded", None, "NARR"), ("recalled", None, "FOCR")],
)
def test_a_return_brings_everything_back_with_its_reason(
    state: str, reason: str | None, code: str
) -> None:
    assert state in RETURNED
    document = read_back(payment_return(ended(state, reason), BANK), pacs_004)
    said = document.pmt_rtr.tx_inf[0]
    assert said.orgnl_uetr == EUR_CNY.uetr
    assert said.rtrd_intr_bk_sttlm_amt.value == Decimal("100.00")
    assert said.orgnl_intr_bk_sttlm_amt.value == Decimal("768.33")
    assert said.rtr_rsn_inf[0].rsn.cd == code
    assert said.rtr_chain.cdtr.pty.nm == "Ada & <Söhne>"
    assert said.rtr_chain.dbtr.pty.nm == "Li Wei"


def test_what_is_not_told_is_not_there() -> None:
    facts = replace(EUR_CNY, sender=Party(ADA), recipient=Party(LI), remittance=None)
    said = instruction(facts, Agent("demo-bank", "Demo Bank"))
    assert (said.dbtr.nm, said.dbtr.pstl_adr, said.dbtr.ctry_of_res) == ("NOTPROVIDED", None, None)
    assert said.rmt_inf is None
    assert said.dbtr_agt.fin_instn_id.othr.id == "demo-bank"
    assert said.dbtr_agt.fin_instn_id.bicfi is None


def test_text_that_xml_can_not_hold_or_that_is_too_long_is_cut() -> None:
    long = Party(ADA, "A\x00\x0b" + "n" * 200, "s" * 100, "1" * 30, "c" * 50, "DE")
    said = instruction(replace(EUR_CNY, sender=long))
    assert said.dbtr.nm == "A  " + "n" * 137
    assert len(said.dbtr.pstl_adr.strt_nm) == 70


def test_an_account_fits_its_field_and_can_be_read_back() -> None:
    import base64

    assert len(short_account(ADA)) == 32
    assert "0x" + base64.b32decode(short_account(ADA)).hex() == ADA.lower()


def line_of(number: int, change: int, uetr: str | None = None) -> Line:
    return Line(
        sequence=number,
        change=Money(change, CURRENCIES["BHD"]),
        at=NOW + number,
        kind="payment",
        reference="0x" + "ab" * 32,
        transaction_hash="0x" + "cd" * 32,
        block_number=7,
        log_index=number,
        uetr=uetr,
    )


def test_a_statement_adds_up_line_by_line() -> None:
    facts = StatementFacts(
        id="stm-0123",
        owner=EUR_CNY.sender,
        opening=positive_money("10.000", "BHD"),
        closing=positive_money("8.501", "BHD"),
        time_from=NOW,
        time_to=NOW + 86_400,
        made_at=NOW + 86_400,
        lines=(line_of(1, 1), line_of(2, -1_500, EUR_CNY.uetr)),
    )
    xml = bank_statement(facts, BANK)
    said = read_back(xml, camt_053).bk_to_cstmr_stmt.stmt[0]
    balances = {one.tp.cd_or_prtry.cd: one.amt.value for one in said.bal}
    assert balances == {"OPBD": Decimal("10.000"), "CLBD": Decimal("8.501")}
    signs = {"CRDT": 1, "DBIT": -1}
    total = sum(signs[entry.cdt_dbt_ind.value] * entry.amt.value for entry in said.ntry)
    assert balances["OPBD"] + total == balances["CLBD"]
    assert b'<Amt Ccy="BHD">0.001</Amt>' in xml
    assert [entry.ntry_dtls[0].tx_dtls[0].refs.uetr for entry in said.ntry] == [None, EUR_CNY.uetr]
    assert said.acct.prxy.id == ADA


def test_an_empty_period_is_a_statement_too() -> None:
    nothing = Money(0, CURRENCIES["JPY"])
    facts = StatementFacts("stm-1", Party(ADA), nothing, nothing, NOW, NOW, NOW, ())
    xml = bank_statement(facts, BANK)
    assert read_back(xml, camt_053).bk_to_cstmr_stmt.stmt[0].ntry == []
    assert b'<Amt Ccy="JPY">0</Amt>' in xml
