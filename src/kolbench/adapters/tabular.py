"""The tabular adapter: CSV, TSV, JSON Lines and XLSX tables of accounts, posts, counts over time, or edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kolbench.adapters.protocol import Page, Pull, RateLimit, Setting
from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_

if TYPE_CHECKING:
    from kolbench.adapters.tables.pages import Preview

SETTINGS = (
    Setting("path", N_("the file: CSV, TSV, JSON Lines (also .gz) or XLSX"), required=True, example="fans.csv"),
    Setting("platform", N_("the platform its accounts are on"), required=True, example="douyin"),
    Setting("map", N_("columns to roles, over the proposal; an empty role ignores"), example="粉丝数=followers,备注="),
    Setting("profile", N_("what is known of the tool that made it, or none"), default="auto", example="newrank-wechat"),
    Setting(
        "kind", N_("what its rows are: accounts, posts, snapshots, edges; of a campaign conversions …"), default="auto"
    ),
    Setting("campaign", N_("whose participants, referrals, clicks, conversions or refunds these are"), example="Tea"),
    Setting("currency", N_("of the amounts, if no column says"), example="CNY"),
    Setting("only", N_("read only the rows with this value in a column"), example="status=PAID"),
    Setting("encoding", N_("of the text"), default="auto", example="gb18030"),
    Setting("delimiter", N_("between the cells: one character, tab or space"), default="auto", example=";"),
    Setting("header", N_("whether a row names the columns: yes, no"), default="auto"),
    Setting("sheet", N_("of the workbook: its name or number"), default="1"),
    Setting("as_of", N_("when the counts were true, if no column says"), example="2026-05-04"),
    Setting(
        "timezone",
        N_("of times that name none: the profile's or the campaign's, else UTC"),
        default="auto",
        example="Asia/Shanghai",
    ),
    Setting("date_order", N_("of dates like 5/4/2026: dmy or mdy"), example="dmy"),
    Setting("account", N_("whose counts or posts these are, if no column says"), example="@handle"),
    Setting("directed", N_("no: an edge is a friendship of both"), default="yes"),
)


class Tabular:
    """Reads one file of operators' data. It has one feed, ``profiles``, whatever its rows are about.

    The cursor holds the file's fingerprint and the rows read: an unchanged file that was read to its end yields
    nothing, a changed one (or another mapping) starts over. A file is read whole: ``Pull.since`` is no matter.
    """

    name = "tabular"
    title = N_("Tables: CSV, TSV, JSON Lines, XLSX")
    platform = ""
    feeds: tuple[str, ...] = ("profiles",)
    settings: tuple[Setting, ...] = SETTINGS
    limits: RateLimit | None = None

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the file's records in pages of at most 1,000.

        Raises UsageError when the file or its mapping can't be used, SourceError when it is damaged: the rows
        before the damage have been yielded by then.
        """
        from kolbench.adapters.tables.pages import read

        return read(pull)

    def recognise(self, path: str) -> float:
        """How sure the mapping is that it would propose for the file at ``path``; 0 when it is no table.

        Half as sure of one without counts: it could be an archive of messages, say.
        """
        from kolbench.adapters.tables.columns import is_metric

        try:
            proposal = preview({"path": path}).proposal
        except KolbenchError:
            return 0.0
        counts = proposal.mapping.kind == "edges" or any(is_metric(column.role) for column in proposal.mapping.used)
        return proposal.confidence if counts else proposal.confidence / 2


def preview(settings: Mapping[str, str]) -> Preview:
    """The mapping that ``Tabular`` proposes for a file, and what its first rows become; nothing is imported.

    Raises UsageError for a file or a setting that makes no sense, SourceError for a damaged file.
    """
    from kolbench.adapters.tables import pages

    return pages.preview(settings)


def platform_of(path: str) -> str:
    """The platform that the file's accounts are on, where a profile fits it and says so; else empty. Raises nothing."""
    from kolbench.adapters.tables import pages

    return pages.platform_of(path)


def fingerprint(path: str) -> str:
    """The SHA-256 of a file's bytes, by which it is known again. Raises UsageError when it can't be read."""
    from kolbench.adapters.tables import files

    return files.fingerprint(path)
