# SPDX-License-Identifier: MIT
"""Options in Python's words, as the configuration has them."""
import json

import tomli_w


def to_toml(tables):
    """A dictionary of values and tables as TOML; keys whose value is None are left out."""
    return tomli_w.dumps(_without_none(tables))


def to_overrides(tables, prefix=""):
    """The same as a list of "key.key=value", as --set takes them."""
    overrides = []
    for key, value in _without_none(tables).items():
        if isinstance(value, dict):
            overrides += to_overrides(value, f"{prefix}{key}.")
        else:
            overrides.append(f"{prefix}{key}={to_inline(value)}")
    return overrides


def to_inline(value):
    """A value on one line: TOML's are JSON's but for tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {to_inline(item)}"
                               for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_inline(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _without_none(tables):
    return {key: _without_none(value) if isinstance(value, dict) else value
            for key, value in tables.items() if value is not None}
