"""Nouns: frozen records and pure decisions; knows no framework, no clock, no disk."""
