"""Postgres: connections, migrations, leases, shared budgets, and the embedded server.

May import only `errors` and `model`. Each room owns its SQL file in `schema/`; how to talk to Postgres is decided here.
"""
