"""Attached files whose rows were deleted, until the files themselves are gone too.

A file goes because it stands here, never because the store does not know it: a store that lost its end, or
that was made anew, knows too little.
"""

from collections.abc import Sequence

from storage.db import Connection, Store


def note(connection: Connection, column: str, ids: Sequence[str]) -> None:
    """Note the files of these runs or conversations, in the transaction that deletes their rows."""
    connection.execute(
        f"insert into removed_files select attachment_id from attachments where {column} in "
        f"(select unnest(?::varchar[]))",
        [list(ids)],
    )


def noted(store: Store) -> list[str]:
    """Files that are to go."""
    return [row["id"] for row in store.read("select distinct attachment_id as id from removed_files")]


def unknown(store: Store, attachment_ids: Sequence[str]) -> list[str]:
    """Those of these files that no turn has and that are not to go either."""
    sql = """
        select id from (select unnest($ids::varchar[]) as id)
        where id not in (select attachment_id from attachments)
              and id not in (select attachment_id from removed_files)
        order by id
    """
    return [row["id"] for row in store.read(sql, {"ids": list(attachment_ids)})]


def forget(store: Store, attachment_ids: Sequence[str]) -> None:
    """Take out files that are gone."""
    sql = "delete from removed_files where attachment_id in (select unnest(?::varchar[]))"
    store.transact(lambda connection: connection.execute(sql, [list(attachment_ids)]))
