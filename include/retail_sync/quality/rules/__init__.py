"""The rules themselves, a module for what each is about. `quality.catalogue` puts them together.

May import `quality.rule` and `model`.
"""
