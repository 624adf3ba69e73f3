"""What is kept, for how long, and how it leaves: backup, restore, retention and deletion over every store.

While Whytree runs its workbench offers this as `Keeping`; otherwise `python -m agents.keeping` does it.
"""
