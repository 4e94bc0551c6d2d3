"""Examples of what the webhooks' routes answer."""

from typing import Any

from wallet_chain.notify.views import DeliveryView, NoticeView, WebhookEndpointView

_NOW = 1_772_440_200
_ENDPOINT = "whe_01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_EVENT = "evt_01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_TRANSFER = "cbt_01JZ4WVXQ2M8K5T7R9B3C6D1EF"

EXAMPLES_WEBHOOKS: dict[Any, Any] = {
    WebhookEndpointView: WebhookEndpointView(
        id=_ENDPOINT,
        customer_id="cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
        url="https://shop.example/webhooks",
        kinds=("payment.settled", "transfer.settled"),
        state="enabled",
        secret=None,
        secrets_valid=1,
        waiting=0,
        created_at=_NOW,
        ended_at=None,
    ),
    NoticeView: NoticeView(
        id=_EVENT,
        resource_id=_TRANSFER,
        sequence=2,
        kind="transfer.settled",
        body={
            "type": "transfer.settled",
            "timestamp": "2026-03-02T08:30:00Z",
            "data": {
                "id": _TRANSFER,
                "sequence": 2,
                "state": "settled",
                "uetr": "8f14e45f-ceea-467f-a2f1-8c1d2b3e4f50",
                "source": {"amount": "100.00", "currency": "EUR"},
                "target": {"amount": "768.33", "currency": "CNY"},
            },
        },
        created_at=_NOW,
    ),
    DeliveryView: DeliveryView(
        id="whd_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
        event_id=_EVENT,
        endpoint_id=_ENDPOINT,
        state="pending",
        attempts=2,
        next_at=_NOW + 36,
        last_status=500,
        last_problem="the receiver answered 500",
        created_at=_NOW,
        ended_at=None,
    ),
}
