"""The accounts of marketing platforms, each read into the one plain shape that the oracle judges.

A module for each system, of its name: `read` gives the account, `LACKS` says what that system has no place for.
"""
