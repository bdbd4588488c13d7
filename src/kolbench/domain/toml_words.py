"""What is wrong with a text that is to be TOML, in the interface's language: where, and what is written there."""

from __future__ import annotations

import re

from kolbench.domain.lang import N_, _

_WHERE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)

_WHAT = {
    "Invalid value": N_("no value"),
    "Invalid statement": N_("neither a key nor a table"),
    "Expected newline or end of document after a statement": N_("something behind the value"),
    "Expected '=' after a key in a key/value pair": N_("no '=' behind the key"),
    "Expected ']' at the end of a table declaration": N_("no ']' behind the table's name"),
    "Expected ']]' at the end of an array declaration": N_("no ']]' behind the table's name"),
    "Invalid initial character for a key part": N_("no key"),
    "Cannot overwrite a value": N_("a key that was there before"),
    "Unclosed array": N_("a list without an end"),
    "Unclosed inline table": N_("a table without an end"),
    "Unterminated string": N_("a text without its closing quote"),
    "Unescaped '\\' in a string": N_("a '\\' that has to be doubled"),
    "Invalid date or datetime": N_("no date that there is"),
}
"""What the parser says most often; whatever else it says stays as it is."""


def mistake(error: Exception) -> str:
    """What the parser's ``error`` says."""
    found = _WHERE.fullmatch(str(error))
    if found is None:
        return str(error)
    what = _(_WHAT[found["what"]]) if found["what"] in _WHAT else found["what"]
    if found["line"] is None:
        return _("at its end: {what}").format(what=what)
    return _("line {line}, column {column}: {what}").format(line=found["line"], column=found["column"], what=what)
