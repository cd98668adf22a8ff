"""Mutants of valid inputs: of trees, which stay trees, and of bytes, which may become anything."""

import json
import pickle

CANARY = "Kanareika7"
"""Stands in every text of the corpus that could be personal; no error, log or count may ever repeat it."""
NUMBERS = (0, 1, -1, True, False, 2**31, 2**53 + 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 1e-320, 1e308, 0.1, 1.5, 7.0)
TEXTS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "null",
        "None",
        "true",
        "9" * 5000,
        "1e999",
        "１２",
        "²",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\ud800",
    ),
    *(
        "\ufeff",
        "\u202e",
        "\u2028",
        "é" * 3,
        "0000-00-00",
        "9999-12-31",
        "2026-02-30",
        "20261116",
        "24:61",
        "../../etc",
    ),
    *("=1+1", "{}", "[]", "&amp;lt;", "&#55296;", "&#x110000;", "<b>", "%s{0}{x}", "\x1b[31m", "ъ" * 3000, "ﷺ" * 50),
)
EMPTY = ((), None, {}, [], [[]], [{}], {"": None}, {"0": {}}, [None, 1, "x"])
TOKENS = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        *TEXTS[:20],
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ",",
        ";",
        ":",
        "=",
        "\n",
        "\r\n",
        "\t",
        "\\u0000",
        "\\ud800",
        "<",
        ">",
        "&",
    )
)
MARKS = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\0\0\xfe\xff",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"<",
)


def grafted(rng, tree):
    """A tree with up to four of its places changed: other values, other types, other names, copies of other places."""
    tree = pickle.loads(pickle.dumps(tree))
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(_places(tree))
        if not places:
            break
        holder, step = rng.choice(places)
        _graft(rng, holder, step, places)
    return tree


def _places(tree):
    stack = [tree]
    while stack:
        node = stack.pop()
        steps = list(node) if isinstance(node, dict) else range(len(node))
        for step in steps:
            yield node, step
            if isinstance(node[step], dict | list):
                stack.append(node[step])


def _graft(rng, holder, step, places):
    way = rng.randrange(9)
    if way == 0:
        holder[step] = rng.choice(NUMBERS)
    elif way == 1:
        holder[step] = rng.choice(TEXTS)
    elif way == 2:
        holder[step] = json.loads(json.dumps(rng.choice(EMPTY)))
    elif way == 3:
        other, place = rng.choice(places)
        holder[step] = json.loads(json.dumps(other[place])) if _within(other, place) else None
    elif way == 4:
        del holder[step]
    elif way == 5 and isinstance(holder, dict):
        holder[rng.choice((*TEXTS, CANARY, "name", "0", "days", "students"))] = holder.pop(step)
    elif way == 6:
        holder[step] = str(holder[step]) if rng.random() < 0.5 else [holder[step]]
    elif way == 7:
        holder[step] = {"0": holder[step], CANARY: 1}
    else:
        holder[step] = _drifted(holder[step])


def _drifted(held):
    """A list as PHP writes it when a position is missing, or the names of an object in the place of the object."""
    if isinstance(held, list):
        return {str(position): item for position, item in enumerate(held)}
    return list(held) if isinstance(held, dict) else held


def _within(holder, place):
    return place in holder if isinstance(holder, dict) else place < len(holder)


def spelt(rng, tree):
    """A tree as JSON, now and then in one of the spellings that are none."""
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.9)
    if rng.random() < 0.03:
        text = text.replace("1", rng.choice(("NaN", "Infinity", "9" * 400, "1e999", "-0")), 1)
    strange = rng.random() < 0.03
    return text.encode(rng.choice(("utf-8-sig", "cp1251", "utf-16")) if strange else "utf-8", "backslashreplace")


def torn(rng, content, *, most=4):
    """Bytes with up to `most` wounds: flipped, cut, doubled, strange tokens put in, marks put before."""
    made = bytearray(content)
    for _ in range(rng.randint(1, most)):
        at, length = rng.randrange(len(made) + 1), rng.choice((1, 2, 8, 64))
        way = rng.randrange(7)
        if way == 0 and at < len(made):
            made[at] = rng.randrange(256)
        elif way == 1:
            del made[at : at + length]
        elif way == 2:
            made[at:at] = rng.choice(TOKENS)
        elif way == 3:
            made[at:at] = made[at : at + length] * rng.choice((1, 2, 50))
        elif way == 4:
            del made[at:]
        elif way == 5:
            made[at : at + length] = rng.choice(TOKENS)
        else:
            made[0:0] = rng.choice(MARKS)
    return bytes(made)


def trimmed(tree):
    """The same tree with a few children anywhere: what is small is changed in more of its places."""
    if isinstance(tree, dict):
        table = all(isinstance(held, dict | list) for held in tree.values())
        return {key: trimmed(tree[key]) for key in list(tree)[: 3 if table else 30]}
    return [trimmed(item) for item in tree[:2]] if isinstance(tree, list) else tree


def marked(tree):
    """The same tree with the canary in every text that people wrote."""
    if isinstance(tree, dict):
        return {key: marked(held) for key, held in tree.items()}
    if isinstance(tree, list):
        return [marked(item) for item in tree]
    written = isinstance(tree, str) and sum("а" <= letter.lower() <= "я" for letter in tree) > 3
    return f"{tree} {CANARY}" if written else tree
