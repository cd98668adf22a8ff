"""The room of keys: one for each pupil, kept apart from what they seal and wrapped by the master secret."""

from ejsync.vault.key_file import (
    FileMark,
    broken_key_copies_of,
    key_copies_of,
    key_copy_left_behind,
    key_file_of,
    lost_key_files_of,
)
from ejsync.vault.masters import Master, master_of
from ejsync.vault.school_keys import SchoolKeys
from ejsync.vault.vault import Vault

__all__ = [
    "FileMark",
    "Master",
    "SchoolKeys",
    "Vault",
    "broken_key_copies_of",
    "key_copies_of",
    "key_copy_left_behind",
    "key_file_of",
    "lost_key_files_of",
    "master_of",
]
