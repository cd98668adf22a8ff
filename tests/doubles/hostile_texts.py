"""Texts that would be obeyed by what shows them: terminals, spreadsheets, typesetters, web pages."""

STEERING = {
    "clear the screen": "\x1b[2J",
    "set the title": "\x1b]0;owned\x07",
    "hide what follows": "\x1b[8m",
    "a link": "\x1b]8;;https://elsewhere.example\x1b\\click\x1b]8;;\x1b\\",
    "one character that begins a code": "\x9b31m",
    "write over the line": "all is well\rnothing is",
    "back over the line": "1\x08\x08\x08",
    "bell and delete": "\x07\x7f",
    "right to left": "\u202eтесто\u202c",
    "isolate": "\u2066a\u2069",
    "marks of direction": "\u200f\u200e\u061c",
    "another end of line": "a\u2028b\u2029c\x85d",
}
FORMULAS = ("=1+1", "+7", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1", " =1+1", "＝1+1", '=HYPERLINK("https://e.example")')
MARKUP = (
    "[red]x[/red]",
    "[link=https://e.example]x[/link]",
    "<script>alert(1)</script>",
    "#panic()",
    "$x$",
    "*a*",
    "\\",
)
EVERY = (*STEERING.values(), *FORMULAS, *MARKUP)
