"""One HTTP client for all vendors: deadlines, limits, retries by a table, shared budgets, errors free of secrets.

May import `errors`, `model`, `db` and `pairs`. What is true of one vendor is said in that vendor's folder, as a table.
"""
