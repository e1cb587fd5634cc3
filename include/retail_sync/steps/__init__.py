"""The road, one function a step: what operators and the command line call.

May import every room below it; knows nothing of Airflow.
"""
