"""What must be true of any world: a plain model of truth, consents and the diary's account.

It shares no code with the flow. It knows what families were allowed to know at each moment (`permitted`), and holds
against it every batch, every effect, every pause, and in the end what the diary shows. What the diary shows of a key
must walk through that key's history in one direction: never a word that was not true, never back to an older one,
never a retraction of what was always true.
"""

from collections import Counter

GRACE_S = 120.0  # between the asking of a consent and the last byte of a request: a token may have to be fetched
PAUSE_S = 0.3
DAY_S = 86_400.0
PERSONAL = {"pupil", "mark", "absence", "final_mark"}
DERIVED = {"forecast", "lesson_statistics", "final_state", "recommendation"}


class Oracle:
    """The model of one world; `findings` are the broken promises, empty for a sound service."""

    def __init__(self):
        self.findings, self.records = [], 0
        self.history, self.place, self.versions = {}, {}, {}
        self.consents, self.ended, self.turned = {}, {}, {}
        self.permitted, self.landed, self.shown = {}, {}, {}
        self.excused, self.lost, self.slow, self.unsettled = set(), set(), set(), {}
        self.final_since, self.sent = {}, Counter()
        self._asked_at, self._wait_until, self._last = {}, {}, ("", set())
        self.arrived, self.ahead = {}, set()
        self.doubled, self.paced = 0, True

    def finds(self, sentence):
        """Note a broken promise once."""
        if sentence not in self.findings:
            self.findings.append(sentence)

    # -- what is true and permitted ---------------------------------------------------------------------------------

    def decides(self, pupil, first, last, *, granted=True):
        """A family decides: from the first to the last day (None: until withdrawn)."""
        self.consents[pupil] = (first, last) if granted else None

    def allows(self, pupil, day):
        """Tell whether what is a pupil's may leave on a day."""
        found = self.consents.get(pupil)
        return found is not None and found[0] <= day and (found[1] is None or day <= found[1])

    def observe(self, truth, day, at):
        """Take down what is true from this moment on, and what of it families may know."""
        for pupil in self.consents:
            if self.allows(pupil, day):
                self.ended.pop(pupil, None)
            else:
                self.ended.setdefault(pupil, at)
                self.turned[pupil] = at
        for name in self.history.keys() - truth.keys():
            self._is(name, None, day, at)
        for name, word in truth.items():
            known = self.history.setdefault(name, [None])
            self._is(name, known[-1] if word is None else word, day, at)

    def _is(self, name, word, day, at):
        known = self.history[name]
        if known[-1] != word:
            known.append(word)
        permitted = word if name[0] not in PERSONAL or self.allows(name[1].split("/")[0], day) else None
        if self.permitted.get(name) != permitted:
            self.permitted[name] = permitted
            if name[0] == "final_mark":
                self._owe(name, permitted, at)

    def _owe(self, name, word, at):
        """Let the 24 hours of a final mark run from its first change that has not arrived."""
        if word is None or word == self.shown.get(name):
            self.final_since.pop(name, None)
        else:
            self.final_since.setdefault(name, at)

    def owed(self):
        """Return the final marks that are on their way, save those that wait for a person's decision."""
        return self.final_since.keys() - self.slow - self.excused

    # -- what travels -----------------------------------------------------------------------------------------------

    def asks(self, host, at):
        """A request leaves: not sooner than asked, not faster than agreed."""
        if at < self._wait_until.get(host, 0.0) - 1.0 and (self.paced or host == "ed"):
            self.finds(f"{host} was asked {self._wait_until[host] - at:.0f} s before it wanted to be")
        last = self._asked_at.get(host)
        if host == "journal" and last is not None and self.paced and at - last < PAUSE_S - 0.001:
            self.finds("two requests to the journal were closer than its pause")
        self._asked_at[host] = at

    def asked_to_wait(self, host, at, seconds):
        """A host asks to be left alone for some seconds."""
        self._wait_until[host] = max(self._wait_until.get(host, 0.0), at + seconds)

    def forgets_pace(self, *hosts):
        """The clock was moved or the process died: who keeps no account over that is not held to it."""
        for host in hosts:
            self._asked_at.pop(host, None)
            self._wait_until.pop(host, None)

    def batch(self, key, items, mark, at):
        """A batch arrives at the diary, whole."""
        self.sent[mark] += 1
        names = {(item["kind"], item["key"], item["version"]) for item in items}
        for item in items:
            pupil = item["data"].get("pupil") if item["data"] else None
            if pupil and pupil in self.ended and at - self.ended[pupil] > GRACE_S:
                self.finds(f"{item['kind']} of a pupil was sent without consent")
            if pupil and pupil not in self.consents:
                self.finds(f"{item['kind']} of a pupil was sent before anybody consented")
        for other, (its, pupils) in list(self.unsettled.items()):
            if other == key or not its & names:
                continue
            del self.unsettled[other]
            if (
                not pupils & self.turned.keys()
            ):  # the end of a consent calls a batch off, and the rest of it is packed anew
                self.doubled += 1
                self.finds("what may have arrived was sent again under another key")
        for name in names:
            again = self.arrived.get(name, key) != key and name[1].split("/")[0] not in self.turned
            if again and name[:2] not in self.excused | self.ahead:
                self.doubled += 1
                self.finds(f"a {name[0]} was sent again after it had arrived")
        self._last = key, names
        self.unsettled.setdefault(key, (names, {item["key"].split("/")[0] for item in items}))

    def answered(self, status, refused):
        """The answer to the last batch came back whole; `refused` are the kinds and keys that were rejected in it."""
        key, names = self._last
        if status in {200, 413, 422}:
            self.unsettled.pop(key, None)
        if status == 200:
            self.arrived.update((name, key) for name in names if name[:2] not in refused)

    def conflicts(self, name, held, version):
        """The diary was sent a version that it holds with other content, or an older one."""
        overtaken = version < held and name[1].split("/")[0] in self.turned  # the end of a consent passes a batch
        if not overtaken and name not in self.ahead and name not in self.excused:
            self.finds(f"a {name[0]} came {'twice under one version' if held == version else 'in an older version'}")

    def effect(self, name, version, word, at):
        """The diary has changed what it shows of a key."""
        self.records += 1
        if version <= self.versions.get(name, 0):
            self.finds(f"the version of a {name[0]} went back")
        self.versions[name], self.shown[name] = version, word
        if name[0] in DERIVED:
            return
        known, first = self.history.get(name, [None]), self.place.get(name, 0)
        found = next((place for place in range(first, len(known)) if known[place] == word), None)
        ended = word is None and self.turned.get(name[1].split("/")[0], -1.0) >= self.landed.get(name, 0.0)
        if found is None and not ended and name not in self.excused:
            why = "retracted although it stood" if word is None else "shown as it never was, or no longer is"
            self.finds(f"a {name[0]} was {why}")
        self.place[name], self.landed[name] = first if found is None or ended else found, at
        if name in self.final_since and at - self.final_since[name] > DAY_S and name in self.owed():
            self.finds(f"a final mark took {(at - self.final_since[name]) / 3600:.0f} hours")
        if word == self.permitted.get(name):
            self.final_since.pop(name, None)

    def restored(self, before, after):
        """The diary stands as an older backup did: what it lost is not ours until the two are compared."""
        lost = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        for name in lost:
            self.place[name], self.shown[name] = 0, after[name].word if name in after else None
            self.versions[name] = after[name].version if name in after else 0
        self.arrived = {name: key for name, key in self.arrived.items() if name[:2] not in lost}
        self.unsettled.clear()
        self.lost |= lost
        self.excused |= lost

    def compared(self):
        """Store and diary were compared and mended: no loss is excused any longer."""
        self.excused -= self.lost
        self.lost.clear()

    # -- the end ----------------------------------------------------------------------------------------------------

    def differs(self, live):
        """Return the keys under which the diary does not show what families may know."""
        wanted = {name: word for name, word in self.permitted.items() if word is not None}
        shown = {name: word for name, word in live.items() if name[0] not in DERIVED}
        return sorted(
            n for n in wanted.keys() | shown.keys() if wanted.get(n) != shown.get(n) and n not in self.excused
        )

    def ends(self, live, waiting, at):
        """Faults are over since an hour: nothing waits, nothing is missing, nothing is left."""
        for name in self.differs(live):
            self.finds(f"a {name[0]} is shown as {live.get(name)!r}, not as {self.permitted.get(name)!r}")
        if waiting:
            self.finds(f"{waiting} entries still wait")
        late = [name for name in self.owed() if at - self.final_since[name] > DAY_S]
        if late:
            self.finds(f"{len(late)} final marks are late")
