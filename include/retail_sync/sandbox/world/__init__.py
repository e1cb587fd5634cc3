"""An invented fashion shop and a reader of real invoices: both tell what happens as events, in the order of time.

Knows no vendor. May import only the standard library, msgspec, and pyarrow inside a function.
"""
