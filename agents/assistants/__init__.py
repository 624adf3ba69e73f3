"""The agents behind the router: one file each, and one entry each in `registry.py`."""
