"""Is a value in the `;` list of a tag, and how does it get in and out? The rest stays as it is."""

from __future__ import annotations

from collections.abc import Mapping


def has_value(tags: Mapping[str, str], key: str, value: str) -> bool:
    """Return whether a key holds a value, alone or in a list."""
    text = tags.get(key)
    if text is None or text == value:  # Nearly always, of millions.
        return text is not None
    return value in (item.strip() for item in text.split(";"))


def take_out_value(tags: dict[str, str], key: str, value: str) -> None:
    """Take a value out of a key's list; a key that holds nothing else goes."""
    kept = [item for item in tags[key].split(";") if item.strip() != value]
    if kept:
        tags[key] = ";".join(kept)
    else:
        del tags[key]


def put_in_value(tags: dict[str, str], key: str, value: str) -> None:
    """Put a value at the end of a key's list, unless it is there."""
    if not has_value(tags, key, value):
        tags[key] = f"{tags[key]};{value}" if tags.get(key, "").strip() else value
