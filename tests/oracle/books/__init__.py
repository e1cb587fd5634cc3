"""Each ERP's own books, read into the plain shape that the judge knows.

Reads a sandbox's state alone and imports nothing of the product.
"""
