"""The demonstration's keys: ``DATA_DIR/demo-keys.json``, readable by its owner only."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE_NAME = "demo-keys.json"


@dataclass
class DemoCustomer:
    """How the demonstration acts as one of its customers."""

    id: str
    account: str | None = None
    api_key: str | None = None
    private_key: str | None = None
    """Only for the customer who keeps their own key: the demonstration plays their wallet."""


@dataclass
class DemoKeys:
    """What has been made so far. Saved after each step, so that a first start may be interrupted."""

    path: Path
    url: str = ""
    complete: bool = False
    staff: dict[str, str] = field(default_factory=dict)
    """Role to API key."""
    principals: dict[str, str] = field(default_factory=dict)
    """Role or customer's name to principal."""
    customers: dict[str, DemoCustomer] = field(default_factory=dict)
    feeder_key: str = ""
    """Private key, in hex, with which the demonstration signs its mid rates."""

    @classmethod
    def load(cls, data_dir: Path) -> "DemoKeys":
        """Read the file, or start an empty one."""
        path = data_dir / FILE_NAME
        if not path.exists():
            return cls(path)
        stored = json.loads(path.read_text("utf-8"))
        people = {name: DemoCustomer(**known) for name, known in stored.pop("customers").items()}
        return cls(path, customers=people, **stored)

    def save(self) -> None:
        """Replace the file as a whole; nobody but its owner may read it, not even for a moment."""
        stored = asdict(self)
        del stored["path"]
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(stored, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def api_key_of(self, name: str) -> str | None:
        """The API key of a role or of a customer, by the name the demonstration uses."""
        if name in self.staff:
            return self.staff[name]
        customer = self.customers.get(name)
        return customer.api_key if customer else None
