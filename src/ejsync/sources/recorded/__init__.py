"""Recorded: a folder of canonical pages played back, for rehearsals and tests."""
