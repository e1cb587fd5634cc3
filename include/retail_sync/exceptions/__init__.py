"""What is wrong, about which record, whose turn it is, and what to do; opened and closed by those who see the cause.

May import `errors`, `model`, `db` and `pairs`.
"""
