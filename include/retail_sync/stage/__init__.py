"""What sources said: windows, landing, versions, watermarks, and the work that a run freezes.

May import only `errors`, `model`, `db` and `pairs`.
"""
