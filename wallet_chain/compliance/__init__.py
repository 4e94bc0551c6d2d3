"""What is checked before money goes abroad: lists, names, purposes, beneficiaries, the travel rule."""

from wallet_chain.compliance.beneficiaries import (
    create_beneficiary,
    delete_beneficiary,
    get_beneficiary,
    list_beneficiaries,
)
from wallet_chain.compliance.loading import list_lists, load_list
from wallet_chain.compliance.name_checks import check_name
from wallet_chain.compliance.purposes import list_purposes
from wallet_chain.compliance.screening import get_result
from wallet_chain.compliance.travel_rule import get_record

__all__ = [
    "check_name",
    "create_beneficiary",
    "delete_beneficiary",
    "get_beneficiary",
    "get_record",
    "get_result",
    "list_beneficiaries",
    "list_lists",
    "list_purposes",
    "load_list",
]
