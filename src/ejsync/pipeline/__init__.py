"""Verbs: each stage of the way data go, one file a stage; frameworks are strangers here."""
