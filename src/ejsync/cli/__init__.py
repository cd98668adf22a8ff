"""The verbs, one file per verb group: parse, call, print, exit code."""
