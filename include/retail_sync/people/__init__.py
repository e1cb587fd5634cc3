"""Who is who, what each order is worth, and the facts of each person, recomputed whole for whoever a run touches.

May import `errors`, `model`, `db`, `pairs` and `stage`. Everything here runs inside plan's one transaction.
"""
