"""The forms that bodies and queries share. A field that a model does not have is refused."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from wallet_chain.bank.views import PageRequest
from wallet_chain.clock import from_iso
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import Money, positive_money

MOMENT_MAX = 253_402_300_799
"""The last second of the year 9999."""

_LINE = r"^[^\x00-\x1f\x7f]*$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


class Form(BaseModel):
    """A body or part of one: JSON types are taken as they are, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


def example(fields: dict[str, Any]) -> ConfigDict:
    """A form's configuration with an example of a whole body."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Query(BaseModel):
    """The query parameters of a route; what is left out or empty is not asked."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


def line(length_max: int, **more: Any) -> Any:
    """One line of text without control characters, 1 to ``length_max`` characters."""
    return Field(min_length=1, max_length=length_max, pattern=_LINE, **more)


def text(length_max: int, **more: Any) -> Any:
    """Text of several lines without other control characters."""
    return Field(min_length=1, max_length=length_max, pattern=_TEXT, **more)


ReasonCode = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9_]{1,31}$",
        description="Why, as a code of 1 to 31 of `a-z`, digits and `_`. It goes on chain in clear.",
        examples=["fraud_suspected"],
    ),
]

Signature = Annotated[
    str,
    Field(
        pattern=r"^0x(?:[0-9a-fA-F]{2}){1,2048}$",
        description="The signature in hex: 65 bytes, or what a contract wallet takes (ERC-1271).",
        examples=["0x" + "1b" * 65],
    ),
]

Account = Annotated[
    str,
    line(
        42,
        description="An account's address.",
        examples=["0x52908400098527886E0F7030069857D2E4169EE7"],
    ),
]

CountryCode = Annotated[
    str, line(2, description="A country's ISO 3166-1 alpha-2 code.", examples=["DE"])
]

CurrencyCode = Annotated[str, line(3, description="A currency's ISO 4217 code.", examples=["EUR"])]

Hash = Annotated[
    str,
    Field(
        pattern=r"^0x[0-9a-f]{64}$",
        description="32 bytes as `0x` and 64 lower-case hex digits.",
        examples=["0x" + "5d" * 32],
    ),
]

Sha256 = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{64}$",
        description="A document's SHA-256 as 64 lower-case hex digits.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]

UnixSeconds = Annotated[int, Field(ge=0, le=MOMENT_MAX, description="Unix seconds.")]


def _moment(said: Any) -> Any:
    """Unix seconds, from digits or from an RFC 3339 date or time."""
    if not isinstance(said, str) or said.isdigit():
        return said
    try:
        return from_iso(said)
    except (ValueError, OverflowError) as error:
        raise ValueError("write Unix seconds, or a time like 2026-03-01T09:30:00Z") from error


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    Field(ge=0, le=MOMENT_MAX),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MOMENT_MAX},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
"""A time in a query: Unix seconds or RFC 3339."""


class MoneyForm(Form):
    """An amount of a currency, with exactly the currency's number of decimals."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": "12.34", "currency": "EUR"}]}, title="Money"
    )

    amount: str
    """A decimal string, never a number: `12.34` EUR, `1234` JPY, `1.234` BHD."""
    currency: str
    """The ISO 4217 code."""

    def read(self) -> Money:
        """The money. Raises UnknownCurrency, AmountNotANumber, WrongDecimals, ..."""
        return positive_money(self.amount, self.currency)


class Paged(Query):
    """The query of a list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """How many items to answer, 1 to 200."""
    cursor: Annotated[str, line(400)] | None = None
    """`next_cursor` of the page before; leave it out for the first."""

    @property
    def page(self) -> PageRequest:
        """What the verbs take."""
        return PageRequest(self.limit, self.cursor)


def queried_money(amount: str | None, currency: str | None, field: str) -> Money | None:
    """An amount in a query, which needs the currency beside it."""
    if amount is None:
        return None
    if currency is None:
        raise InvalidRequest(f"{field}: name the currency too.", field="currency")
    return positive_money(amount, currency)


def resource_id(prefix: str, what: str) -> Any:
    """The id of a resource in a path; anything of another form is not found."""
    return Path(
        pattern=rf"^{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}$",
        description=f"The id of the {what}.",
        examples=[f"{prefix}_01JZ4WVXQ2M8K5T7R9B3C6D1EF"],
    )


def bytes_of(signature: str) -> bytes:
    """The bytes of a ``Signature``."""
    return bytes.fromhex(signature[2:])
