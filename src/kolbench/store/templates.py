"""Scripts (话术) as kept: templates with variants to compare; a changed text is a version, and the old one stays."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import naming
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

LANGUAGES = ("zh", "en")
"""Suggestions for a variant's language; any other code will do."""

_VARIANT = "v.id, template_id, template.name, label, version, language, text, v.author, v.at, v.retired_at"


class Template(NamedTuple):
    """A script under its name, and how many variants of it are in use. Moments are ms."""

    id: int
    name: str
    author: str
    at: int
    retired_at: int | None
    variants: int


class Variant(NamedTuple):
    """One wording of a template, ``A``, ``B`` and so on; each change of its text is another version."""

    id: int
    template_id: int
    template: str
    label: str
    version: int
    language: str
    text: str
    author: str
    at: int
    retired_at: int | None


def listed(store: Store, *, retired: bool = False) -> list[Template]:
    """The templates in use, by name; or those that were retired."""
    rows = store.reader().execute(
        "SELECT id, name, author, at, retired_at, (SELECT count(*) FROM template_variant"
        f" WHERE template_id = template.id AND retired_at IS NULL) FROM template"
        f" WHERE retired_at IS {'NOT ' if retired else ''}NULL ORDER BY name, id"
    )
    return list(map(Template._make, rows.fetchall()))


def find(store: Store, text: str) -> int:
    """The template of that name or number, or the only one with ``text`` in its name. Raises UsageError."""
    if (known := named(store, text.strip())) is not None:
        return known.id
    every = store.reader().execute("SELECT id, name FROM template ORDER BY retired_at IS NOT NULL, id").fetchall()
    return naming.meant(
        text,
        every,
        none=_("There is no template yet. Write one: kolbench template add NAME --text TEXT"),
        which=_("Which template do you mean? {names}"),
        unknown=_("There is no template '{text}'. Templates: {names}"),
    )


def named(store: Store, name: str) -> Template | None:
    """The template in use that is called exactly so, whatever the case; None when there is none."""
    return next((one for one in listed(store) if fold(one.name) == fold(name)), None)


def variants(store: Store, template_id: int, *, retired: bool = False) -> list[Variant]:
    """The variants of a template in use, in the order of their labels; with ``retired``, every version there was."""
    where = "" if retired else " AND v.retired_at IS NULL AND template.retired_at IS NULL"
    return _variants(store.reader(), f"template_id = ?{where} ORDER BY label, version", template_id)


def variant(store: Store, variant_id: int) -> Variant:
    """One version of a variant. Raises UsageError when there is none of that number."""
    found = _variants(store.reader(), "v.id = ?", variant_id)
    if not found:
        raise UsageError(_("There is no variant {id}.").format(id=variant_id))
    return found[0]


def add(store: Store, name: str, text: str, language: str, author: str, label: str | None = None) -> int:
    """Keep a variant of the template ``name``, which is made if there is none; returns the variant's id.

    Its label is the next free letter unless told. Raises UsageError for an empty name, language or text, and when
    there is a variant of that label.
    """
    name, language = clean_line(name, 80), _language(language)
    if not name:
        raise UsageError(_("Give the template a name."))
    _require_text(text)
    with changes.act(store, author, "template") as act:
        known = act.db.execute("SELECT id, name FROM template WHERE retired_at IS NULL").fetchall()
        same = [row[0] for row in known if fold(row[1]) == fold(name)]
        template_id = same[0] if same else act.insert("template", name=name, author=author, at=act.at)
        labels = act.db.execute(
            "SELECT label, min(retired_at IS NOT NULL) FROM template_variant WHERE template_id = ? GROUP BY label",
            (template_id,),
        )
        taken = dict(labels.fetchall())
        if label is not None and taken.get(clean_line(label, 20)) == 0:
            text = _("There is a variant {label} of '{name}' already: edit that one, or leave the label out.")
            raise UsageError(text.format(label=label, name=name))
        chosen = clean_line(label or "", 20) or next(one for n in count() if (one := _letters(n)) not in taken)
        return _insert(act, template_id, chosen, language, text)


def edit(store: Store, variant_id: int, text: str, author: str, language: str | None = None) -> int:
    """Give a variant another text, or language; returns the id of what is in force now.

    What has been sent keeps the version it was. Raises UsageError for an empty text, and when the variant has been
    changed or retired meanwhile.
    """
    _require_text(text)
    with changes.act(store, author, "template") as act:
        known = _variants(act.db, "v.id = ?", variant_id)[0]
        if known.retired_at is not None:
            raise UsageError(
                _("Variant {label} of '{name}' has been changed or retired meanwhile: look at it first.").format(
                    label=known.label, name=known.template
                )
            )
        language = known.language if language is None else _language(language)
        if (known.text, known.language) == (text, language):
            return variant_id
        act.update("template_variant", variant_id, retired_at=act.at)
        return _insert(act, known.template_id, known.label, language, text)


def retire(store: Store, template_id: int, author: str, label: str | None = None) -> int:
    """Choose a template, or one variant of it, no more; returns how many variants that are.

    Raises UsageError where none is in use. Figures of what was sent stay.
    """
    with changes.act(store, author, "template") as act:
        rows = act.db.execute(
            "SELECT id, label FROM template_variant WHERE template_id = ? AND retired_at IS NULL", (template_id,)
        ).fetchall()
        found = [id_ for id_, known in rows if label is None or fold(known) == fold(label)]
        if not found:
            raise UsageError(_("No such variant of it is in use."))
        act.update_all("template_variant", found, retired_at=act.at)
        if len(found) == len(rows):
            act.update("template", template_id, retired_at=act.at)
    return len(found)


def uses(store: Store, template_ids: Sequence[int]) -> dict[int, int]:
    """How often each variant of these templates was sent: variant's id to contacts, those never sent left out."""
    marks = ", ".join("?" * len(template_ids))
    rows = store.reader().execute(
        "SELECT variant_id, count(*) FROM touchpoint WHERE direction = 'out' AND variant_id IN"
        f" (SELECT id FROM template_variant WHERE template_id IN ({marks})) GROUP BY variant_id",
        list(template_ids),
    )
    return dict(rows.fetchall())


def _insert(act: Act, template_id: int, label: str, language: str, text: str) -> int:
    (version,) = act.db.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM template_variant WHERE template_id = ? AND label = ?",
        (template_id, label),
    ).fetchone()
    facts = {"template_id": template_id, "label": label, "version": version, "language": language, "text": text}
    return act.insert("template_variant", **facts, author=act.author, at=act.at)


def _variants(db: sqlite3.Connection, where: str, *values: object) -> list[Variant]:
    rows = db.execute(
        f"SELECT {_VARIANT} FROM template_variant AS v JOIN template ON template.id = template_id WHERE {where}", values
    )
    return list(map(Variant._make, rows.fetchall()))


def _letters(n: int) -> str:
    """A, B, … Z, AA, AB, …: as columns of a sheet are counted."""
    name = ""
    while n >= 0:
        name, n = chr(ord("A") + n % 26) + name, n // 26 - 1
    return name


def _language(text: str) -> str:
    if not (language := clean_line(text, 20).lower()):
        raise UsageError(_("Say in which language it is: zh, en, …"))
    return language


def _require_text(text: str) -> None:
    if not text.strip():
        raise UsageError(_("The script is empty."))
