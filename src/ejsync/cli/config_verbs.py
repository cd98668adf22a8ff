"""`config`: the settings in effect, and everything that is wrong with them."""

from typing import Any

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.speaking import Verbs, as_json
from ejsync.wording import N_, say

group = Verbs(
    "config",
    help=N_("Show the settings in effect, or name what is wrong with them."),
    examples=("ejsync config validate", "ejsync config show --json"),
)


@group.command(
    "show",
    help=N_("Show the settings in effect: file, environment and defaults; secrets by reference only."),
    examples=("ejsync config show", "ejsync --config /etc/ejsync/ejsync.toml config show --json"),
)
@as_json
@pass_desk
def show(desk: Desk, *, as_json: bool) -> None:
    """Print the settings; secrets are references and never values."""
    settings = desk.settings().model_dump(mode="json")
    if as_json:
        showing.document(settings)
        return
    showing.table([say(N_("Key")), say(N_("Value"))], list(_flat(settings, "")))


def _flat(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [row for name, inner in value.items() for row in _flat(inner, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [row for number, inner in enumerate(value, 1) for row in _flat(inner, f"{path}[{_name(inner, number)}]")]
    return [(path, "-" if value is None else str(value))]


def _name(entry: Any, number: int) -> str:
    return str(entry.get("name", f"#{number}")) if isinstance(entry, dict) else f"#{number}"


@group.command(
    "validate",
    help=N_("Check file, environment and secrets, and name every fault at once."),
    examples=("ejsync config validate", "ejsync config validate --json"),
)
@as_json
@pass_desk
def validate(desk: Desk, *, as_json: bool) -> None:
    """Load everything, secrets and the master key included."""
    from ejsync.bootstrap import master_key
    from ejsync.settings import chosen_file

    settings = desk.settings(reveal=True)
    master_key(settings)
    file, schools = chosen_file(desk.config), [school.name for school in settings.schools]
    if as_json:
        showing.document({"ok": True, "file": file, "schools": schools, "faults": []})
        return
    showing.line(say(N_("{file} is well. Schools: {schools}."), file=file, schools=", ".join(schools)))
    showing.line(say(N_("→ ejsync doctor")))
