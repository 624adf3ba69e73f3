"""The parts of `benchmarks.durability`: a process that works and is killed, its ledger, and the verdict."""
