"""click's commands, groups and options, whose texts are translated when they are shown, not when they are made."""

import gettext
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from ejsync.wording import N_, say

Callback = TypeVar("Callback", bound=Callable[..., Any])
_WHOLE = 1000
YES, NO = frozenset({"y", "yes", "д", "да"}), frozenset({"", "n", "no", "н", "нет"})
_WORDS = {
    "INTEGER": N_("NUMBER"),
    "TEXT": N_("TEXT"),
    "PATH": N_("PATH"),
    "FLOAT": N_("NUMBER"),
    "DIRECTORY": N_("DIR"),
}


def told(text: str | None) -> str | None:
    """Translate a text that may be absent; gettext answers the empty text with its header."""
    return gettext.gettext(text) if text else text


class _Told:
    """A command's help in the language of the moment, and its examples below."""

    examples: Sequence[str] = ()
    _help: str | None = None
    _metavar: str | None = None

    @property
    def help(self) -> str | None:
        """The help text, translated."""
        return told(self._help)

    @help.setter  # noqa: A003 - the name is click's
    def help(self, text: str | None) -> None:
        self._help = text

    @property
    def options_metavar(self) -> str | None:
        """What stands for the options in the usage line."""
        return say(N_("[OPTIONS]"))

    @options_metavar.setter
    def options_metavar(self, text: str | None) -> None:
        del text

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are typed."""
        del ctx
        if self.examples:
            with formatter.section(say(N_("Examples"))):
                formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in self.examples))


class Verb(_Told, click.Command):
    """One verb."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        self.examples = examples
        super().__init__(*args, **attributes)

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the whole first sentence: a list of verbs goes on below rather than cut it."""
        return super().get_short_help_str(max(limit, _WHOLE))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help` with its text in the language of the moment."""
        return retold(super().get_help_option(ctx))


class Verbs(_Told, click.Group):
    """A group of verbs, listed in the order they are needed."""

    command_class = Verb

    def __init__(self, *args: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        self.examples = examples
        super().__init__(*args, **attributes)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in their own order."""
        del ctx
        return list(self.commands)

    @property
    def subcommand_metavar(self) -> str:
        """What stands for the verb in the usage line."""
        return say(N_("COMMAND [ARGS]..."))

    @subcommand_metavar.setter
    def subcommand_metavar(self, text: str | None) -> None:
        del text

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the whole first sentence: a list of verbs goes on below rather than cut it."""
        return super().get_short_help_str(max(limit, _WHOLE))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help` with its text in the language of the moment."""
        return retold(super().get_help_option(ctx))


def retold(option: click.Option | None) -> click.Option | None:
    """Give click's own help option its text anew: click keeps the one of the first language it met."""
    if option is not None:
        option.help = gettext.gettext("Show this message and exit.")
    return option


class Opt(click.Option):
    """An option whose help and value name are translated when shown."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        """The help text, translated."""
        return told(self._help)

    @help.setter  # noqa: A003 - the name is click's
    def help(self, text: str | None) -> None:
        self._help = text

    def make_metavar(self, ctx: click.Context) -> str:
        """Name the value."""
        return worded(super().make_metavar(ctx))


class Arg(click.Argument):
    """An argument whose name is translated when shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Name the value."""
        name = super().make_metavar(ctx)
        bare = name.strip("[].")
        return name.replace(bare, worded(bare))


def worded(metavar: str) -> str:
    """Translate the name of a value."""
    return told(_WORDS.get(metavar, metavar)) or metavar


def option(*names: str, **attributes: Any) -> Callable[[Callback], Callback]:
    """Declare an option (`click.option` with our class)."""
    return click.option(*names, cls=Opt, **attributes)


def argument(*names: str, **attributes: Any) -> Callable[[Callback], Callback]:
    """Declare an argument (`click.argument` with our class)."""
    return click.argument(*names, cls=Arg, **attributes)


def as_json(command: Callback) -> Callback:
    """Add `--json`."""
    return option(
        "--json", "as_json", is_flag=True, help=N_("Print one JSON document to stdout and everything else to stderr.")
    )(command)


def of_school(command: Callback) -> Callback:
    """Add `--school`."""
    return option("--school", metavar=N_("NAME"), help=N_("Only this school; without it, every school."))(command)


def confirmed(command: Callback) -> Callback:
    """Add `--yes`."""
    return option("--yes", is_flag=True, help=N_("Ask nothing."))(command)


def on_terminal() -> bool:
    """Tell whether somebody sits at standard input."""
    return sys.stdin.isatty()


def confirm(question: str, *, yes: bool) -> bool:
    """Ask on a terminal before something that cannot be undone; where nobody can answer, `--yes` must say so.

    Raises:
        click.UsageError: there is no terminal and no `--yes`.
    """
    if yes:
        return True
    if not on_terminal():
        raise click.UsageError(say(N_("There is no terminal to ask on; add --yes.")))
    asked = f"{question} {say(N_('[y/N]'))}"
    agreed: bool = click.prompt(asked, default="", show_default=False, value_proc=_yes_or_no, err=True)
    return agreed


def _yes_or_no(answer: str) -> bool:
    """Understand both languages whichever is spoken; nothing typed is a no."""
    word = answer.strip().lower()
    if word not in YES | NO:
        raise click.BadParameter(say(N_("answer y or n")))
    return word in YES
