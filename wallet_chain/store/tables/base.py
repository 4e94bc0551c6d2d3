"""The declarative base and the column types that every table shares."""

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, LargeBinary, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Address = Annotated[str, mapped_column(String(42))]
"""An EIP-55 checksummed account address, ``0x`` and 40 digits."""

Hash = Annotated[str, mapped_column(String(66))]
"""32 bytes as ``0x`` and 64 lower-case hex digits."""

Id = Annotated[str, mapped_column(String(40))]
"""An identifier with its kind in front, e.g. ``cus_01J...``."""

Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in minor units of a currency; fits 63 bits (see ``money.AMOUNT_MINOR_MAX``)."""

Seconds = Annotated[int, mapped_column(BigInteger)]
"""A moment in whole Unix seconds."""

Json = Annotated[
    dict[str, Any],
    mapped_column(JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
]
"""A JSON object."""

Bytes = Annotated[bytes, mapped_column(LargeBinary)]


class Base(DeclarativeBase):
    """Base of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
