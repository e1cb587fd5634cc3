"""The canonical model: what sources produce, what destinations consume, and the ports both implement.

May import only `errors`. A source knows how to become canonical, a destination how canonical becomes its payloads.
"""
