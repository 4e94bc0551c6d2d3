"""All routes of the API, capability by capability, in the order of the document."""

from api import (
    audit,
    audit_questions,
    gifts,
    log,
    mandates,
    metrics,
    payments,
    policy,
    proofs,
    refunds,
    webhooks,
)
from api.compliance import beneficiaries, screening
from api.crossborder import corridors, quotes, transfers
from api.identity import accounts, customers, reviews, staff
from api.issuance import deposits, withdrawals
from api.loyalty import points, pools, programmes
from api.merchants import bills, groups, instalments, requests, settlements
from api.purchases import buying, offers
from api.routes import Routes

TABLE: tuple[Routes, ...] = (
    payments.routes,
    refunds.routes,
    offers.routes,
    buying.routes,
    mandates.routes,
    gifts.routes,
    customers.routes,
    accounts.routes,
    reviews.routes,
    deposits.routes,
    withdrawals.routes,
    requests.routes,
    groups.routes,
    bills.routes,
    instalments.routes,
    settlements.routes,
    quotes.routes,
    transfers.routes,
    programmes.routes,
    pools.routes,
    points.routes,
    beneficiaries.routes,
    corridors.routes,
    screening.routes,
    webhooks.routes,
    policy.routes,
    audit.routes,
    audit_questions.routes,
    proofs.routes,
    log.routes,
    staff.routes,
    metrics.routes,
)
