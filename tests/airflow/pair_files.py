"""Folders of pair files for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from retail_sync.operate.house import ROOT
from retail_sync.pairs.files import read_all
from retail_sync.sandbox.host import in_a_hurry

PAIR = "centra_to_mailchimp"
OPERATIONS = "operations@shop.test"


def write_pair(folder: Path, name: str = PAIR, **parts: dict[str, Any]) -> Path:
    """Write the product's own pair file under a name, each part's keys over what is there; gives its folder."""
    content = yaml.safe_load((ROOT / "include" / "pairs" / f"{PAIR}.yaml").read_text(encoding="utf-8"))
    content["pair"] = name
    for part, keys in parts.items():
        content[part] = {**content.get(part, {}), **keys}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def write_hurried(folder: Path) -> Path:
    """Write every pair file of the product, but that it asks sandboxes as fast as they can answer; gives its folder."""
    folder.mkdir(exist_ok=True)
    pairs, _ = read_all(ROOT / "include" / "pairs")
    for pair in pairs:
        content = pair.model_dump(mode="json", by_alias=True)
        for end in (content["source"], content["destination"]):
            end["settings"] |= in_a_hurry(end["system"])
        (folder / f"{pair.pair}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder
