"""Who may do what: the written matrix of every route, every role, one's own and other people's.

Each cell is the status of the answer to a well-formed request. ``own``: about the caller's own
resources; ``other``: about those of a customer that the caller has nothing to do with. Where an
allowed caller is refused for the resource's sake (a settled payment can't be cancelled), the code
stands at the end of the row; 403 is always ``forbidden`` and 404 always ``not_found``. Without an
API key every route answers 401.
"""

import re

COLUMNS = (
    "customer own",
    "customer other",
    "merchant own",
    "merchant other",
    "operator",
    "compliance",
    "issuer-maker",
    "issuer-checker",
    "auditor",
    "admin",
)

#                                    customer  merchant  oper- comp- issuer    audi-  ad-
#                                    own other own other ator liance mk.  ch.  tor    min
MATRIX = """
POST /payments                       200  200  200  200  403  403    403  403  403    403
POST /payments/batch                 200  200  200  200  403  403    403  403  403    403
GET  /payments                       200  404  200  404  200  200    403  403  200    403
GET  /payments/{payment_id}          200  404  200  404  200  200    403  403  200    403
POST /payments/{payment_id}/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /payments/{payment_id}/cancel   409  404  409  404  403  403    403  403  403    403 not_cancellable
POST /payments/{payment_id}/cancel/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /payments/{payment_id}/refunds  200  404  200  404  403  403    403  403  403    403
GET  /payments/{payment_id}/refunds  200  404  200  404  200  200    403  403  200    403
GET  /refunds/{refund_id}            200  404  200  404  200  200    403  403  200    403
POST /refunds/{refund_id}/signature  409  404  409  404  403  403    403  403  403    403 signature_not_awaited
GET  /payees                         200  200  200  200  200  200    403  403  403    403

POST /offers                         403  403  202  202  403  403    403  403  403    403
GET  /offers                         200  200  200  200  200  200    403  403  200    403
GET  /offers/{offer_id}              200  200  200  200  200  200    403  403  200    403
POST /offers/{offer_id}/signature    403  403  409  404  403  403    403  403  403    403 signature_not_awaited
POST /offers/{offer_id}/end          403  403  409  404  403  403    403  403  403    403 offer_ended
POST /offers/{offer_id}/end/signature
                                     403  403  409  404  403  403    403  403  403    403 offer_ended
POST /purchases/quote                200  200  200  200  403  403    403  403  403    403
POST /purchases                      200  200  200  200  403  403    403  403  403    403
GET  /purchases                      200  404  200  404  200  200    403  403  200    403
GET  /purchases/{purchase_id}        200  404  200  404  200  200    403  403  200    403
POST /purchases/{purchase_id}/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /purchases/{purchase_id}/refunds
                                     403  403  200  404  403  403    403  403  403    403
GET  /purchases/{purchase_id}/refunds
                                     200  404  200  404  200  200    403  403  200    403

POST /programmes                     403  403  403  403  202  403    403  403  403    403
GET  /programmes                     200  200  200  200  200  200    403  403  200    403
GET  /programmes/{programme_id}      200  200  200  200  200  200    403  403  200    403
POST /programmes/{programme_id}/close
                                     403  403  403  403  409  403    403  403  403    403 programme_closed
PUT  /programmes/{programme_id}/members/{customer_id}
                                     403  403  403  403  202  403    403  403  403    403
GET  /programmes/{programme_id}/members
                                     200  200  200  200  200  200    403  403  200    403
GET  /programmes/{programme_id}/pools
                                     403  403  200  200  200  200    403  403  200    403
GET  /programmes/{programme_id}/pool-entries
                                     403  403  200  404  200  200    403  403  200    403
POST /programmes/{programme_id}/pools/{customer_id}/return
                                     403  403  403  403  422  403    403  403  403    403 amount_not_positive
POST /programmes/{programme_id}/deposits
                                     403  403  200  200  403  403    403  403  403    403
POST /programmes/{programme_id}/withdrawals
                                     403  403  200  200  403  403    403  403  403    403
POST /programmes/{programme_id}/earning
                                     403  403  202  202  403  403    403  403  403    403
GET  /programme-orders/{order_id}    403  403  200  404  200  200    403  403  200    403
POST /programme-orders/{order_id}/signature
                                     403  403  409  404  403  403    403  403  403    403 signature_not_awaited
GET  /points                         200  404  200  404  200  200    403  403  200    403
GET  /points/forecast                200  404  200  404  200  200    403  403  200    403
GET  /points/history                 200  404  200  404  200  200    403  403  200    403
POST /points/transfers               200  200  200  200  403  403    403  403  403    403
GET  /points/transfers               200  404  200  404  200  200    403  403  200    403
GET  /points/transfers/{transfer_id} 200  404  200  404  200  200    403  403  200    403
POST /points/transfers/{transfer_id}/signature
                                     409  404  404  404  403  403    403  403  403    403 signature_not_awaited
GET  /liabilities                    403  403  403  403  200  200    403  403  200    403
POST /mandates                       200  200  200  200  403  403    403  403  403    403
GET  /mandates                       200  404  200  404  200  200    403  403  200    403
GET  /mandates/{mandate_id}          200  404  200  404  200  200    403  403  200    403
POST /mandates/{mandate_id}/signature
                                     409  404  404  404  403  403    403  403  403    403 signature_not_awaited
POST /mandates/{mandate_id}/end      409  404  409  404  403  403    403  403  403    403 mandate_ended
POST /mandates/{mandate_id}/end/signature
                                     409  404  404  404  403  403    403  403  403    403 signature_not_awaited
POST /mandates/{mandate_id}/charges  403  403  200  404  403  403    403  403  403    403
GET  /mandates/{mandate_id}/charges  200  404  200  404  200  200    403  403  200    403
GET  /charges/{charge_id}            200  404  200  404  200  200    403  403  200    403
POST /charges/{charge_id}/signature  403  403  409  404  403  403    403  403  403    403 signature_not_awaited
POST /gifts                          200  200  200  200  403  403    403  403  403    403
GET  /gifts                          200  404  200  404  200  200    403  403  200    403
POST /gifts/claims                   404  404  404  404  403  403    403  403  403    403
GET  /gifts/claims/{claim_id}        200  404  200  404  200  200    403  403  200    403
GET  /gifts/{gift_id}                200  404  200  404  200  200    403  403  200    403
POST /gifts/{gift_id}/signature      409  404  409  404  403  403    403  403  403    403 signature_not_awaited
GET  /gifts/{gift_id}/claims         200  404  200  404  200  200    403  403  200    403
POST /gifts/{gift_id}/return         409  404  409  404  409  403    403  403  403    403 gift_still_open

POST /customers                      403  403  403  403  201  201    403  403  403    403
GET  /customers                      403  403  403  403  200  200    403  403  200    403
GET  /customers/{customer_id}        200  404  200  404  200  200    403  403  200    403
PUT  /customers/{customer_id}/kyc    200  404  200  404  200  200    403  403  403    403
POST /customers/{customer_id}/documents
                                     200  404  200  404  200  200    403  403  403    403
GET  /customers/{customer_id}/balances
                                     200  404  200  404  200  200    403  403  200    403
GET  /customers/{customer_id}/limits 200  404  200  404  200  200    403  403  200    403
POST /customers/{customer_id}/account-challenges
                                     409  404  422  404  409  403    403  403  403    403 account_exists|invalid_request
POST /customers/{customer_id}/account
                                     422  404  422  404  422  403    403  403  403    403 challenge_invalid
POST /customers/{customer_id}/aliases
                                     201  404  201  404  201  403    403  403  403    403
DELETE /customers/{customer_id}/aliases/{alias}
                                     200  404  200  404  200  403    403  403  403    403
GET  /customers/{customer_id}/recoveries/latest
                                     200  404  200  404  200  200    403  403  200    403
POST /customers/{customer_id}/recoveries
                                     403  403  403  403  422  403    403  403  403    403 kyc_missing
POST /customers/{customer_id}/recoveries/acceptance
                                     403  403  403  403  422  403    403  403  403    403 signature_invalid
POST /customers/{customer_id}/recoveries/execute
                                     403  403  403  403  403  409    403  403  403    403 recovery_not_open
POST /customers/{customer_id}/freeze 403  403  403  403  403  422    403  403  403    403 kyc_missing
POST /customers/{customer_id}/unfreeze
                                     403  403  403  403  403  409    403  403  403    403 account_not_frozen
POST /customers/{customer_id}/close  403  403  403  403  403  409    403  403  403    403 customer_not_forgettable
POST /customers/{customer_id}/forget 403  403  403  403  403  200    403  403  403    403

GET  /reviews                        403  403  403  403  200  200    403  403  200    403
GET  /reviews/{review_id}            403  403  403  403  200  200    403  403  200    403
POST /reviews/{review_id}/decision   403  403  403  403  403  409    403  403  403    403 review_not_open

POST /deposits                       403  403  403  403  201  403    201  403  403    403
GET  /deposits                       200  404  200  404  200  200    200  200  200    403
GET  /deposits/{deposit_id}          200  404  200  404  200  200    200  200  200    403
POST /deposits/{deposit_id}/propose  403  403  403  403  403  403    409  403  403    403 proposal_not_open
POST /deposits/{deposit_id}/approve  403  403  403  403  403  403    403  409  403    403 proposal_not_open
POST /deposits/{deposit_id}/decline  403  403  403  403  403  403    403  409  403    403 proposal_not_open
POST /reserves                       403  403  403  403  403  403    403  403  422    403 attestation_invalid
GET  /reserves                       403  403  403  403  200  200    200  200  200    200

POST /withdrawals                    200  200  200  200  403  403    403  403  403    403
GET  /withdrawals                    200  404  200  404  200  200    200  200  200    403
GET  /withdrawals/{withdrawal_id}    200  404  200  404  200  200    200  200  200    403
POST /withdrawals/{withdrawal_id}/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /withdrawals/{withdrawal_id}/payout
                                     403  403  403  403  409  403    403  403  403    403 redemption_not_open

POST /payment-requests               201  201  201  201  403  403    403  403  403    403
GET  /payment-requests               200  404  200  404  200  200    403  403  200    403
GET  /payment-requests/{request_id}  200  404  200  404  200  200    403  403  200    403
GET  /payment-requests/{request_id}/code
                                     200  404  200  404  200  200    403  403  200    403
POST /payment-requests/{request_id}/cancel
                                     200  404  200  404  403  403    403  403  403    403
POST /payment-requests/{request_id}/pay
                                     200  404  200  404  403  403    403  403  403    403
POST /payment-requests/{request_id}/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /payment-request-groups         201  201  201  201  403  403    403  403  403    403
GET  /payment-request-groups/{group_id}
                                     200  404  200  404  200  200    403  403  200    403
POST /qr/read                        200  404  200  404  200  200    403  403  403    403
POST /bills                          403  403  201  201  403  403    403  403  403    403
GET  /bills                          200  404  200  404  200  200    403  403  200    403
GET  /bills/{bill_id}                200  404  200  404  200  200    403  403  200    403
POST /bills/{bill_id}/withdraw       403  403  200  404  403  403    403  403  403    403
POST /bills/{bill_id}/pay            200  404  200  404  403  403    403  403  403    403
POST /bills/{bill_id}/schedule       422  404  200  404  403  403    403  403  403    403 schedule_invalid
DELETE /bills/{bill_id}/schedule     200  404  200  404  403  403    403  403  403    403
GET  /merchants/{customer_id}/settlements
                                     403  403  200  404  200  200    403  403  200    403
GET  /merchants/{customer_id}/settlements/export
                                     403  403  200  404  200  200    403  403  200    403
POST /instalment-plans               422  404  422  404  403  403    403  403  403    403 instalments_not_offered
GET  /instalment-plans               200  404  200  404  200  200    403  403  200    403
GET  /instalment-plans/{plan_id}     200  404  200  404  200  200    403  403  200    403
POST /instalment-plans/{plan_id}/pay 409  404  409  404  403  403    403  403  403    403 plan_complete
POST /instalment-plans/{plan_id}/payoff
                                     409  404  409  404  403  403    403  403  403    403 plan_complete

POST /quotes                         201  201  201  201  403  403    403  403  403    403
GET  /quotes/{quote_id}              200  404  200  404  200  200    403  403  200    403
POST /cross-border-transfers         200  404  200  404  403  403    403  403  403    403
GET  /cross-border-transfers         200  404  200  404  200  200    403  403  200    403
GET  /cross-border-transfers/{transfer_id}
                                     200  404  200  404  200  200    403  403  200    403
GET  /cross-border-transfers/{transfer_id}/documents/{name}
                                     200  404  200  404  200  200    403  403  200    403
POST /cross-border-transfers/{transfer_id}/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /cross-border-transfers/{transfer_id}/release
                                     403  403  403  403  403  409    403  403  403    403 transfer_not_open
POST /cross-border-transfers/{transfer_id}/reject
                                     403  403  403  403  403  409    403  403  403    403 transfer_not_open
POST /cross-border-transfers/{transfer_id}/recall
                                     409  404  409  404  403  403    403  403  403    403 transfer_not_open
POST /cross-border-transfers/{transfer_id}/recall/signature
                                     409  404  409  404  403  403    403  403  403    403 signature_not_awaited
POST /cross-border-transfers/{transfer_id}/refund
                                     409  404  409  404  409  409    409  409  409    409 transfer_not_open
POST /name-checks                    201  201  201  201  403  403    403  403  403    403
POST /beneficiaries                  201  201  201  201  403  403    403  403  403    403
GET  /beneficiaries                  200  200  200  200  403  403    403  403  403    403
GET  /beneficiaries/{beneficiary_id} 200  404  200  404  403  403    403  403  403    403
DELETE /beneficiaries/{beneficiary_id}
                                     200  404  200  404  403  403    403  403  403    403
GET  /purposes                       200  200  200  200  200  200    200  200  200    200
POST /screening-lists                403  403  403  403  403  201    403  403  403    201
GET  /screening-lists                403  403  403  403  403  200    403  403  200    200
GET  /screening-results/{result_id}  403  403  403  403  403  200    403  403  200    403
GET  /travel-rule-records/{record_id}
                                     403  403  403  403  403  200    403  403  200    403
GET  /corridors                      200  200  200  200  200  200    200  200  200    200
PUT  /corridors/{source}/{target}    403  403  403  403  403  403    403  403  403    422 unknown_currency
GET  /fee-schedules                  403  403  403  403  200  200    403  403  200    200
POST /fee-schedules                  403  403  403  403  403  403    403  403  403    201
GET  /fx-rates                       200  200  200  200  200  200    200  200  200    200
POST /fx-rates                       403  403  403  403  403  403    403  403  403    422 signature_invalid
POST /fx-rates/files                 403  403  403  403  403  403    403  403  403    422 rates_invalid

POST /webhook-endpoints              201  201  201  201  403  403    403  403  403    201
GET  /webhook-endpoints              200  200  200  200  200  403    403  403  200    200
GET  /webhook-endpoints/{endpoint_id}
                                     200  404  200  404  200  403    403  403  200    200
DELETE /webhook-endpoints/{endpoint_id}
                                     200  404  200  404  403  403    403  403  403    200
POST /webhook-endpoints/{endpoint_id}/rotate
                                     200  404  200  404  403  403    403  403  403    200
POST /webhook-endpoints/{endpoint_id}/ping
                                     200  404  200  404  403  403    403  403  403    200
GET  /webhook-events                 200  200  200  200  200  403    403  403  200    200
GET  /webhook-events/{event_id}      200  404  200  404  200  403    403  403  200    200
GET  /webhook-events/{event_id}/deliveries
                                     200  404  200  404  200  403    403  403  200    200
POST /webhook-events/{event_id}/replay
                                     200  404  200  404  403  403    403  403  403    409 webhook_endpoint_missing

GET  /policy                         200  200  200  200  200  200    200  200  200    200
PUT  /policy/tiers/{tier}            403  403  403  403  403  403    403  403  403    422 tier_invalid
PUT  /policy/corridors/{from_country}/{to_country}
                                     403  403  403  403  403  403    403  403  403    422 unknown_country
PUT  /policy/prices/{currency}       403  403  403  403  403  403    403  403  403    422 unknown_currency
PUT  /policy/caps/{currency}         403  403  403  403  403  403    403  403  403    422 unknown_currency
POST /policy/switches/{switch}       403  403  403  403  403  403    403  403  403    422 configuration_refused
POST /court-orders                   403  403  403  403  403  200    403  403  403    403

GET  /audit/events                   200  404  200  404  403  200    403  403  200    403
GET  /audit/events/export            200  404  200  404  403  200    403  403  200    403
GET  /audit/events/totals            200  404  200  404  403  200    403  403  200    403
GET  /audit/customers/{customer_id}/statement
                                     200  404  200  404  200  200    403  403  200    403
GET  /audit/balances/all             403  403  403  403  403  200    403  403  200    403
GET  /audit/supply/series            403  403  403  403  200  200    200  200  200    200
GET  /audit/flows                    403  403  403  403  403  200    403  403  200    403
GET  /audit/powers                   403  403  403  403  403  200    403  403  200    200
GET  /audit/timeline                 200  404  200  404  200  200    403  403  200    403
GET  /audit/funds                    403  403  403  403  403  200    403  403  200    403
GET  /audit/balances                 200  404  200  404  200  200    403  403  200    403
GET  /audit/statements/{account}     200  404  200  404  200  200    403  403  200    403
GET  /audit/statements/{account}/export
                                     200  404  200  404  200  200    403  403  200    403
GET  /audit/statements/{account}/camt.053
                                     200  404  200  404  200  200    403  403  200    403
GET  /audit/proofs/events            403  403  403  403  403  200    403  403  200    403
GET  /audit/proofs/balances          200  404  200  404  200  200    403  403  200    403
GET  /audit/proofs/statements/{account}
                                     200  404  200  404  200  200    403  403  200    403
GET  /audit/proofs/totals/{currency} 403  403  403  403  403  200    403  403  200    403
GET  /audit/closes                   403  403  403  403  403  200    403  403  200    403
GET  /audit/closes/{day}/{currency}  403  403  403  403  403  404    403  403  404    403
GET  /audit/trust                    200  200  200  200  200  200    200  200  200    200
GET  /audit/log                      200  200  200  200  200  200    200  200  200    200
GET  /audit/log/checkpoint           200  200  200  200  200  200    200  200  200    200
POST /audit/log/checkpoints          403  403  403  403  403  201    403  403  201    403
POST /audit/log/cosignatures         403  403  403  403  403  422    403  403  422    403 cosignature_invalid
GET  /audit/log/anchors              200  200  200  200  200  200    200  200  200    200
GET  /audit/log/entries              403  403  403  403  403  200    403  403  200    403
GET  /audit/log/inclusion/{index}    403  403  403  403  403  200    403  403  200    403
GET  /audit/log/consistency          200  200  200  200  200  200    200  200  200    200
GET  /audit/supply                   403  403  403  403  200  200    200  200  200    200
GET  /audit/accesses                 403  403  403  403  403  200    403  403  200    200
GET  /metrics                        403  403  403  403  200  403    403  403  200    200
GET  /audit/chain                    403  403  403  403  200  200    200  200  200    200
GET  /operations/{operation_id}      200  404  200  404  200  200    200  200  200    200

POST /staff                          403  403  403  403  403  403    403  403  403    201
GET  /staff                          403  403  403  403  403  403    403  403  403    200
GET  /staff/{principal_id}           200  404  200  404  404  404    404  404  404    200
POST /api-keys                       201  404  201  404  409  404    404  404  404    409 api_key_in_force
GET  /api-keys                       200  404  200  404  200  404    404  404  404    200
POST /api-keys/{api_key_id}/rotate   201  404  201  404  403  404    404  404  404    403
DELETE /api-keys/{api_key_id}        200  404  200  404  200  404    404  404  404    200
"""


_ROW = re.compile(
    r"(?P<method>[A-Z]+)\s+(?P<path>/\S+)(?P<cells>(?:\s+[0-9]{3})+)(?P<codes>[ ]+[a-z_|]+)?"
)


def rows() -> dict[str, tuple[tuple[int, ...], frozenset[str]]]:
    """Route -> its cells in the order of the columns, and the codes at the end of its row."""
    found = {}
    for row in _ROW.finditer(MATRIX):
        cells = tuple(int(cell) for cell in row["cells"].split())
        assert len(cells) == len(COLUMNS), row[0]
        codes = frozenset((row["codes"] or "").strip().split("|"))
        found[f"{row['method']} {row['path']}"] = (cells, codes)
    return found
