"""`python -m tests.fuzz TARGET SEED [COUNT]` runs a target; `… TARGET SEED:NUMBER` replays one input."""

import json
import resource
import sys

from tests.fuzz.running import case, judged, run
from tests.fuzz.targets import ROOMS, target

MOST_BYTES = 2_000_000_000
_USAGE = 2


def main(arguments):
    """Run or replay; the last line of a run is its findings as JSON."""
    if not arguments or arguments[0] not in ROOMS:
        sys.stderr.write(f"{__doc__}\ntargets: {', '.join(ROOMS)}\n")
        return _USAGE
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    chosen = target(arguments[0])
    seed, _, number = (arguments[1] if len(arguments) > 1 else "1").partition(":")
    if number:
        return _replay(chosen, case(chosen, seed, int(number)))
    findings = run(chosen, seed, int(arguments[2]) if len(arguments) > 2 else 1000)
    print(findings.line())
    print(json.dumps({"executions": findings.executions, "outcomes": findings.outcomes, "found": findings.found}))
    return int(bool(findings.found))


def _replay(chosen, made):
    """Show an input and its end; what is no end of ours is raised."""
    print(repr(made)[:4000])
    print(*judged(chosen, made), sep=": ")
    print(chosen.execute(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
