"""Every kind of fault in a playbook file is refused by its place, and the other files still load."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.diagnosis.inquiry import DONT_KNOW
from agents.diagnosis.loading import LARGEST_FILE, BrokenPlaybook, Refusal, load, load_library
from agents.diagnosis.playbook import CLIENT_STATED, SOMETHING_ELSE, Playbook

ROOT = Path(__file__).parents[3]

Refuse = Callable[[str | bytes], tuple[Refusal, ...]]


def the_readme_s() -> str:
    """The playbook that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("```yaml\n")[1].split("```")[0]


def test_the_playbook_of_the_readme_is_whole_and_loads_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "late_invoices.yaml"
    file.write_text(the_readme_s(), encoding="utf-8")
    playbook = load(file)
    assert playbook.id == "late_invoices"
    levels = {level for q in playbook.questions for a in q.answers for level in a.levels.values()}
    assert {"typical", "rules_out"} <= levels


def test_the_readme_names_every_kind_of_problem() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").casefold().split())
    kinds = [playbook.title.casefold() for playbook in load_library(None).playbooks.values()]
    assert len(kinds) == 10
    assert [kind for kind in kinds if kind not in readme] == []


def test_a_wrong_level_is_told_once_and_not_again_for_the_list_it_stands_in(refuse: Refuse) -> None:
    [refusal] = refuse(the_readme_s().replace("missing_proof: rules_out", "missing_proof: rules out"))
    assert refusal.field == "questions.0.answers.1.levels.missing_proof"
    assert "'rules_out'" in refusal.reason


def test_a_list_that_is_too_short_is_still_told(refuse: Refuse) -> None:
    short = the_readme_s().replace("      - {id: device", "      # - {id: device")
    assert any("at least 2 items" in refusal.reason for refusal in refuse(short))


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    """All refusals of a file with this content; fails when the file loads."""

    def refusals(content: str | bytes) -> tuple[Refusal, ...]:
        file = tmp_path / "broken.yaml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(BrokenPlaybook) as caught:
            load(file)
        assert all(str(refusal) in str(caught.value) for refusal in caught.value.refusals)
        return caught.value.refusals

    return refusals


FAULTS = [
    ("title: Late buses", "titel: Late buses", "titel", "Extra inputs are not permitted"),
    ("label: Engines break down", "label: Drivers are missing", "causes.1.label", "appears twice"),
    ("id: engines", "id: drivers", "causes.1.id", "the cause id 'drivers' appears twice"),
    ("id: towings", "id: overtime", "questions.3.id", "the question id 'overtime' appears twice"),
    ("Does towings look", "Does overtime look", "questions.3.text", "appears twice"),
    ("      - id: no", "      - id: yes", "questions.0.answers.1.id", "the answer id 'yes' appears twice"),
    ("      - id: no", f"      - id: {DONT_KNOW}", "questions.0.answers.1.id", "is taken by the tool"),
    ("  - id: engines", f"  - id: {SOMETHING_ELSE}", "causes.1.id", "is taken by the tool"),
    ("  - id: engines", f"  - id: {CLIENT_STATED}", "causes.1.id", "is taken by the tool"),
    ("label: Engines break down", "label: something else", "causes.1.label", "is taken by the tool"),
    ("cause: engines", "cause: drivers", "tree.children.0.children.1.cause", "appears twice"),
    ("{drivers: typical", "{wheels: typical", "questions.0.answers.0.levels.wheels", "unknown cause wheels"),
    ("drivers: typical", "drivers: certain", "questions.0.answers.0.levels.drivers", "'rules_out'"),
    ("prior: 3", "prior: -1", "causes.0.prior", "greater than 0"),
    ("prior: 3", "prior: .nan", "causes.0.prior", "finite number"),
    ("prior: 3", "prior: many", "causes.0.prior", "valid number"),
    ("severity: 3", "severity: 9", "causes.0.severity", "less than or equal to 5"),
    ("theme: people", "theme: Two words", "questions.0.theme", "pattern"),
    ("Why do our buses run late?\nrec", "Our buses run late.\nrec", "question", "question mark"),
    ("split: binary", "split: magic", "tree.split", "'binary'"),
    ("cause: roads", "cause: roads, split: free", "tree.children.1", "it takes no split and no children"),
    ("{text: People, cause: drivers}, ", "", "tree.children.0", "at least two children"),
    ("{buses: 3, run late: 3, timetable: 1}", "[]", "recognise.terms", "dictionary"),
]


@pytest.mark.parametrize(("good", "bad", "field", "reason"), FAULTS, ids=[f"{f[1]!r:.40}" for f in FAULTS])
def test_a_fault_is_refused_with_file_line_field_and_reason(
    tiny_text: str, refuse: Refuse, good: str, bad: str, field: str, reason: str
) -> None:
    assert good in tiny_text
    broken = tiny_text.replace(good, bad, 1)
    told = next(refusal for refusal in refuse(broken) if refusal.field == field)
    assert told.file == "broken.yaml"
    assert reason in told.reason
    if bad:
        assert told.line == broken.count("\n", 0, tiny_text.index(good)) + 1


def test_what_is_missing_is_refused_at_the_place_that_lacks_it(tiny_text: str, refuse: Refuse) -> None:
    (told,) = refuse(tiny_text.replace("title: Late buses\n", ""))
    assert (told.line, told.field, told.reason) == (2, "title", "Field required")
    (told,) = refuse(tiny_text.replace("cause: engines", "cause: wheels"))
    assert told.reason == "no leaf for engines"
    assert tiny_text.splitlines()[told.line - 1].strip() == "text: Why do our buses run late?"


def test_all_faults_of_a_file_are_told_at_once(tiny_text: str, refuse: Refuse) -> None:
    told = refuse(tiny_text.replace("prior: 3", "prior: 0", 1).replace("theme: people", "theme: P"))
    assert [refusal.field.split(".")[-1] for refusal in told] == ["prior"] + ["theme"] * 3


def test_a_repeated_key_is_refused_where_it_is_repeated(tiny_text: str, refuse: Refuse) -> None:
    (refusal,) = refuse(f"{tiny_text}title: Again\n")
    assert (refusal.line, refusal.field) == (len(tiny_text.splitlines()) + 1, "title")
    assert "twice" in refusal.reason


def test_bad_yaml_is_refused_at_its_line(refuse: Refuse) -> None:
    assert refuse("id: late\ntitle: [1, 2\nabout: x\n")[0].line == 3
    assert "not valid YAML" in refuse("id: 'late\n")[0].reason
    assert refuse("a: 1\nb: \x07\n")[0].line == 2


def test_an_alias_bomb_is_refused_before_it_unfolds(refuse: Refuse) -> None:
    layers = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    (refusal,) = refuse(f"l0: &l0 [lol]\n{layers}\n")
    assert (refusal.line, refusal.reason) == (2, "aliases are not allowed here")


def test_nesting_without_end_is_refused(refuse: Refuse) -> None:
    assert "nesting" in refuse("[" * 400_000)[0].reason  # libyaml refuses it before we count
    assert "levels of nesting" in refuse("{a: " * 300 + "1" + "}" * 300)[0].reason


@pytest.mark.parametrize("content", ["", "\n\n", "# only a remark\n", "---\n"])
def test_an_empty_file_is_refused(refuse: Refuse, content: str) -> None:
    assert refuse(content)[0].line >= 1


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", b"\x89PNG\r\n\x1a\n", bytes(range(256))])
def test_a_binary_file_is_refused(refuse: Refuse, content: bytes) -> None:
    assert "cannot be read as text" in refuse(content)[0].reason


@pytest.mark.parametrize("content", ["just text", "- a\n- list\n", "42\n", "? [a, b]\n: c\n", "<<: {a: b}\n"])
def test_a_document_of_another_kind_is_refused(refuse: Refuse, content: str) -> None:
    assert refuse(content)[0].line == 1


def test_a_file_above_a_megabyte_is_refused_unread(refuse: Refuse) -> None:
    assert "larger than 1,000,000 bytes" in refuse(b"#" * (LARGEST_FILE + 1))[0].reason


def test_ids_such_as_yes_and_no_stay_text(tiny: Playbook) -> None:
    assert [a.id for a in tiny.ask("towings").answers] == ["yes", "no"]


def test_a_byte_order_mark_does_no_harm(tiny_text: str, tiny: Playbook, tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + tiny_text.encode())
    assert load(file) == tiny


def test_a_playbook_survives_its_copy_in_the_store(tiny: Playbook) -> None:
    copy = Playbook.model_validate_json(tiny.model_dump_json())
    assert copy == tiny
    assert copy.hash == tiny.hash


def test_the_rest_still_loads_beside_a_broken_file(tiny_text: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(tiny_text)
    (tmp_path / "bad.yml").write_text("id: [")
    (tmp_path / "note.txt").write_text("not a playbook")
    library = load_library(tmp_path)
    assert "late_buses" in library.playbooks
    assert [refusal.file for refusal in library.refused] == ["bad.yml"]
    assert load_library(None).playbooks.keys() < library.playbooks.keys()


def test_an_own_playbook_replaces_a_shipped_one_of_its_id(tiny_text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(tiny_text.replace("id: late_buses", "id: sales_fall"))
    library = load_library(tmp_path)
    assert library.playbooks["sales_fall"].title == "Late buses"
    assert load_library(None).playbooks["sales_fall"].title != "Late buses"


def test_two_own_files_of_one_id_are_told_and_the_first_counts(tiny_text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(tiny_text)
    (tmp_path / "b.yaml").write_text(tiny_text.replace("title: Late buses", "title: Later buses"))
    library = load_library(tmp_path)
    assert library.playbooks["late_buses"].title == "Late buses"
    assert [(r.file, r.field) for r in library.refused] == [("b.yaml", "id")]


def test_a_missing_folder_is_told_and_the_shipped_ones_stay(tmp_path: Path) -> None:
    library = load_library(tmp_path / "nowhere")
    assert library.playbooks.keys() == load_library(None).playbooks.keys()
    assert "does not exist" in str(library.refused[0])


def lint(*files: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agents.diagnosis.playbook", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_lint_command_tells_faults_and_advice_and_counts_refusals(
    tiny_folder: Path, tmp_path: Path
) -> None:
    good = tiny_folder / "late_buses.yaml"
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: 1\n")
    refused = lint(good, bad, tmp_path / "missing.yaml")
    assert refused.returncode == 2
    assert "late_buses.yaml: 3 causes, 9 questions, 100% of the cells say something" in refused.stdout
    assert "advice: late_buses.yaml: 3 causes; six to nine" in refused.stdout
    assert "error: bad.yaml, line 1, field id: Input should be a valid string" in refused.stdout
    assert "error: missing.yaml" in refused.stdout
    assert lint(good).returncode == 0
    assert lint().returncode == 2
