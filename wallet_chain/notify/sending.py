"""One attempt to hand an event to its receiver: to an address that was judged, and no further.

A redirect is not followed, the answer's body is not read, and the whole attempt has a time-out, so a
slow receiver holds nothing for long. No proxy of the environment is used.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from wallet_chain.errors import WebhookUrlRefused
from wallet_chain.notify.addresses import Address, Target, judged, read_url

ATTEMPT_SECONDS_MAX = 15.0
CONNECT_SECONDS_MAX = 5.0

_AGENT = "wallet-chain-webhooks"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent where, by one attempt."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of it."""

    status: int | None
    """The receiver's HTTP status; null where there was no answer."""
    problem: str | None
    """Why it counts as not delivered; null when it was."""


class Messenger:
    """Sends parcels. Use it inside one event loop, and close it there."""

    def __init__(
        self,
        networks: frozenset[str],
        *,
        tls: ssl.SSLContext,
        seconds_max: float = ATTEMPT_SECONDS_MAX,
    ) -> None:
        """``networks`` may be reached beside the public internet; ``tls`` has the authorities."""
        self._networks = networks
        self._seconds_max = seconds_max
        self._http = httpx.AsyncClient(
            verify=tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds_max, connect=CONNECT_SECONDS_MAX),
            # A connection is to an address; kept, it could serve another name that has the same.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Give the sockets back."""
        await self._http.aclose()

    async def send(self, parcel: Parcel) -> Receipt:
        """Make one attempt; whatever goes wrong is in the receipt."""
        try:
            async with asyncio.timeout(self._seconds_max):
                return await self._send(parcel)
        except TimeoutError:
            return Receipt(None, f"no answer within {self._seconds_max:g} seconds")
        except WebhookUrlRefused as refusal:
            return Receipt(None, refusal.detail)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failure:
            return Receipt(None, _said(failure))

    async def _send(self, parcel: Parcel) -> Receipt:
        target = read_url(parcel.url, self._networks)
        addresses = await self._addresses(target)
        for address in addresses[:-1]:
            try:
                return await self._post(target, address, parcel)
            except httpx.ConnectError:
                # The next address may answer; nothing was sent to this one.
                continue
        return await self._post(target, addresses[-1], parcel)

    async def _addresses(self, target: Target) -> list[Address]:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port)
        addresses = judged((str(one[4][0]) for one in found), target.scheme, self._networks)
        if not addresses:
            raise WebhookUrlRefused(
                f"{target.host} has an address that is not of the public internet."
            )
        return addresses

    async def _post(self, target: Target, address: Address, parcel: Parcel) -> Receipt:
        headers = {
            **parcel.headers,
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
        }
        # The name is what the certificate must be for, though the connection goes to the address.
        extensions = {"sni_hostname": target.host}
        async with self._http.stream(
            "POST",
            target.at(address),
            content=parcel.body,
            headers=headers,
            extensions=extensions,
        ) as answer:
            if answer.is_success:
                return Receipt(answer.status_code, None)
            return Receipt(answer.status_code, f"the receiver answered {answer.status_code}")


def _said(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"[:200]
