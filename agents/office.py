"""The back office: the list of runs, batches, and what is kept of it all, put together for the workbench."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from agents.assistants import admission as requests
from agents.assistants import diagnose
from agents.assistants.admission import Asked, Place
from agents.assistants.registry import known
from agents.conversations import Conversations
from agents.diagnosis import framing
from agents.diagnosis.admission import NotAComplaint, new_run
from agents.diagnosis.diagnoses import Diagnoses
from agents.diagnosis.text import clean
from agents.errors import Refused
from agents.keeping import beside
from agents.keeping import desk as keeping
from agents.keeping.beside import Beside
from agents.keeping.desk import Keeping
from agents.routing.lexical import classify, decide
from agents.runner import Runner
from agents.running.actions import Actions, EventActions
from agents.running.batch import Admission, Prepare
from agents.running.desk import RunsDesk
from agents.running.indexing import Indexer
from agents.who import Who
from storage.db import Store
from storage.journal import Journal
from storage.runs import Environment, NewEvent
from storage.sessions import DiskConvenience


class Office:
    """Opens what runs are listed and kept with; close it before the runner and the stores."""

    def __init__(
        self,
        store: Store,
        data: Path,
        journal: Journal,
        convenience: DiskConvenience,
        runner: Runner,
        actions: Mapping[str, Actions],
        prepares: Mapping[str, Prepare],
    ) -> None:
        beside.sweep(store, data / beside.ATTACHMENTS)
        with contextlib.ExitStack() as opened:
            indexer = Indexer(store, data / beside.WORDS)
            opened.callback(indexer.close)
            others = Beside(
                journal=journal,
                checkpoints=runner.checkpoints,
                background=runner.background,
                indexer=indexer,
                convenience=convenience,
                attachments=data / beside.ATTACHMENTS,
            )
            self.keeping = Keeping(keeping.Place(store, data), runner, others)
            opened.callback(self.keeping.close)
            self.runs = RunsDesk(store, runner, indexer, actions, prepares, self.keeping.delete_runs)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """End what goes on by itself."""
        self._opened.close()


class AskActions:
    """Actions on the turns of conversations, which have their own ways."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    def retry(self, run_id: str, session: str | None = None) -> None:
        """Go on with a turn that failed, or that waits for a model or a file."""
        self._conversations.retry(run_id, session)

    def cancel(self, run_id: str) -> None:
        """Stop a turn."""
        self._conversations.stop(run_id)

    def again(self, run_id: str, who: Who, session: str | None = None) -> str:
        """Have a turn answered anew, in its conversation."""
        return self._conversations.regenerate(run_id, session)

    def fork(self, run_id: str, before: int, who: Who, session: str | None = None) -> str:
        """Refused: a conversation branches where one of its questions is edited."""
        raise Refused("A conversation branches by editing a question on the Ask page. Nothing was changed.")


def actions(diagnoses: Diagnoses, runner: Runner, conversations: Conversations) -> dict[str, Actions]:
    """What can be done with the runs of each kind."""
    return {
        "diagnosis": EventActions(
            diagnoses.cases.store, diagnoses.settle, runner.stop, diagnoses.run_models.remember
        ),
        "ask": AskActions(conversations),
    }


def prepares(diagnoses: Diagnoses, data: Path, environment: Environment) -> dict[str, Prepare]:
    """How a task of a batch becomes a run; a complaint that the router is sure of becomes a diagnosis."""

    def diagnosis(text: str, agent: str | None, who: Who) -> Admission:
        text = clean(text, "The description", framing.LONGEST)
        read = framing.frame(text, diagnoses.playbooks)
        if read.kind != "complaint":
            raise NotAComplaint(read)
        complained: NewEvent = ("complained", {"text": text, "playbook_id": None, "with_model": False})
        return Admission(new_run(text, who, environment), (complained,))

    def ask(text: str, agent: str | None, who: Who) -> Admission:
        if (agent or decide(classify(text)).label) == diagnose.AGENT.id:
            return diagnosis(text, None, who)  # nobody is there to be handed over to the Diagnose page
        if agent is not None:
            known(agent)
        asked, place = Asked(text, agent), Place(who, None, None)
        run = requests.new_run(asked, place, environment)
        rows = requests.rows(asked, run, place, data / beside.ATTACHMENTS)
        return Admission(run, (requests.first_event(asked, run),), tuple(rows))

    return {"diagnosis": diagnosis, "ask": ask}
