"""Writes of the demonstration: each under a fixed idempotency key, and each must end well."""

from typing import Any

from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.cli.demo_keys import DemoKeys

WAIT_SECONDS = 30


class Asking:
    """The API as everybody in the demonstration asks it, by the name of role or customer."""

    def __init__(self, url: str, keys: DemoKeys) -> None:
        self.keys = keys
        self._url = url
        self._clients: dict[str, ApiClient] = {}

    def close(self) -> None:
        """Give the connections back."""
        for client in self._clients.values():
            client.close()

    def client(self, name: str) -> ApiClient:
        """A client with the key of a role or of a customer."""
        if name not in self._clients:
            self._clients[name] = ApiClient(self._url, self.keys.api_key_of(name))
        return self._clients[name]

    def ask(
        self,
        name: str,
        step: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        method: str = "POST",
    ) -> Any:
        """One write. Returns the resource once its operation is final; raises Refused."""
        answer = self.client(name).write(
            method, path, body, idempotency_key=f"demo/{step}", wait_seconds=WAIT_SECONDS
        )
        return settled(answer, step)


def settled(resource: Any, step: str) -> Any:
    """The resource, once its operation has settled. Raises Refused when it ended otherwise.

    Of some writes the operation is all that is answered.
    """
    operation = resource if "resource_id" in resource else resource.get("operation")
    if not operation or operation["state"] == "settled":
        return resource
    refusal = operation.get("refusal") or {}
    raise Refused(
        refusal.get("code", f"still_{operation['state']}"),
        f"{step}: {refusal.get('detail', 'the operation did not settle in time; start again')}",
        0,
        refusal.get("facts", {}),
    )
