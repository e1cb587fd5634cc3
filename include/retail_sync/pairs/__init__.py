"""The pair file as types: what is synced, how often, by which rules, who owns what.

May import only `errors` and `model`. Nothing heavier than pydantic: DAG files import this room.
"""
