"""What `make bench` measures: the product's hot paths, each beside a plain floor, and what they are held to.

May import everything but `cli`; nothing imports it but `cli.bench`.
"""
