"""Examples of what compliance answers."""

from typing import Any

from wallet_chain.compliance.views import (
    BeneficiaryRemovedView,
    BeneficiaryView,
    MatchView,
    NameCheckView,
    PurposeView,
    ScreeningListView,
    ScreeningResultView,
    TravelRuleView,
)

_NOW = 1_772_440_200
_ID = "01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_LISTS = {"opensanctions-default": "5d" * 32}
_CHECK = NameCheckView(f"nck_{_ID}", "close_match", "Li Wei", _NOW)
_BANK = {
    "legalPerson": {
        "name": {
            "nameIdentifier": [
                {"legalPersonName": "demo-bank", "legalPersonNameIdentifierType": "LEGL"}
            ]
        }
    }
}


def _person(name: str, account: str, side: str) -> dict[str, Any]:
    named = {"primaryIdentifier": name, "nameIdentifierType": "LEGL"}
    person = {"naturalPerson": {"name": {"nameIdentifier": [named]}}}
    return {f"{side}Persons": [person], "accountNumber": [account]}


EXAMPLES_COMPLIANCE: dict[Any, Any] = {
    ScreeningListView: ScreeningListView(
        id=f"scl_{_ID}",
        source="opensanctions-default",
        version="5d" * 32,
        entry_count=68_112,
        loaded_at=_NOW,
        loaded_by=f"prn_{_ID}",
        retired_at=None,
    ),
    ScreeningResultView: ScreeningResultView(
        id=f"scr_{_ID}",
        transfer_id=f"cbt_{_ID}",
        occasion="creation",
        subject="recipient",
        customer_id=f"cus_{_ID}",
        outcome="hit",
        score=96,
        reason="alias",
        lists=_LISTS,
        screened_name="Viktor Example",
        matches=(
            MatchView(
                source="opensanctions-default",
                entry_id="NK-1",
                kind="Person",
                name="Viktor Ivanovich Example",
                matched="Wiktor Example",
                by="alias",
                score=96,
                birth_date="same",
                birth_dates=("1962-04-17",),
                countries=("xx",),
                sanctions="An invented programme",
                dataset="An invented list",
            ),
        ),
        match_count=1,
        screened_at=_NOW,
        decision="rejected",
        decided_by=f"prn_{_ID}",
        decided_at=_NOW + 600,
    ),
    TravelRuleView: TravelRuleView(
        id=f"trr_{_ID}",
        transfer_id=f"cbt_{_ID}",
        hash="0x" + "a" * 64,
        on_chain_hash="0x" + "a" * 64,
        salt="0x" + "5" * 64,
        record={
            "originator": _person(
                "Ada Example", "0x52908400098527886E0F7030069857D2E4169EE7", "originator"
            ),
            "beneficiary": _person(
                "Li Wei", "0x8617E340B3D01FA5F11F306F4090FD50E238070D", "beneficiary"
            ),
            "originatingVASP": {"originatingVASP": _BANK},
            "beneficiaryVASP": {"beneficiaryVASP": _BANK},
        },
        erased=(),
        agrees=True,
        created_at=_NOW,
    ),
    PurposeView: PurposeView("GDDS", "Purchase or sale of goods"),
    NameCheckView: _CHECK,
    BeneficiaryView: BeneficiaryView(
        id=f"ben_{_ID}",
        name="Li Way",
        payee="@li",
        account="0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        country="CN",
        name_check=_CHECK,
        created_at=_NOW,
    ),
    BeneficiaryRemovedView: BeneficiaryRemovedView(f"ben_{_ID}", deleted=True),
}
