"""The commands there are and the options they all have; nothing here costs time to import."""

from __future__ import annotations

from kolbench.domain.lang import _


def commands() -> dict[str, tuple[str, str]]:
    """Name of a command to ``(module, one-line help)``, in the order in which help shows them.

    A module has ``configure(parser)``, which adds the command's arguments, and ``run(args)``, which returns
    the exit code.
    """
    return {
        "demo": ("kolbench.cli.demo", _("Try KOLbench on generated sample data")),
        "import": ("kolbench.cli.importing", _("Bring in files: tables of creators, posts, counts; chat archives")),
        "source": ("kolbench.cli.source", _("Say which platforms and files to read, and with which settings")),
        "sync": ("kolbench.cli.sync", _("Fetch what is new from your sources")),
        "listen": ("kolbench.cli.listen", _("Receive the orders that shops tell of by themselves")),
        "brief": ("kolbench.cli.brief", _("Say whom you look for and what counts; decide about candidates")),
        "candidates": ("kolbench.cli.candidates", _("List creators by score, with the reasons for it")),
        "leaderboard": ("kolbench.cli.leaderboard", _("List who influenced a community most in the last days")),
        "overlap": ("kolbench.cli.overlap", _("Compare audiences: whom creators share, reach together, and lack")),
        "queue": ("kolbench.cli.queue", _("List who to follow up with; mark as done, snooze, note")),
        "sequence": ("kolbench.cli.sequence", _("Say who is contacted when and how until they answer; enrol people")),
        "template": ("kolbench.cli.template", _("Write scripts in variants, and see how people answer each")),
        "agreement": ("kolbench.cli.agreement", _("Say what creators give and get, until when, and what they owe")),
        "rules": ("kolbench.cli.rules", _("Write the programme's rules: stages, grades, what is asked of everybody")),
        "violation": ("kolbench.cli.violation", _("Write down who broke which rule, with the evidence")),
        "sanction": ("kolbench.cli.sanction", _("Say what follows from a violation, alike for everybody")),
        "audit": ("kolbench.cli.audit", _("List like cases that were not treated alike, side by side")),
        "incentive": ("kolbench.cli.incentive", _("Give titles, gifts, cash and points; plan and propose them")),
        "campaign": ("kolbench.cli.campaign", _("Run campaigns: waves, codes, leaderboards, commissions, the review")),
        "export": ("kolbench.cli.export", _("Write a list to a CSV, JSON Lines or XLSX file")),
        "creator": ("kolbench.cli.creator", _("Keep the file of a person: show it, write on it, merge accounts")),
        "offer": ("kolbench.cli.offer", _("Say what you can give to creators who need it")),
        "forget": ("kolbench.cli.forget", _("Erase a person for good, and leave them out of what comes later")),
        "backup": ("kolbench.cli.backup", _("Copy the store to a file, also while it is in use")),
        "share": ("kolbench.cli.share", _("Let the members of a Unix group work on the store together")),
        "rebuild": ("kolbench.cli.rebuild", _("Work out all scores again from the data")),
        "doctor": ("kolbench.cli.doctor", _("Check the store, the terminal and the plugins, and say what to do")),
        "plugins": ("kolbench.cli.plugins", _("List the plugins, or check one that you write")),
        "adapter": ("kolbench.cli.adapter", _("Begin an adapter of your own for a platform")),
        "completion": ("kolbench.cli.completion", _("Print a shell's completion script")),
    }


def global_options() -> dict[str, tuple[str, str]]:
    """An option that may stand before or after any command to ``(what it takes, help)``."""
    return {
        "--store": ("PATH", _("the store to use (else KOLBENCH_STORE, else one in your data folder)")),
        "--lang": ("en|zh", _("the language (else KOLBENCH_LANG, else the locale's)")),
        "--plugin-dir": ("DIR", _("look for plugins in this folder too, like KOLBENCH_PLUGINS; may be given again")),
        "--debug": ("", _("show the traceback of a failure")),
        "--help": ("", _("show this help and exit")),
    }
