"""The figures for Prometheus, read as Prometheus would."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from tests.api.bank import FallibleChain
from tests.api.client import ok
from tests.api.traces import pays
from tests.api.world import World
from wallet_chain.cli.main import app
from wallet_chain.ledger.embedded import EmbeddedChain, serve
from wallet_chain.ledger.nodes import Nodes
from wallet_chain.ledger.rpc import InProcessConnection, NodeConnection

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana.json"


def _figures(world: World) -> dict[str, dict[tuple[str, ...], float]]:
    """Name -> values of the labels -> figure."""
    answer = world.staff["operator"].get("/v1/metrics")
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def test_a_payment_is_counted_where_it_passes(world: World) -> None:
    pays(world, world.bob, world.carol)
    before = _figures(world)
    for _ in range(3):
        pays(world, world.bob, world.carol)
    after = _figures(world)

    settled = ("PaymentSettled",)
    events = "wallet_chain_events_total"
    assert after[events][settled] - before[events][settled] == 3
    ended = "wallet_chain_batch_orders_sum"
    assert after[ended][()] - before[ended][()] == 3
    assert after["wallet_chain_indexed_block"] == after["wallet_chain_head_block"]
    assert after["wallet_chain_operations"][("accepted",)] == 0
    assert after["wallet_chain_oldest_operation_seconds"][()] == 0
    assert after["wallet_chain_indexing_stopped"][()] == 0
    assert set(after["wallet_chain_lane_halted"].values()) == {0}
    bound = "wallet_chain_bound_total"
    assert after[bound][("orders",)] - before[bound][("orders",)] == 3
    for counted in ("indexed_blocks", "sent", "ended_operations"):
        name = f"wallet_chain_{counted}_total"
        assert after[name][()] > before[name][()]
    kind = ("batch",)
    for name, of in (("wallet_chain_transaction_gas", kind), ("wallet_chain_order_gas", ())):
        assert after[f"{name}_sum"][of] > before[f"{name}_sum"].get(of, 0)
    orders = "wallet_chain_order_gas_count"
    assert after[orders][()] - before[orders][()] == 3
    # Whatever a transaction used is shared out among its orders, to the last unit.
    used = _grown(before, after, "wallet_chain_transaction_gas_sum", kind)
    assert used == _grown(before, after, "wallet_chain_order_gas_sum", ())
    assert 3 * 30_000 < used < 3 * 300_000
    assert after["wallet_chain_informed"][()] == 1
    assert after["wallet_chain_processes"][("work",)] == 1
    assert ok(world.anybody().get("/health/ready"))["accepting"] is True


def _grown(
    before: dict[str, dict[tuple[str, ...], float]],
    after: dict[str, dict[tuple[str, ...], float]],
    name: str,
    labels: tuple[str, ...],
) -> int:
    return round(after[name][labels] - before[name].get(labels, 0))


@pytest.fixture
def two_nodes(world: World, chain: FallibleChain) -> Iterator[Nodes]:
    """The world's chain behind a node that answers, and a node that does not."""
    inner = chain.chain
    assert isinstance(inner, InProcessConnection)
    embedded = inner._chain
    assert isinstance(embedded, EmbeddedChain)
    with serve(embedded) as server:
        nodes = Nodes([NodeConnection(server.url), NodeConnection("http://127.0.0.1:9")])
        before, world.bank.pipeline.nodes = world.bank.pipeline.nodes, nodes.states
        yield nodes
        world.bank.pipeline.nodes = before
        nodes.close()


def test_each_node_is_told_of(world: World, two_nodes: Nodes) -> None:
    two_nodes.look()
    told = _figures(world)
    up = told["wallet_chain_node_up"]
    assert up.pop(("127.0.0.1:9",)) == 0
    ((well,),) = up
    assert up[well,] == 1
    assert told["wallet_chain_node_block"] == {(well,): told["wallet_chain_head_block"][()]}
    assert told["wallet_chain_node_behind_blocks"] == {(well,): 0}


def test_requests_are_counted_by_declared_route_and_name_nobody(world: World) -> None:
    world.bob.api.get("/v1/payments/pay_00000000000000000000000000")
    world.anybody().get("/v1/something-of-mine")
    answer = world.staff["operator"].get("/v1/metrics")
    counted = _figures(world)["wallet_chain_http_requests_total"]

    assert counted["GET", "/v1/payments/{payment_id}", "404"] >= 1
    assert counted["GET", "other", "404"] >= 1
    for secret in (world.bob.customer_id, world.bob.account, "something-of-mine", "pay_0000"):
        assert secret not in answer.text


def test_the_dashboard_asks_for_figures_that_there_are(world: World, two_nodes: Nodes) -> None:
    two_nodes.look()
    pays(world, world.bob, world.carol)
    known = set(_figures(world))
    asked = set(re.findall(r"wallet_chain_[a-z_]+", DASHBOARD.read_text("utf-8")))
    assert asked
    assert asked <= known


def test_the_terminal_shows_what_happens_between_two_looks(world: World) -> None:
    key = world.staff["operator"].http.headers["authorization"].removeprefix("Bearer ")
    options = ["top", "--once", "--seconds", "4", "--url", world.url, "--key", key]
    with ThreadPoolExecutor(1) as beside:
        looking = beside.submit(CliRunner().invoke, app, options)
        for _ in range(3):
            pays(world, world.bob, world.carol)
        shown = looking.result()
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert told["ended_per_second"]["PaymentSettled"] > 0
    assert told["requests_per_second"]["2xx"] > 0
    assert told["on_their_way"] == {"accepted": 0, "bound": 0, "stuck": 0}
    assert told["indexed_block"] == told["node_block"]
    assert "relayer" in {lane["purpose"] for lane in told["lanes"]}
    assert not told["indexing_stopped"]
