"""Reading the destination back: every verdict accounted for, unknowns settled, samples and keys compared.

May import `errors`, `model`, `db`, `pairs`, `exceptions`, `people`, `consent`, `quality` and `delivery`.
"""
