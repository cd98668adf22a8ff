"""ElJur: a school's journal, read over its API (the facts stand in the project's ElJur fact sheet)."""
