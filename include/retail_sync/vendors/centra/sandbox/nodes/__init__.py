"""The books as GraphQL nodes: plain dicts, where what takes arguments or leads to another object is a function.

May import `records`, `shop`, `countries` and graphql-core; knows nothing of queries and how they are run.
"""

from retail_sync.vendors.centra.sandbox.nodes.graph import Graph
from retail_sync.vendors.centra.sandbox.nodes.node import Node

__all__ = ["Graph", "Node"]
