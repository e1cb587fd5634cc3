"""Operators: one for each step of the road."""
