"""What vendors' ends must stand. Suites that subclasses run are told apart from tests, so their asserts are named."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{name}"
        for name in (
            "destination_consent",
            "destination_delivery",
            "destination_faults",
            "destination_reading",
            "destination_shop",
            "destination_suite",
            "destination_worth",
            "source_conformance",
        )
    )
)
