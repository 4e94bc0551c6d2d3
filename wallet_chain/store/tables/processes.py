"""Which processes of the product run on this database."""

from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Id, Seconds


class RunningProcess(Base):
    """A process that shows signs of life; one that was not seen for a while has ended."""

    __tablename__ = "running_process"

    id: Mapped[Id] = mapped_column(primary_key=True)
    works: Mapped[bool]
    """Whether it binds, sends and indexes; else it accepts and answers."""
    started_at: Mapped[Seconds]
    seen_at: Mapped[Seconds]
    tended_at: Mapped[Seconds | None]
    """When it last did what one of all processes does now and then."""
