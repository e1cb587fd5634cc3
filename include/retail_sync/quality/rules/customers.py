"""Rules about customers and what is known of them."""

from __future__ import annotations

from retail_sync.quality.rule import Rule

from .every import EMAIL, refused_address, repeated

CUSTOMERS = (
    repeated("customers", "customer"),
    Rule(
        id="customer_email",
        stream="customers",
        owner="cx",
        effect="hold_record",
        description="A customer has an e-mail address that can be written to, unless the shop has erased who it was.",
        next_step="Correct the address at the source.",
        fails=f"anonymised is not true and (email is null or email !~ '{EMAIL}')",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "email", "regex": EMAIL},
        detail="case when email <> '' then 'malformed' else 'missing' end",
        threshold=0.2,
    ),
    refused_address("customers", "customer", "a customer"),
    Rule(
        id="customer_consent",
        stream="customers",
        owner="marketing",
        effect="warn",
        description="A customer record says yes or no to marketing. Where it is silent, nobody is subscribed.",
        next_step="Find out why the source has no consent for this customer; it is never guessed.",
        fails="opted_in is null",
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": "opted_in"},
    ),
    Rule(
        id="customer_field_unfit",
        stream="customers",
        owner="marketing",
        effect="hold_field",
        description="What a customer's record says fits the contact fields that it fills: their types, forms, choices.",
        next_step="Correct the value at the source, or change the field's type or choices in the mapping.",
        fails="fields_unfit is not null",
        expectation="ExpectColumnValuesToBeNull",
        arguments={"column": "fields_unfit"},
        detail="fields_unfit",
        threshold=0.5,
    ),
    Rule(
        id="customer_field_cut",
        stream="customers",
        owner="marketing",
        effect="warn",
        description="What a customer's record says can be sent as it is: no longer than its field, and clean.",
        next_step="Nothing: it is cut, or cleaned of what may not stand in a mail. Else shorten it at the source.",
        fails="fields_cut is not null",
        expectation="ExpectColumnValuesToBeNull",
        arguments={"column": "fields_cut"},
        detail="fields_cut",
    ),
)

ATTRIBUTES = (
    Rule(
        id="attribute_unused",
        stream="attributes",
        owner="marketing",
        effect="warn",
        description="Every attribute that customers carry is used by the pair's mapping, or left out on purpose.",
        next_step="Map it under mapping.fields, or list it under mapping.unused_attributes.",
        fails="not is_used",
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": "is_used", "value_set": [True]},
        detail="'on ' || customers || ' customers'",
    ),
)
