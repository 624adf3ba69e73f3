"""What was used: rollups kept as calls are written, and the queries behind every figure."""
