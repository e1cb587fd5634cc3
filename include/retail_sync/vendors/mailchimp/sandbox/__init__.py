"""A server that behaves like Mailchimp's Marketing API 3.0, with an account that remembers and its traps.

`build(settings)` gives it. Written from the API's contract alone: may import only `sandbox.kit`, `sandbox.world` and
its own modules, nothing of the vendor's client side.
"""

from retail_sync.vendors.mailchimp.sandbox.server import build
from retail_sync.vendors.mailchimp.sandbox.settings import AudienceSetup, Settings

__all__ = ["AudienceSetup", "Settings", "build"]
