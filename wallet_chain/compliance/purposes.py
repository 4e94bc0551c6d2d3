"""Why money is sent: a subset of ISO 20022's external list of purposes (ExternalPurpose1Code)."""

import csv
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from wallet_chain.bank import Bank
from wallet_chain.compliance.views import PurposeView
from wallet_chain.errors import PurposeInvalid
from wallet_chain.pipeline.requests import Caller


@cache
def meanings() -> MappingProxyType[str, str]:
    """Every code that is taken, and what it means, in the order of the codes."""
    text = (files("wallet_chain.compliance") / "data" / "purposes.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({row["code"]: row["meaning"] for row in csv.DictReader(lines)})


def known(code: str) -> bool:
    """Whether the code is taken."""
    return code in meanings()


def require_known(code: str) -> None:
    """Raise PurposeInvalid unless the code is taken."""
    if not known(code):
        raise PurposeInvalid(
            "purpose is a code of ISO 20022's external list of purposes: four capital letters or"
            " digits, such as GDDS. GET /v1/purposes lists those that are taken here.",
            purpose=code[:16],
        )


def list_purposes(bank: Bank, caller: Caller) -> tuple[PurposeView, ...]:  # noqa: ARG001
    """All purposes that are taken."""
    return tuple(PurposeView(code, meaning) for code, meaning in meanings().items())
