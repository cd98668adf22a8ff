"""Strangers: an answer that shows only pupils who were not asked for (fact sheet, section 1, “Who may read what”)."""

from ejsync.domain.windows import Page
from ejsync.errors import SourceStrangers
from ejsync.sources.eljur.mapping.tidy import Json, as_object, identity, keyed


def refuse_strangers(page: Page) -> Page:
    """Return a page in which somebody stands who was asked for, or nobody at all.

    Raises:
        SourceStrangers: there are pupils in it, and all of them are others: ElJur ignores an unknown `student`
            silently and answers with the account's own pupils.
    """
    shown = list(keyed(as_object(page.payload).get("students")))
    window = page.window
    if not window.pupils or not shown or any(_is_asked(pupil, held, window.pupils) for pupil, held in shown):
        return page
    raise SourceStrangers(account=window.account, method=window.method, asked=len(window.pupils), others=len(shown))


def _is_asked(pupil: str, held: Json, asked: tuple[str, ...]) -> bool:
    return pupil in asked and identity(held.get("name")) in (None, pupil)
