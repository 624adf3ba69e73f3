"""How runs are worked on: one after the other per run, within limits, recorded step by step."""
