"""Servers that play the vendors, an invented shop that lives in them, and what runs both.

`kit` and `world` may import only the standard library, msgspec and each other;
`host` may import the vendors' sandboxes.
"""
