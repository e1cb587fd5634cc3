"""Rules and what they find: verdicts by SQL, evidence by Great Expectations, quarantine, the data-quality site.

May import `errors`, `model`, `db`, `pairs` and `stage`. Great Expectations is imported only when there are rows.
"""
