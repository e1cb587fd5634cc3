"""Who may be written to: the mirror of contacts, the permanent record of who left, the gate, the way back.

May import `errors`, `model`, `db`, `pairs`, `exceptions` and `stage`. The destination is the authority on consent.
"""
