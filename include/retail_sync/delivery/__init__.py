"""The only door out: outbox, ledger and audit. Compares what is wanted with what stands, queues, claims, acknowledges.

May import `errors`, `model`, `db`, `pairs`, `exceptions`, `consent` and `people`.
"""
