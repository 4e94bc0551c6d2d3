"""What the verbs of this capability take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """Where events are to be sent."""

    url: str
    kinds: tuple[str, ...] = ()
    """Which events; empty for all."""


@dataclass(frozen=True, slots=True)
class SecretDraft:
    """A new secret in place of the present one."""

    endpoint_id: str
    overlap_seconds: int
    """How long both sign."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events."""

    resource_id: str | None = None
    kind: str | None = None
