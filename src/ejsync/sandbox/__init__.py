"""A simulated ElJur and a simulated ED on loopback, with faults to order: demo, rehearsal, tests."""
