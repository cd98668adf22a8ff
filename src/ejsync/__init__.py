"""ejsync: the exchange between a school's ElJur journal and the electronic diary service."""

__version__ = "0.1.0"
