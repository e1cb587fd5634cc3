"""An independent judge: compares what the shop's books say with what the marketing platform's hold.

Reads only the two sandboxes' own state as plain JSON and imports nothing but the standard library, so that it can share
no mistake with the product. Written from the requirements.
"""
