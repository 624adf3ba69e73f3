"""What can be wrong with a store; each text is a sentence for the person in front of it."""


class StoreError(Exception):
    """Base of every fault of a store."""


class StoreLocked(StoreError):
    """Another process has the store open."""


class StoreDamaged(StoreError):
    """The store's file cannot be read as what it should be; it is left as it is."""


class StoreUnwritable(StoreError):
    """Nothing can be written: no permission, no space, or a closed store."""
