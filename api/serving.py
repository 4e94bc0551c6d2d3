"""The HTTP server in front of the application, with the settings that are safe."""

import uvicorn
from fastapi import FastAPI

CONNECTIONS_MAX = 1000
KEEP_ALIVE_SECONDS = 30
HEADER_BYTES_MAX = 32_768
STOP_SECONDS = 10


def http_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server that is ready to run: one process, one event loop, a pool of threads for the verbs.

    It names neither itself nor its version, takes no request line or header beyond
    ``HEADER_BYTES_MAX``, and believes no forwarding header.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            # Written in Python and slower than the other, but it bounds what headers may take.
            http="h11",
            server_header=False,
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            ws="none",
            lifespan="off",
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        )
    )
