"""What a forecast means, said in words for a family. Pure."""

from typing import Any

from ejsync.wording import N_, say, say_count


def meaning(row: Any) -> str:
    """Say what a forecast means for a pupil and what further marks would change."""
    if row["state"] == "assigned":
        return say(N_("The final mark is set."))
    if row["scale"] == "none":
        return say(N_("The first year is taught without marks."))
    if row["state"] == "not_scaled":
        return say(N_("This subject is marked by credits or points: no mean is taken."))
    if row["state"] == "unmarked":
        return say(N_("There are no marks that count yet."))
    return " ".join(filter(None, [_settled(row), *map(_higher, row["needed"]), _lower(row)]))


def _settled(row: Any) -> str:
    if row["settled"]:
        return say(N_("Further marks can hardly change it."))
    return "" if any(target["fives"] for target in row["needed"]) or row["lowering_twos"] else say(N_("Still open."))


def _higher(target: Any) -> str:
    if target["fives"] is None:
        return ""
    return say_count(
        "{count} more five makes it a {result}.", "{count} more fives make it a {result}.", target["fives"],
        result=target["result"],
    )  # fmt: skip


def _lower(row: Any) -> str:
    if row["lowering_twos"] is None:
        return ""
    return say_count("{count} two lowers it.", "{count} twos in a row lower it.", row["lowering_twos"])
