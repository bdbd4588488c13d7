"""Group-chat archives: who said what in which room, and whom they addressed and thanked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.columns import stated
from kolbench.adapters.chats.people import bots_named
from kolbench.adapters.chats.rowwise import RowwiseChat
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.columns import is_metric
from kolbench.adapters.tables.options import parse_options
from kolbench.adapters.tables.pages import preview
from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_

SUFFIXES = (".tsv", ".csv", ".txt", ".tsv.gz", ".csv.gz", ".txt.gz")
"""Which files of a folder are archives."""


class ChatArchive:
    """Reads delimited archives of group chats into rooms, people, messages and interactions.

    A message makes its sender a member of the room from the first to the last one, so that there are no
    records of membership. Each page names the senders of its messages as they were called at the newest of
    them: being dated, the newest name wins in whatever order an archive runs.

    People's words give ``reply``, ``mention`` and ``thank`` (see ``addressing``); points that a room's bot
    announces give ``brownie``, done by the giver and not by the bot. The two stay apart, since the one can be
    judged by the other. A bot is whoever the setting ``bots`` names, and whoever announces points under a
    handle that ends in "bot"; its messages are kept, but address nobody.
    """

    name = "chat-archive"
    title = N_("group-chat archives: CSV or TSV with a message in each row, such as Gitter rooms")
    platform = ""
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an archive, a folder of archives, or a pattern"), required=True, example="rooms/*.tsv"),
        Setting("platform", N_("the platform the rooms are on"), required=True, example="gitter"),
        Setting("bots", N_("handles of bots, separated by commas"), example="camperbot"),
        Setting("columns", N_("what they hold, in order, if no header tells"), example="sent_at,user_id,name,-,text"),
        Setting("header", N_("whether a row names the columns: yes, no"), default="auto"),
        Setting("delimiter", N_("between the cells: one character, tab or space"), default="auto", example=";"),
        Setting("encoding", N_("of the text"), default="auto", example="gb18030"),
        Setting("timezone", N_("of times that name none"), default="UTC", example="Asia/Shanghai"),
        Setting("date_order", N_("of dates like 5/4/2026: dmy or mdy"), example="dmy"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

        Raises UsageError for a setting that makes no sense, and the first file's error when none can be read.
        """
        options = parse_options(pull.settings)
        columns = stated(pull.settings.get("columns", ""))
        bots = bots_named(pull)

        def open_chat(file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]) -> RowwiseChat:
            return RowwiseChat(file, options, columns, reject, warn)

        return pages(pull, files_of(options.path, SUFFIXES), open_chat, bots)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an archive, or a folder of them: by the header or order of the first.

        Not so sure when columns count something: then it is rather a table of posts.
        """
        try:
            first = str(files_of(path, SUFFIXES)[0])
            RowwiseChat(Path(first), parse_options({"path": first}), (), lambda row: None, lambda text: None)
            counted = any(is_metric(column.role) for column in preview({"path": first}).proposal.mapping.used)
        except KolbenchError:
            return 0.0
        return 0.4 if counted else 0.9
