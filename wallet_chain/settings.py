"""What can be set, from the environment (``WALLET_CHAIN_...``) or a ``.env`` file."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the product, with its default for a first run on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="WALLET_CHAIN_", env_file=".env", extra="ignore", populate_by_name=True
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder for the database, the embedded chain, the key file and the address book.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the API listens on.")
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL; empty means SQLite at DATA_DIR/wallet-chain.sqlite3."
        " PostgreSQL: postgresql+psycopg://user:password@host/name.",
    )
    chain: Literal["embedded", "rpc"] = Field(
        default="embedded",
        description="embedded: a chain of our own beside the API; rpc: any Ethereum JSON-RPC node.",
    )
    rpc_url: str = Field(
        default="http://127.0.0.1:8545", description="The node, when CHAIN is rpc."
    )
    more_rpc_urls: tuple[str, ...] = Field(
        default=(),
        description="Further nodes of the same chain, as a JSON list, in the order of preference."
        " Transactions go to all of them; one that is away, behind or wrong is left out.",
    )
    chain_id: int = Field(
        default=20260, description="Chain id that is expected; a node with another is refused."
    )
    embedded_port: int = Field(
        default=0, description="Port of the embedded chain's JSON-RPC; 0 takes any free one."
    )
    days_ahead: int = Field(
        default=0,
        ge=0,
        le=3_660,
        description="Let the product and its embedded chain live so many days in the future, to see"
        " on demonstration data what time brings. It can't be taken back on the same data, and is"
        " refused where CHAIN is rpc.",
    )
    embedded_fast_evm: bool = Field(
        default=True,
        description="Let the embedded chain run straight pieces of contract code by its own loop;"
        " false leaves everything to py-evm, at less than half the speed.",
    )
    tenant: str = Field(
        default="demo-bank",
        description="Name of this bank; part of each order's reference. Never change it later.",
    )
    bank_name: str = Field(
        default="Demo Bank", max_length=140, description="The bank's name in its documents."
    )
    bank_bic: str = Field(
        default="",
        pattern=r"^([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?)?$",
        description="The bank's BIC (ISO 9362) in its documents; without BIC and LEI the tenant's name"
        " stands there.",
    )
    bank_lei: str = Field(
        default="",
        pattern=r"^([A-Z0-9]{18}[0-9]{2})?$",
        description="The bank's LEI (ISO 17442) in its documents.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="Master key, 32 bytes in hex, that wraps all data keys; else MASTER_KEY_FILE.",
    )
    master_key_file: Path | None = Field(
        default=None,
        description="File with the master key in hex; DATA_DIR/master.key when unset.",
    )
    customer_keys_url: str = Field(
        default="",
        description="Where one half of each customer's key is kept, apart from the database and its"
        " backups; a SQLAlchemy URL, customer-keys.sqlite3 in DATA_DIR when empty. Processes that"
        " share a database share this too.",
    )
    funder_key: SecretStr | None = Field(
        default=None,
        description="Private key that pays for gas where the chain asks for it; not needed on the"
        " embedded chain, on anvil or at a gas price of zero.",
    )
    deployer_key: SecretStr | None = Field(
        default=None,
        description="Private key that deploys and holds the admin role; made and stored when unset.",
    )
    order_ttl_seconds: int = Field(
        default=1_800,
        ge=30,
        le=86_400,
        description="How long a signed order stays executable. Half of it is the longest outage of"
        " the chain that everything accepted survives.",
    )
    quote_ttl_seconds: int = Field(
        default=300, ge=30, le=86_400, description="How long a quote for a transfer abroad holds."
    )
    fx_rate_max_age_seconds: int = Field(
        default=345_600,
        ge=60,
        description="Rates older than this are not quoted by; four days, since the ECB publishes"
        " none at weekends and on holidays.",
    )
    fx_feeders: frozenset[str] = Field(
        default=frozenset(),
        description='Accounts whose signed rates are taken, as a JSON list: ["0x..."].',
    )
    log_origin: str = Field(
        default="",
        max_length=120,
        pattern=r"^[^\s+]*$",
        description="Name of the transparency log in its checkpoints, such as bank.example/log. It is"
        " read when the bank is founded and never changes; made from the log's key when empty.",
    )
    log_witnesses: frozenset[str] = Field(
        default=frozenset(),
        description="Verifier keys of the witnesses whose cosignatures are taken, as a JSON list; a"
        " witness gets its own from `wallet-chain witness make`.",
    )
    screening_score_min: int = Field(
        default=85,
        ge=50,
        le=100,
        description="From this likeness of names on, in per cent, a party counts as found on a"
        " screening list.",
    )
    screening_required: bool = Field(
        default=False,
        description="Send nothing abroad while no screening list is loaded. Set it in production;"
        " without it nobody is screened until a list is there.",
    )
    rate_limit_per_second: float = Field(
        default=100, gt=0, description="Requests a second that one principal may make for ever."
    )
    rate_limit_burst: int = Field(
        default=400, ge=1, description="Requests that one principal may make at once."
    )
    backlog_max: int = Field(
        default=20_000,
        ge=1,
        description="With so many operations on their way to the chain nothing more is accepted; nobody"
        " may have more of them than there is room left.",
    )
    batch_bytes_max: int = Field(
        default=1_048_576, description="Largest request body with many payments, in bytes."
    )
    screening_list_bytes_max: int = Field(
        default=134_217_728,
        description="Largest request body that loads a screening list, in bytes.",
    )
    name_checks_per_day: int = Field(
        default=50,
        ge=1,
        description="How many names of payees a customer may have checked in 24 hours.",
    )
    webhook_networks: frozenset[str] = Field(
        default=frozenset(),
        description="Networks that webhooks may go to beside the public internet, as a JSON list:"
        ' ["127.0.0.0/8"] for development. Plain HTTP is for these only.',
    )
    batch_orders_max: int = Field(
        default=100, ge=1, le=500, description="Most orders in one transaction."
    )
    relayer_lanes: int = Field(default=1, ge=1, le=16, description="Sending accounts for orders.")
    replace_after_seconds: float = Field(
        default=30,
        ge=0,
        description="How long a transaction waits for a block before it is offered again with a higher"
        " fee, where the chain asks for fees, or its nonce is filled, where it can never be mined.",
    )
    replacement_fee_max_gwei: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="The most that a transaction that is offered again pays for a unit of gas.",
    )
    log_format: Literal["human", "json"] = Field(
        default="human",
        description="How log lines are written to standard error; json: one object a line.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning",
        description="From which level on; info tells every request, operation, transaction and block.",
    )
    otlp_endpoint: str = Field(
        default="",
        validation_alias=AliasChoices("WALLET_CHAIN_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        pattern=r"^(https?://\S+)?$",
        description="Base address of an OpenTelemetry collector, to send traces to as Protobuf over"
        " HTTP, such as http://127.0.0.1:4318; the standard OTEL_EXPORTER_OTLP_ENDPOINT works too."
        " Empty: no traces.",
    )
    poll_seconds: float = Field(
        default=0.5, gt=0, description="Pause between looks at a node that pushes nothing."
    )
    body_bytes_max: int = Field(default=65_536, description="Largest request body, in bytes.")
    finality_blocks: int = Field(
        default=0, ge=0, description="Blocks on top before one counts as final; 0 on BFT chains."
    )

    @field_validator("webhook_networks")
    @classmethod
    def _require_networks(cls, named: frozenset[str]) -> frozenset[str]:
        for network in named:
            ip_network(network)
        return named

    @model_validator(mode="after")
    def _require_own_time(self) -> "Settings":
        if self.days_ahead and self.chain != "embedded":
            raise ValueError(
                "DAYS_AHEAD is for the embedded chain; other nodes have their own time."
            )
        return self

    @property
    def store_url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'wallet-chain.sqlite3'}"

    @property
    def key_halves_url(self) -> str:
        """The SQLAlchemy URL of the customers' second key halves."""
        return self.customer_keys_url or f"sqlite:///{self.data_dir / 'customer-keys.sqlite3'}"

    @property
    def master_key_path(self) -> Path:
        """Where the master key is looked for when it is not in the environment."""
        return self.master_key_file or self.data_dir / "master.key"
