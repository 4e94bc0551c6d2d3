"""Alembic's entry: runs the revisions on the connection that ``Store.migrate`` hands over."""

from alembic import context

from wallet_chain.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
