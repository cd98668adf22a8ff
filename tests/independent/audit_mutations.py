"""Ways to change an exported audit log; each returns other bytes, or None where its dice changed nothing."""

import json
import re

from tests.doubles.audit_file import FORGER, OURS, SCHOOLS, file_of, line, log_of

NUMBER = re.compile(rb"(?<=[ \[])-?[0-9]+(?=[,}\]])")
LETTER = re.compile(rb'(?<=[a-z0-9" ])[a-z]')
ESCAPE = re.compile(rb"\\u[0-9a-f]{4}")


def lines_of(content):
    """The lines of a file without their ends."""
    return content.split(b"\n")[:-1]


def whole(lines):
    """A file of these lines."""
    return b"".join(one + b"\n" for one in lines)


def places(content, *, checkpoints):
    """Where checkpoints stand, or entries."""
    return [n for n, one in enumerate(lines_of(content)) if one.startswith(b'{"checkpoint"') is checkpoints]


def flipped_bit(content, dice):
    """One bit of one byte."""
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


def changed_byte(content, dice):
    """One byte dropped, put in or replaced."""
    at, new = dice.randrange(len(content)), bytes([dice.randrange(256)])
    return content[:at] + dice.choice((b"", new, new + content[at : at + 1])) + content[at + 1 :]


def dropped_line(content, dice):
    """One or several entries or checkpoints left out."""
    lines = lines_of(content)
    at = dice.randrange(len(lines))
    del lines[at : at + dice.choice((1, 1, 1, 2, 5))]
    return whole(lines)


def doubled_line(content, dice):
    """One entry or checkpoint twice, side by side or elsewhere."""
    lines = lines_of(content)
    at = dice.randrange(len(lines))
    lines.insert(dice.choice((at, dice.randrange(len(lines) + 1))), lines[at])
    return whole(lines)


def swapped_lines(content, dice):
    """Two lines in each other's place, neighbours or not."""
    lines = lines_of(content)
    one = dice.randrange(len(lines) - 1)
    other = dice.choice((one + 1, dice.randrange(len(lines))))
    lines[one], lines[other] = lines[other], lines[one]
    return whole(lines)


def cut_tail(content, dice):
    """The end cut off, at any byte or between two lines."""
    if dice.random() < 0.5:
        return content[: dice.randrange(len(content))]
    lines = lines_of(content)
    return whole(lines[: dice.randrange(len(lines))])


def put_back(content, dice):
    """An older database of a school in the place of the newer: whole in itself, and signed with our key."""
    return file_of(*_one_changed(dice, lambda school: _older(school, dice)))


def put_back_and_grown(content, dice):
    """An older database that went on with other entries, as many or more, all signed with our key."""
    return file_of(*_one_changed(dice, lambda school: _regrown(school, dice)))


def rehashed(content, dice):
    """An entry changed and every hash behind it worked out anew; the old checkpoints stay."""
    return file_of(*_one_changed(dice, lambda school: (_rewritten(school, dice, OURS)[0], log_of(school)[1])))


def resigned(content, dice):
    """All schools' entries changed, hashed anew, and every checkpoint signed with a key of the forger's."""
    return file_of(*(_rewritten(school, dice, FORGER) for school in SCHOOLS))


def resigned_one(content, dice):
    """The same with one school alone."""
    return file_of(*_one_changed(dice, lambda school: _rewritten(school, dice, FORGER)))


def resigned_with_our_key(content, dice):
    """One school's log written anew by somebody who holds our private key."""
    return file_of(*_one_changed(dice, lambda school: _rewritten(school, dice, OURS)))


def moved_entry(content, dice):
    """An entry of one school among those of the other, as it is or under the other's name and number."""
    lines, entries = lines_of(content), places(content, checkpoints=False)
    here, there = dice.choice(entries), dice.choice(entries)
    one, other = json.loads(lines[here]), json.loads(lines[there])
    if one["school"] == other["school"]:
        return None
    named = dice.choice(((), ("school",), ("school", "seq"), ("school", "seq", "previous"), ("school", "seq", "hash")))
    moved = line(one | {name: other[name] for name in named})
    lines[there : there + dice.randrange(2)] = [moved]
    return whole(lines)


def lost_checkpoint(content, dice):
    """A checkpoint left out."""
    lines = lines_of(content)
    del lines[dice.choice(places(content, checkpoints=True))]
    return whole(lines)


def exchanged_checkpoint(content, dice):
    """A checkpoint in the place of another, or with a member of another."""
    lines, marks = lines_of(content), places(content, checkpoints=True)
    here, there = dice.choice(marks), dice.choice(marks)
    one, other = (json.loads(lines[n])["checkpoint"] for n in (here, there))
    name = dice.choice(list(one))
    lines[here] = dice.choice((lines[there], line({"checkpoint": one | {name: other[name]}})))
    return whole(lines)


def other_order(content, dice):
    """The members of a line, or of an object in it, in another order."""
    lines = lines_of(content)
    at = dice.randrange(len(lines))

    def shuffled(pairs):
        return dict(dice.sample(pairs, len(pairs)))

    lines[at] = json.dumps(json.loads(lines[at], object_pairs_hook=shuffled)).encode()
    return whole(lines)


def other_spaces(content, dice):
    """Spaces put in or left out where JSON does not mind, or another end of a line."""
    lines = lines_of(content)
    at = dice.randrange(len(lines))
    spaced = (
        lines[at].replace(b": ", b":", 1), lines[at].replace(b", ", b",", 1), lines[at].replace(b"{", b"{ ", 1),
        b" " + lines[at], lines[at] + b" ", lines[at] + b"\t", lines[at] + b"\r", lines[at] + b"\n",
        b"\xef\xbb\xbf" + lines[at], b"\n" + lines[at], lines[at].replace(b", ", b",  ", 1),
    )  # fmt: skip
    lines[at] = dice.choice(spaced)
    return whole(lines)


def other_number(content, dice):
    """A number in another form of the same worth, or nearly."""
    found = dice.choice(list(NUMBER.finditer(content)))
    number = found.group()
    forms = (b"%b.0", b"%be0", b"%bE0", b"%b.00", b"0%b", b"%b0e-1", b'"%b"', b"+%b", b"%b.0000000000000000001", b"-%b")
    return content[: found.start()] + dice.choice(forms) % number + content[found.end() :]


def doubled_name(content, dice):
    """A member twice in an object, with the same value or another, before or behind the first."""
    lines = lines_of(content)
    at = dice.randrange(len(lines))
    told = json.loads(lines[at])
    members = told.get("checkpoint", told)
    name = dice.choice(list(members))
    pair = b"%b: %b" % (line(name), line(dice.choice((members[name], "x", 1, None, {}))))
    first = lines[at].rindex(b"{", 0, lines[at].index(b": ", 14) + 2) + 1
    lines[at] = dice.choice(
        (lines[at][:first] + pair + b", " + lines[at][first:], lines[at][:-1] + b", " + pair + b"}")
    )
    return whole(lines)


def other_escape(content, dice):
    """A character written in another way: escaped for no need, in capitals, as raw UTF-8."""
    letter, escape = (dice.choice(list(kind.finditer(content))) for kind in (LETTER, ESCAPE))
    if dice.random() < 0.5:
        return content[: letter.start()] + b"\\u%04x" % ord(letter.group()) + content[letter.end() :]
    raw = json.loads(b'"' + escape.group() + b'"').encode("utf-8", "surrogatepass")
    new = dice.choice((raw, b"\\u" + escape.group()[2:].upper(), b"\\ud800", b"\\" + escape.group()))
    return content[: escape.start()] + new + content[escape.end() :]


def lost_school(content, dice):
    """The log of a whole school left out, or the schools in another order."""
    logs = [log_of(school) for school in SCHOOLS]
    return file_of(*dice.choice((logs[:1], logs[1:], logs[::-1], [])))


def _one_changed(dice, change):
    """Every school's log, one of them changed."""
    chosen = dice.choice(list(SCHOOLS))
    return [change(school) if school == chosen else log_of(school) for school in SCHOOLS]


def _older(school, dice):
    count = dice.randrange(1, SCHOOLS[school][0])
    return log_of(school, count=count, sizes=_sizes(school, count))


def _regrown(school, dice):
    count, _ = SCHOOLS[school]
    forked, grown = dice.randrange(1, count + 1), count + dice.randrange(9)
    changed = {number: {"epoch": dice.randrange(10**9)} for number in range(forked, grown + 1)}
    return log_of(school, count=grown, sizes=_sizes(school, grown), changed=changed)


def _sizes(school, count):
    """The checkpoints that a log of this length has, the last one over all of it."""
    return (*(size for size in SCHOOLS[school][1] if size < count), count)


def _rewritten(school, dice, signer):
    changed = {dice.randrange(1, SCHOOLS[school][0] + 1): {"epoch": dice.randrange(10**9)}}
    return log_of(school, signer=signer, changed=changed)


KINDS = {
    flipped_bit: 25, changed_byte: 10, dropped_line: 6, doubled_line: 6, swapped_lines: 6, cut_tail: 6, put_back: 3,
    put_back_and_grown: 3, rehashed: 3, resigned: 2, resigned_one: 2, resigned_with_our_key: 3, moved_entry: 5,
    lost_checkpoint: 1, exchanged_checkpoint: 3, other_order: 3, other_spaces: 3, other_number: 4, doubled_name: 3,
    other_escape: 3, lost_school: 1,
}  # fmt: skip
"""Each way, and how often of a hundred or so it is taken."""


def mutations(content, dice, count):
    """Yield as many changes, each with the name of its kind."""
    kinds, weights = list(KINDS), list(KINDS.values())
    done = 0
    while done < count:
        kind = dice.choices(kinds, weights)[0]
        made = kind(content, dice)
        if made is not None and made != content:
            done += 1
            yield kind.__name__, made
