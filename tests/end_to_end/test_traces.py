"""Processes on one database tell of a payment as one trace: one accepts it, another brings it on."""

import secrets
from pathlib import Path

import httpx
import pytest

from scripts.bench_shared import fleet
from scripts.bench_wallet import Town
from tests.collector import collector

pytestmark = [pytest.mark.postgres, pytest.mark.anvil, pytest.mark.slow]

SPAN = "00f067aa0ba902b7"


def test_a_payment_is_one_trace_through_the_processes_that_work_on_it(tmp_path: Path) -> None:
    trace_id = secrets.token_hex(16)
    with collector() as collected, fleet(tmp_path, otlp_endpoint=collected.url) as processes:
        server = processes.apis[1]
        payer, payee = Town(server.url, server.admin_key()).payers(2)
        headers = {
            "Authorization": f"Bearer {payer.api_key}",
            "Idempotency-Key": secrets.token_hex(12),
            "Prefer": "wait=30",
            "traceparent": f"00-{trace_id}-{SPAN}-01",
        }
        body = {"payee": payee.account, "money": {"amount": "1.00", "currency": "EUR"}}
        answer = httpx.post(f"{server.url}/v1/payments", json=body, headers=headers, timeout=60)
        assert answer.json()["state"] == "settled", answer.text
        work = ("bind", "sign", "send", "include", "index", "operation payment")
        spans = collected.wait(trace_id, "POST /v1/payments", "accept", *work)

    assert len(spans) == 2 + len(work)
    process = {span.name: span.process["service.instance.id"] for span in spans}
    assert process["POST /v1/payments"] == process["accept"]
    assert process["bind"] == process["sign"] == process["send"]
    assert process["bind"] != process["accept"]
    assert process["index"] != process["accept"]
    request = next(span for span in spans if span.name == "POST /v1/payments")
    assert request.parent_id == SPAN
    parents = {span.parent_id for span in spans if span.name not in {request.name, "sign"}}
    assert parents == {request.span_id}
