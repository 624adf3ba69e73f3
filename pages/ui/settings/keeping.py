"""How long texts are kept, a backup, and taking away what belongs to one user or project."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from agents.errors import READABLE
from agents.running.records import Due, Owned, Policy, Subject, What
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.identity import who
from pages.ui.notice import act, keep_notice
from pages.ui.settings import leftovers
from pages.ui.text import plain

KINDS: dict[What, tuple[str, str]] = {
    "prompts": ("Prompts and answers of models", "texts of calls"),
    "messages": ("Conversations with their files", "messages"),
    "events": ("The record of runs that have ended: what was asked, answered and concluded", "events"),
}
SUBJECTS: dict[Subject, str] = {"user_id": "user", "project_id": "project"}
LONGEST_DAYS = 36_500
DONE = "keeping_done"


def draw(bench: Workbench) -> None:
    """The three parts."""
    if told := st.session_state.pop(DONE, None):
        st.success(plain(told), icon=":material/check_circle:")
    _draw_retention(bench)
    _draw_backup(bench)
    _draw_deletion(bench)


# How long


def _draw_retention(bench: Workbench) -> None:
    st.subheader("How long texts are kept", anchor=False)
    st.caption(
        "What is older is removed once a day by itself. Cost, tokens and times stay, so that the figures of "
        "earlier months do not change. Trees and what waits for a person are never removed for their age."
    )
    policies = bench.keeping.policies()
    with st.form("retention"):
        for what, (label, _) in KINDS.items():
            held = policies.get(what)
            st.session_state.setdefault(f"keep-{what}", held.keep_days if held else None)
            st.number_input(
                f"{label}, in days",
                1,
                LONGEST_DAYS,
                None,  # not what is kept now: a field with a number of its own cannot be emptied
                key=f"keep-{what}",
                placeholder="For ever",
                help=_set_by(held),
            )
        st.form_submit_button("Keep these ages", key="keep-ages", on_click=_set_ages, args=(bench,))
    _draw_removal(bench)
    leftovers.draw(bench, DONE)


def _set_by(policy: Policy | None) -> str:
    if policy is None:
        return "Nobody has set an age yet: they are kept for ever. Empty means for ever."
    return f"Set by {plain(policy.set_by)}, {formats.when(policy.set_at)}. Empty means for ever."


def _set_ages(bench: Workbench) -> None:
    policies = bench.keeping.policies()
    for what in KINDS:
        wanted = st.session_state[f"keep-{what}"]
        days = None if wanted is None else int(wanted)
        held = policies.get(what)
        if days != (held.keep_days if held else None):
            act(bench.keeping.set_policy, what, days, who())


def _draw_removal(bench: Workbench) -> None:
    with st.expander("Remove old texts now", icon=":material/auto_delete:", key="remove-now"):
        chosen = st.multiselect(
            "What",
            list(KINDS),
            format_func=lambda what: KINDS[what][0],
            key="remove-what",
            placeholder="Choose",
        )
        days = st.number_input("Older than so many days", 1, LONGEST_DAYS, 365, key="remove-days")
        if not chosen:
            st.caption("What would go is shown here before anything is removed.")
            return
        ages: dict[What, int] = dict.fromkeys(chosen, int(days))
        due = bench.keeping.preview(ages)
        st.table(_due_frame(due), hide_index=True)
        rows = sum(entry.rows for entry in due)
        if not rows:
            st.info("Nothing is that old.", icon=":material/check:")
            return
        st.text_input(
            f"Type {rows} to remove them for good", key="remove-typed", max_chars=20, autocomplete="off"
        )
        st.button(
            f"Remove {formats.count(rows)} for good",
            key="remove-do",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_remove,
            args=(bench, ages, rows),
        )


def _due_frame(due: Sequence[Due]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "What": [KINDS[entry.what][0] for entry in due],
            "Older than": [formats.when(entry.before) for entry in due],
            "How many": [f"{formats.count(entry.rows)} {KINDS[entry.what][1]}" for entry in due],
            "The oldest from": ["none" if not entry.oldest else formats.when(entry.oldest) for entry in due],
        }
    ).map(plain)


def _remove(bench: Workbench, ages: dict[What, int], rows: int) -> None:
    """Remove what was shown; when more has become due meanwhile, it is shown first."""
    if st.session_state["remove-typed"].strip() != str(rows):
        keep_notice(f"Nothing was removed: type {rows}, the number shown, to remove them.")
        return
    st.session_state["remove-typed"] = ""
    due = sum(entry.rows for entry in bench.keeping.preview(ages))
    if due != rows:
        keep_notice(
            f"Nothing was removed: {formats.count(due)} are that old by now. Look again, then remove."
        )
        return
    try:
        removed = bench.keeping.retain(ages, who())
    except READABLE as error:
        keep_notice(str(error))
        return
    gone = ", ".join(f"{formats.count(due.rows)} {KINDS[due.what][1]}" for due in removed.due if due.rows)
    st.session_state[DONE] = f"Removed: {gone}. Figures are as they were."


# Backup


def _draw_backup(bench: Workbench) -> None:
    st.subheader("Backup", anchor=False)
    folder = bench.settings.data.resolve() / "backups"
    st.caption(
        f"Writes everything that is kept into one file in {plain(str(folder))}, while people go on. "
        "Copy it to another machine."
    )
    st.markdown("To restore one, stop the server and run `python -m agents.keeping restore FILE`.")
    st.button("Write a backup", key="backup", icon=":material/save:", on_click=_backup, args=(bench,))


def _backup(bench: Workbench) -> None:
    target = bench.settings.data / "backups" / f"whytree-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    try:
        made = bench.keeping.backup(target)
    except READABLE as error:
        keep_notice(str(error))
        return
    size, files = formats.size(target.stat().st_size), formats.counted(len(made.files), "file")
    st.session_state[DONE] = f"Backup written: {target.resolve()} ({size}, {files}, checked sums)."


# Deletion


def _draw_deletion(bench: Workbench) -> None:
    st.subheader("Delete what belongs to a user or a project", anchor=False)
    st.caption(
        "Everything goes, figures included, from every store: runs, conversations, files, notes, calls and "
        "their cost. Backups that were written before still hold it: delete those files too."
    )
    users, projects = bench.people()
    first, second = st.columns(2)
    subject = first.radio(
        "Whose",
        list(SUBJECTS),
        format_func=lambda name: SUBJECTS[name].capitalize(),
        horizontal=True,
        key="whose",
    )
    name = second.selectbox(
        SUBJECTS[subject].capitalize(),
        users if subject == "user_id" else projects,
        index=None,
        key=f"whose-{subject}",
        placeholder="Choose one",
    )
    if name is None:
        return
    with st.container(border=True):
        _draw_owned(bench.keeping.owned_by(subject, name), subject, name)
        typed = f"delete-owned-{subject}-{name}"
        st.text_input(
            f"Type the {SUBJECTS[subject]}'s name to delete it all",
            key=typed,
            max_chars=80,
            autocomplete="off",
        )
        st.button(
            "Delete it all for good",
            key="delete-owned",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_delete,
            args=(bench, subject, name, typed),
        )


def _draw_owned(owned: Owned, subject: Subject, name: str) -> None:
    st.markdown(
        f"**{plain(name)}** has {formats.counted(len(owned.run_ids) - owned.of_others, 'run')}, "
        f"{formats.counted(len(owned.conversation_ids), 'conversation')} and "
        f"{formats.counted(len(owned.attachment_ids), 'file')}. All of it will be deleted."
    )
    if owned.of_others:
        hold = "it holds" if owned.of_others == 1 else "they hold"
        st.warning(
            f"{formats.counted(owned.of_others, 'run')} that others made from these will be deleted too, "
            f"since {hold} the same texts.",
            icon=":material/group:",
        )


def _delete(bench: Workbench, subject: Subject, name: str, typed: str) -> None:
    if st.session_state[typed] != name:
        keep_notice(f"Nothing was deleted: type the name “{name}” exactly as it is written to delete it all.")
        return
    st.session_state[typed] = ""
    try:
        gone = bench.keeping.delete_owned(subject, name)
    except READABLE as error:
        keep_notice(str(error))
        return
    st.session_state.pop(f"whose-{subject}", None)
    st.session_state[DONE] = (
        f"Deleted: {formats.counted(len(gone.run_ids), 'run')} and everything else of “{name}”. The bytes "
        "leave the files at the next start of the server."
    )
