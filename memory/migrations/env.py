"""How Alembic takes the steps: on the connection that `memory.migrate` passes, inside its transaction."""

from alembic import context

from memory.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
