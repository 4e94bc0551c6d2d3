"""A transfer abroad as the messages that banks send one another about it."""

from typing import Any

from pyiso20022.pacs import pacs_002_001_10 as pacs_002
from pyiso20022.pacs import pacs_004_001_09 as pacs_004
from pyiso20022.pacs import pacs_008_001_08 as pacs_008

from wallet_chain.documents.elements import (
    account,
    agent,
    amount,
    day,
    moment,
    party,
    provider,
    rate,
    rendered,
    settlement,
    text,
)
from wallet_chain.documents.facts import Agent, Step, TransferFacts
from wallet_chain.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"

RETURNED = ("rejected", "refunded", "recalled")
"""States in which both legs went back."""

_STATUS = {
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
"""ISO 20022's external codes of payment transaction status."""

_TIMED_OUT = "AB03"
"""Aborted settlement timeout (external codes of status reasons)."""

_ON_REQUEST = "FOCR"
"""Following a cancellation request (external codes of return reasons)."""

_CODE_LENGTH = 4
_ORIGINAL = "pacs.008.001.08"


def credit_transfer(facts: TransferFacts, bank: Agent) -> bytes:
    """pacs.008.001.08: the sender's bank asks the recipient's to pay.

    The sender is charged the fee beside the amount that is exchanged: ``InstdAmt`` and the charge
    are together what the sender loses, and ``InstdAmt`` at ``XchgRate`` is what arrives.
    """
    m = pacs_008
    exchanged = Money(facts.source.amount_minor - facts.fee.amount_minor, facts.source.currency)
    transaction = m.CreditTransferTransaction39(
        pmt_id=m.PaymentIdentification7(
            instr_id=facts.id, end_to_end_id=facts.id, tx_id=facts.id, uetr=facts.uetr
        ),
        intr_bk_sttlm_amt=amount(m.ActiveCurrencyAndAmount, facts.target),
        intr_bk_sttlm_dt=day(facts.created_at),
        instd_amt=amount(m.ActiveOrHistoricCurrencyAndAmount, exchanged),
        xchg_rate=rate(facts.rate),
        chrg_br=m.ChargeBearerType1Code.DEBT,
        chrgs_inf=[
            m.Charges7(
                amt=amount(m.ActiveOrHistoricCurrencyAndAmount, facts.fee),
                agt=provider(m, facts.provider_account),
            )
        ],
        instg_agt=agent(m, bank),
        instd_agt=agent(m, bank),
        dbtr=party(m, facts.sender),
        dbtr_acct=account(m, facts.sender.account, facts.source.currency.code),
        dbtr_agt=agent(m, bank),
        cdtr_agt=agent(m, bank),
        cdtr=party(m, facts.recipient),
        cdtr_acct=account(m, facts.recipient.account, facts.target.currency.code),
        purp=m.Purpose2Choice(cd=facts.purpose),
        rmt_inf=None
        if facts.remittance is None
        else m.RemittanceInformation16(ustrd=[text(facts.remittance, 140)]),
    )
    document = m.Document(
        fito_ficstmr_cdt_trf=m.FitoFicustomerCreditTransferV08(
            grp_hdr=m.GroupHeader93(
                msg_id=facts.id,
                cre_dt_tm=moment(facts.created_at),
                nb_of_txs="1",
                sttlm_inf=settlement(m),
            ),
            cdt_trf_tx_inf=[transaction],
        )
    )
    return rendered(document, NAMESPACE + _ORIGINAL)


def status_report(facts: TransferFacts, bank: Agent) -> bytes:
    """pacs.002.001.10: how the transfer stands, with the reason where there is one."""
    m = pacs_002
    last = facts.last
    transaction = m.PaymentTransaction110(
        sts_id=_message_id(facts, "S"),
        orgnl_grp_inf=_original(m, facts),
        orgnl_instr_id=facts.id,
        orgnl_end_to_end_id=facts.id,
        orgnl_tx_id=facts.id,
        orgnl_uetr=facts.uetr,
        tx_sts=_STATUS[last.state],
        sts_rsn_inf=_status_reason(m, last),
        accptnc_dt_tm=moment(facts.created_at),
        fctv_intr_bk_sttlm_dt=m.DateAndDateTime2Choice(dt_tm=moment(last.at))
        if last.state == "settled"
        else None,
        instg_agt=agent(m, bank),
        instd_agt=agent(m, bank),
    )
    document = m.Document(
        fito_fipmt_sts_rpt=m.FitoFipaymentStatusReportV10(
            grp_hdr=m.GroupHeader91(msg_id=_message_id(facts, "S"), cre_dt_tm=moment(last.at)),
            tx_inf_and_sts=[transaction],
        )
    )
    return rendered(document, NAMESPACE + "pacs.002.001.10")


def payment_return(facts: TransferFacts, bank: Agent) -> bytes:
    """pacs.004.001.09: both legs went back, and why. For the states in ``RETURNED`` only.

    All that the sender was charged is returned, the fee included.
    """
    m = pacs_004
    last = facts.last
    transaction = m.PaymentTransaction112(
        rtr_id=_message_id(facts, "R"),
        orgnl_grp_inf=_original(m, facts),
        orgnl_instr_id=facts.id,
        orgnl_end_to_end_id=facts.id,
        orgnl_tx_id=facts.id,
        orgnl_uetr=facts.uetr,
        orgnl_intr_bk_sttlm_amt=amount(m.ActiveOrHistoricCurrencyAndAmount, facts.target),
        orgnl_intr_bk_sttlm_dt=day(facts.created_at),
        rtrd_intr_bk_sttlm_amt=amount(m.ActiveCurrencyAndAmount, facts.source),
        intr_bk_sttlm_dt=day(last.at),
        chrg_br=m.ChargeBearerType1Code.DEBT,
        instg_agt=agent(m, bank),
        instd_agt=agent(m, bank),
        rtr_chain=m.TransactionParties7(
            # It goes back: who was to receive is the debtor now.
            dbtr=m.Party40Choice(pty=party(m, facts.recipient)),
            dbtr_agt=agent(m, bank),
            cdtr_agt=agent(m, bank),
            cdtr=m.Party40Choice(pty=party(m, facts.sender)),
        ),
        rtr_rsn_inf=[_return_reason(m, last)],
    )
    document = m.Document(
        pmt_rtr=m.PaymentReturnV09(
            grp_hdr=m.GroupHeader90(
                msg_id=_message_id(facts, "R"),
                cre_dt_tm=moment(last.at),
                nb_of_txs="1",
                sttlm_inf=settlement(m),
            ),
            tx_inf=[transaction],
        )
    )
    return rendered(document, NAMESPACE + "pacs.004.001.09")


def _message_id(facts: TransferFacts, kind: str) -> str:
    """Another one for each change, and the same each time that the same one is asked for."""
    return f"{facts.id}-{kind}{facts.last.sequence}"


def _original(message: Any, facts: TransferFacts) -> Any:
    return message.OriginalGroupInformation29(
        orgnl_msg_id=facts.id,
        orgnl_msg_nm_id=_ORIGINAL,
        orgnl_cre_dt_tm=moment(facts.created_at),
    )


def _status_reason(message: Any, last: Step) -> list[Any]:
    code = _TIMED_OUT if last.state in ("refunded", "expired") else last.reason
    if code is None or _STATUS[last.state] != "RJCT":
        return []
    return [message.StatusReasonInformation12(rsn=_reason(message.StatusReason6Choice, code))]


def _return_reason(message: Any, last: Step) -> Any:
    if last.state == "recalled":
        return message.PaymentReturnReason6(rsn=message.ReturnReason5Choice(cd=_ON_REQUEST))
    if last.state == "refunded" or last.reason is None:
        return message.PaymentReturnReason6(
            rsn=message.ReturnReason5Choice(cd="NARR"),
            addtl_inf=["The review was not finished in time."],
        )
    return message.PaymentReturnReason6(rsn=_reason(message.ReturnReason5Choice, last.reason))


def _reason(choice: Any, code: str) -> Any:
    """A code of the standard's list, or one of ours."""
    if len(code) == _CODE_LENGTH and code.isupper():
        return choice(cd=code)
    return choice(prtry=text(code, 35))
