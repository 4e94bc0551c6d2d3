"""The database: tables, migrations, the engine and the only commit."""
