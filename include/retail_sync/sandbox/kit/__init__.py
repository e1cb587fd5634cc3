"""What every vendor's sandbox shares: a small fast server with control endpoints, faults, a log and a clock.

A vendor writes a `Shop` (its own books) and routes, and exports `build(settings) -> SandboxApp` from
`retail_sync.vendors.<system>.sandbox`:

    def build(settings: Mapping[str, Any]) -> SandboxApp:
        shop = Books(settings)                       # apply(event), state(), reset()
        app = SandboxApp(
            "mailchimp", shop,
            [
                Route("GET", "/3.0/lists/{list_id}", shop.read_list, "list"),
                Route("PUT", "/3.0/lists/{list_id}/members/{member}", shop.put_member, "member", write=True),
                Route("POST", "/graphql", shop.graphql, operation_of, write=is_mutation),
            ],
            connection=lambda url: {"conn_type": "mailchimp", "host": url, "password": "key-us1"},
            before=shop.authenticate,                # Request -> Response to refuse, None to go on
        )
        shop.now = app.clock.now
        return app

Handlers take a `Request` and give a `Response` (`reply(value, status)` encodes JSON; `Decimal` becomes a number).
A plain handler runs on the server's only thread while holding `app.lock`: keep it short. An `async` handler runs
without the lock and takes it where it needs it. A path part `{name}` matches one segment, percent-decoded, and is
`request.params["name"]`; a literal segment wins over a placeholder.

`endpoint` names a route in log and faults; as a function it is asked before faults and handler. `write` says which
requests change state or try to; a handler may correct `request.endpoint` and `request.write` for the log.
`app.call(request, count=True)` runs a route from inside (an operation of a batch), without faults and `before`.

Every request passes: routing, `endpoint`/`write`, latency, faults, `before`, handler, log. `app.in_flight` counts the
requests that are being answered, for limits on simultaneous connections; a `latency` in seconds makes them overlap.

Control endpoints, outside of faults and log, all speaking JSON:

- `GET /_sandbox/health`: `{"sandbox": name, "conn_id": "<name>_default", "connection": {...}}`.
- `GET /_sandbox/state`: what `Shop.state()` gives; amounts as strings.
- `GET /_sandbox/log`: `{"requests": n, "writes": n, "by_endpoint": {name: {"requests": n, "writes": n}}, "by_status":
  {"200": n}, "faults": n, "peak_in_flight": n, "crashed": [...]}`; `POST /_sandbox/log/reset` starts it afresh.
- `POST /_sandbox/events`: a list of world events; each goes to `Shop.apply` in order, but for `TimeSkipped`, which
  concerns only the world. `GET /_sandbox/events` gives all that were applied since the last reset (410 when there were
  more than `diary` events), so that the world can go on.
- `POST /_sandbox/faults`: one fault or a list, see `faults.Fault`; `GET` lists, `DELETE` clears them;
  `GET /_sandbox/faults/known` tells in a line each which there are.
- `POST /_sandbox/clock`: `{"now": "<ISO time>"}` stands still, `{"offset": seconds}` runs shifted, `{}` is real;
  `GET` reads it.
- `POST /_sandbox/reset`: shop, diary, log, faults and clock as at the start.
- `POST /_sandbox/snapshots/{name}`: keeps shop, diary and log, in memory; `POST /_sandbox/snapshots/{name}/put_back`
  makes them what they were, without faults. For shops that say what of them is no books, see `snapshots`; 422 from
  others.

May import only the standard library, msgspec and `sandbox.world.events`.
"""

from retail_sync.sandbox.kit.app import SandboxApp
from retail_sync.sandbox.kit.clock import SandboxClock
from retail_sync.sandbox.kit.control import Shop, decode_events, encode_events
from retail_sync.sandbox.kit.faults import Fault, Faults
from retail_sync.sandbox.kit.log import RequestLog
from retail_sync.sandbox.kit.messages import Request, Response, reply
from retail_sync.sandbox.kit.routes import Route, RouteTable

__all__ = [
    "Fault",
    "Faults",
    "Request",
    "RequestLog",
    "Response",
    "Route",
    "RouteTable",
    "SandboxApp",
    "SandboxClock",
    "Shop",
    "decode_events",
    "encode_events",
    "reply",
]
