"""ports.Memory that lives as long as the test."""


class DictMemory:
    """What was kept, by name; several sources may share it as several runs do."""

    def __init__(self):
        self.held = {}

    def recall(self, name):
        """Return what was kept, or None."""
        return self.held.get(name)

    def keep(self, name, value):
        """Keep something."""
        self.held[name] = value

    def forget(self, name):
        """Let go of something."""
        self.held.pop(name, None)


class LostMemory(DictMemory):
    """A memory on a disk that is full: it takes everything and keeps nothing."""

    def keep(self, name, value):
        """Lose something."""
