# SPDX-License-Identifier: MIT
"""Options in Python's words, as the configuration has them."""
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
            line = tomli_w.dumps({"x": value}).strip()
            overrides.append(f"{prefix}{key}={line.split('=', 1)[1].strip()}")
    return overrides


def _without_none(tables):
    return {key: _without_none(value) if isinstance(value, dict) else value
            for key, value in tables.items() if value is not None}
