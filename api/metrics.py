"""The figures that Prometheus reads."""

from starlette.responses import Response

from api.access import ADMIN, AUDITOR, OPERATOR, allow
from api.measures import MEDIA_TYPE
from api.routes import Asked, Routes

routes = Routes("Watching")


@routes.get(
    "/metrics",
    "Read the figures for Prometheus",
    allow(OPERATOR, AUDITOR, ADMIN, scope="metrics:read"),
    media_types=("text/plain",),
)
def get_metrics(call: Asked) -> Response:
    """Requests, operations on their way, blocks, lanes and batches, in Prometheus's text form.

    Let Prometheus send an operator's API key (`authorization: credentials:`). No figure carries a
    customer, an account or an amount; `docs/grafana.json` shows them.
    """
    return Response(call.measures.text(), media_type=MEDIA_TYPE)
