"""What people do with a running system: set it up on one machine, check it, trace a record.

May import every room of the package but `cli`.
"""
