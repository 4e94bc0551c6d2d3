"""Being paid: payment requests with their QR codes, bills, and instalments."""

from wallet_chain.merchants.asking import cancel_request, create_request
from wallet_chain.merchants.bill_paying import (
    pay_bill,
    preview_pay_bill,
    schedule_bill,
    unschedule_bill,
)
from wallet_chain.merchants.bills import get_bill, list_bills, publish_bill, withdraw_bill
from wallet_chain.merchants.caretaker import tend
from wallet_chain.merchants.groups import create_group, get_group
from wallet_chain.merchants.paying import pay_request, preview_pay, sign_request
from wallet_chain.merchants.plans import create_plan, get_plan, list_plans, pay_instalment, pay_off
from wallet_chain.merchants.scanning import code_picture, read_code
from wallet_chain.merchants.searching import get_request, list_requests
from wallet_chain.merchants.settlements import settlement_csv, settlement_of

__all__ = [
    "cancel_request",
    "code_picture",
    "create_group",
    "create_plan",
    "create_request",
    "get_bill",
    "get_group",
    "get_plan",
    "get_request",
    "list_bills",
    "list_plans",
    "list_requests",
    "pay_bill",
    "pay_instalment",
    "pay_off",
    "pay_request",
    "preview_pay",
    "preview_pay_bill",
    "publish_bill",
    "read_code",
    "schedule_bill",
    "settlement_csv",
    "settlement_of",
    "sign_request",
    "tend",
    "unschedule_bill",
    "withdraw_bill",
]
