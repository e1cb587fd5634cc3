"""What texts of certain field types must look like, in the regular expressions that Python and Postgres share."""

from __future__ import annotations

import re

#: By field type, what the whole text must match. `zip` is that of the United States. ASSUMED, like all of these: the
#: documentation names the types and not what they refuse.
FORMS = {
    "number": r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?",
    "url": r"https?://[^ /]+[^ ]*",
    "imageurl": r"https?://[^ /]+[^ ]*",
    "zip": r"[0-9]{5}",
}
_COMPILED = {kind: re.compile(form) for kind, form in FORMS.items()}


def fits(kind: str, text: str) -> bool:
    """Whether a field of that type takes the text."""
    form = _COMPILED.get(kind)
    return form is None or form.fullmatch(text) is not None
