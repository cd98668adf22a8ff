"""`python -m tests.simulation SEED [--trace]` lives one seed; `--range FIRST COUNT STEP` many, a JSON line each."""

import sys

from tests.simulation.lives import main

sys.exit(main(sys.argv[1:]))
