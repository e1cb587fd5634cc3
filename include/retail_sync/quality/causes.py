"""What of this room waits for a person, as statements that fill the table `wrong`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .catalogue import CATALOGUE

_RULES = """
    insert into wrong
    select 'rule.' || kept.rule,
           exceptions.source_name(kept.stream, kept.key, version.doc ->> 'number'),
           case kept.effect when 'hold_event' then 'Its mail is held back'
                            when 'hold_field' then 'A contact field of it stays empty'
                            else 'It is set aside' end
               || ', since this does not hold: ' || coalesce(known.description, kept.rule || '.')
               || coalesce(' Here: ' || kept.detail || '.', ''),
           kept.owner,
           coalesce(known.next_step, 'Look at the record at the source.')
      from quality.quarantine as kept
      left join unnest(%(rules)s::text[], %(descriptions)s::text[], %(next_steps)s::text[])
           as known (rule, description, next_step) using (rule)
      left join stage.version on version.version_id = kept.version_id
     where kept.pair = %(pair)s and kept.account = %(source)s and kept.effect <> 'exclude'
       and kept.released_at is null
"""

# One for each name, however many records carry it.
_ATTRIBUTES = """
    insert into wrong
    select 'rule.attribute_unused', 'attribute ' || name,
           'Customers carry it, and nothing in the pair''s mapping uses it.', owner, %(attribute_step)s
      from quality.unused_attribute
     where pair = %(pair)s
"""

# A correction has ended when another version than its own is the current one. Where that says what was corrected,
# nothing is lost.
_CORRECTIONS = """
    insert into wrong
    select 'correction.ended', exceptions.source_name(correction.stream, correction.key, version.doc ->> 'number'),
           'The source has changed it since it was corrected by hand, which has ended the correction of '
               || lost.paths || '.',
           correction.owner,
           'Look whether it is right now; else correct it again. `retail-sync quarantine uncorrect` closes the matter.'
      from stage.correction
      join stage.current using (account, stream, key)
      join stage.version on version.version_id = current.version_id
     cross join lateral (
           select string_agg(path, ', ' order by path) as paths
             from jsonb_each(correction.changes) as changed (path, to_be)
            where jsonb_path_query_first(version.doc, (to_be ->> 'found_at')::jsonpath)
                  is distinct from nullif(to_be -> 'value', 'null')) as lost
     where correction.account = %(source)s and current.version_id <> correction.version_id and lost.paths is not null
"""

CAUSES = (_RULES, _ATTRIBUTES, _CORRECTIONS)


def parameters() -> Mapping[str, Any]:
    """What the statements are told beside `pair` and `source`."""
    return {
        "rules": list(CATALOGUE),
        "descriptions": [rule.description for rule in CATALOGUE.values()],
        "next_steps": [rule.next_step for rule in CATALOGUE.values()],
        "attribute_step": CATALOGUE["attribute_unused"].next_step,
    }
