"""`system/export-definition/{id}`: runs an installed definition; and where definitions are installed."""

from __future__ import annotations

import msgspec

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.orderwise.sandbox.definitions import BadParametersError, Definitions, read_parameters
from retail_sync.vendors.orderwise.sandbox.dialect import RefusedDefinitionError
from retail_sync.vendors.orderwise.sandbox.replies import listed, refused
from retail_sync.vendors.orderwise.sandbox.settings import Settings
from retail_sync.vendors.orderwise.sandbox.traps import Traps


class Exports:
    """Answers for the definitions.

    Args:
        settings: The installation's.
        definitions: What is installed.
        traps: What may go wrong.
    """

    def __init__(self, settings: Settings, definitions: Definitions, traps: Traps) -> None:
        self._settings, self._definitions, self._traps = settings, definitions, traps

    def name(self, request: Request) -> str:
        """What log and faults call an export: by its file's name where it has one, else by its number."""
        definition = self._definitions.find(_number(request))
        return f"export {definition.name or definition.id}" if definition else "export unknown"

    def run(self, request: Request) -> Response:
        """All rows in one answer; paging is the definition's own affair."""
        definition = self._definitions.find(_number(request))
        if definition is None:
            return refused("The export definition does not exist.", 404)
        self._traps.before_export(request.endpoint)
        try:
            given = read_parameters(request.json())
            rows = self._definitions.run(definition, given, self._traps.renamed(request.endpoint))
        except msgspec.DecodeError:
            return refused("An array of parameters is expected.", 400)
        except BadParametersError as error:
            return refused(str(error), 400)
        return listed(self._traps.after_export(request.endpoint, rows), self._settings)

    def listing(self, _: Request) -> Response:
        """What is installed, as the grid in OrderWise shows it to a person; not part of the API."""
        return reply(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "parameters": sorted(f"@{name}" for name in one.translated.parameters),
                    "sql": one.text,
                }
                for one in self._definitions.listed()
            ]
        )

    def install(self, request: Request) -> Response:
        """Install definitions as a person does in OrderWise: texts by number, null to remove; not part of the API."""
        try:
            texts = msgspec.json.decode(request.body, type=dict[int, str | None])
            for number, text in texts.items():
                if text is None:
                    self._definitions.remove(number)
                else:
                    self._definitions.install(number, text)
        except (msgspec.DecodeError, RefusedDefinitionError) as error:
            return refused(str(error), 400)
        return self.listing(request)


def _number(request: Request) -> int:
    text = request.params["id"]
    return int(text) if text.isdecimal() else 0
