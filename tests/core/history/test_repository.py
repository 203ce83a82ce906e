from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.domain.advice import Advice, Unknown, advice_of, not_known
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import EMPTY_ANNOTATION, Annotation, Entry, Mark
from app.core.domain.errors import HistoryError
from app.core.domain.outline import Outline
from app.core.domain.results import Consistency, ModelId, Prediction, Rejection
from app.core.history import entries as entries_module
from app.core.history import migrations
from app.core.history.batches import BatchRepository, ItemResult
from app.core.history.entries import insert
from app.core.history.image_store import ImageStore
from app.core.history.patients import PatientRepository
from app.core.history.query import Query, Sort
from app.core.history.repository import EntryRepository
from app.core.system.log import Event
from tests.conftest import NAMES
from tests.factories import DATA, load_version, names, screening


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "new" / "history.sqlite3")


def test_what_is_written_is_read(history: EntryRepository) -> None:
    written = [history.add(screening(f"{name}.jpg")) for name in NAMES]
    assert history.entries() == written[::-1]
    assert EntryRepository(history.file).entries()[0].screening == screening(f"{NAMES[-1]}.jpg")
    assert history.count() == len(NAMES)


def test_the_time_of_the_picture(history: EntryRepository) -> None:
    moment = dt.datetime(2025, 12, 31, 23, 59)
    history.add(screening(captured_at=moment))
    history.add(screening())
    judged, pictured = (entry.screening for entry in history.entries())
    assert pictured.captured_at == pictured.shown_at == moment
    here = dt.datetime(2026, 1, 2, 0, 4, 5, tzinfo=dt.UTC).astimezone().replace(tzinfo=None)
    assert (judged.captured_at, judged.shown_at) == (None, here)


def test_pages(history: EntryRepository) -> None:
    ids = [history.add(screening(str(number))).id for number in range(7)]
    first = history.entries(limit=3)
    second = history.entries(limit=3, after=first[-1])
    assert [entry.id for entry in first + second] == ids[::-1][:6]


def test_delete(history: EntryRepository) -> None:
    kept, gone = history.add(screening()), history.add(screening())
    assert history.delete([gone.id]) == 1
    assert history.delete([gone.id]) == 0
    assert history.entries() == [kept]
    assert history.add(screening()).id > gone.id


def test_deleted_content_is_gone_from_the_file(history: EntryRepository) -> None:
    entry = history.add(screening("Very Secret Patient.jpg"))
    history.delete([entry.id])
    files = history.file.parent.glob("history.sqlite3*")
    assert not any(b"Very Secret Patient" in file.read_bytes() for file in files)


def test_failed_screenings_are_not_recorded(history: EntryRepository) -> None:
    with pytest.raises(ValueError, match="failed"):
        history.add(screening(prediction=None, error="damaged", thumbnail=b""))
    assert history.entries() == []


def test_path_that_is_no_text(history: EntryRepository) -> None:
    history.add(screening("\udcff.jpg"))
    assert history.entries()[0].screening.path.name == "\\udcff.jpg"


WRITER = """
import sys
from pathlib import Path
from app.core.history.repository import EntryRepository
from tests.core.history.test_repository import screening
history = EntryRepository(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    entry = history.add(screening(f"{sys.argv[3]}-{number}"))
    print(entry.id, flush=True)
"""


def writer(file: Path, count: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(file), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_kill_at_any_moment(history: EntryRepository) -> None:
    """What was said to be saved is there after kill -9, and the file goes on working."""
    said: list[int] = []
    for delay in (0.02, 0.05, 0.11):
        with writer(history.file, 100_000, "k") as process:
            assert process.stdout is not None
            said.append(int(process.stdout.readline()))
            time.sleep(delay)
            process.kill()
            said += [int(line) for line in process.stdout.read().splitlines() if line]
        stored = {entry.id for entry in history.entries(limit=100_000)}
        assert stored >= set(said)
        with sqlite3.connect(history.file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_two_windows_at_once(history: EntryRepository) -> None:
    """Both make the new file, both write, and nothing of either is lost."""
    with writer(history.file, 40, "a") as one, writer(history.file, 40, "b") as other:
        assert (one.wait(), other.wait()) == (0, 0)
    names = sorted(entry.screening.path.name for entry in history.entries())
    assert names == sorted(f"{who}-{number}" for who in "ab" for number in range(40))


def test_history_of_a_newer_program_is_left_alone(history: EntryRepository) -> None:
    history.add(screening())
    with sqlite3.connect(history.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = history.file.read_bytes()
    with pytest.raises(HistoryError, match="newer"):
        history.entries()
    assert history.file.read_bytes() == before


def test_a_migration_keeps_the_data_and_a_copy_of_before(
    history: EntryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.add(screening())
    step = "ALTER TABLE screening ADD COLUMN later TEXT;\nCREATE INDEX by_later ON screening (later);"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    assert history.entries()[0].screening == screening()
    copy = history.file.with_name(f"history.sqlite3.before-{len(migrations.STEPS)}")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM screening").fetchone() == (1,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(migrations.STEPS) - 1,)
    connection.close()


def test_a_migration_that_fails_changes_nothing(history: EntryRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    history.add(screening())
    step = "ALTER TABLE screening ADD COLUMN later TEXT;\nALTER TABLE nowhere ADD COLUMN a TEXT;"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    with pytest.raises(HistoryError):
        history.entries()
    monkeypatch.undo()
    assert history.entries()[0].screening == screening()


THUMBNAIL_THEN = b"\xff\xd8\xff"
"""In the files of earlier versions."""


def test_a_file_of_each_earlier_version_keeps_its_data(history: EntryRepository) -> None:
    """`data/history-N.sql` are what files of version N held, as `iterdump` writes them."""
    load_version(1, history.file)
    entries = history.entries()
    assert [entry.id for entry in entries] == [4, 3, 1]
    assert [entry.screening for entry in entries] == [
        screening("a b'c.jpg", 0.1, thumbnail=THUMBNAIL_THEN),
        screening("شامة المريض.jpg", 0.5, thumbnail=THUMBNAIL_THEN),
        screening("lesion.jpg", 0.25, thumbnail=THUMBNAIL_THEN),
    ]
    assert history.entries(Query(text="LESION")) == [entries[2]]  # what is searched was made for them
    assert history.add(screening()).id == 5
    assert len(list(DATA.glob("history-*.sql"))) == len(migrations.STEPS) - 1


def test_a_file_of_version_2_keeps_its_data(history: EntryRepository) -> None:
    load_version(2, history.file)
    other, first = history.entries()
    assert first.record == ClinicalRecord("P 7", "back", "watch", "melanoma", "2026-11-22", "histopathology")
    assert first.screening.prediction == Prediction(0.25, 0.047)
    assert first.screening.thumbnail == b"\xff\xd8jpeg"
    assert (first.screening.embedding, first.screening.ood_distance, first.annotation) == (b"", None, EMPTY_ANNOTATION)
    assert other.mark is Mark.SEEN
    assert other.lesion == first.lesion == 1
    assert [batch.total for batch in BatchRepository(history.database).open()] == [1]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_an_earlier_version_has_answers_without_gate_and_other_cancers(history: EntryRepository, version: int) -> None:
    load_version(version, history.file)
    entries = history.entries()
    assert entries
    for entry in entries:
        assert entry.screening.prediction is not None
        assert (entry.screening.status, entry.screening.dermoscopy_probability) == ("ok", None)
        prediction = entry.screening.prediction
        assert (prediction.other_cancer_probability, prediction.other_cancer_threshold) == (None, None)


def test_a_file_of_version_6_gets_its_advice_from_what_it_holds(history: EntryRepository) -> None:
    load_version(6, history.file)
    entries = {entry.screening.path.name: entry.screening for entry in history.entries()}
    advice = {
        "melanoma.jpg": Advice.REFER_MELANOMA,
        "carcinoma.jpg": Advice.REFER_OTHER_CANCER,
        "near.jpg": Advice.BORDERLINE,
        "steady.jpg": Advice.BELOW_THRESHOLD,
        "no copies.jpg": Advice.BELOW_THRESHOLD,
        "of an older model.jpg": Advice.BELOW_THRESHOLD,
        "cat.jpg": Advice.NOT_ASSESSED,
    }
    assert {name: advice_of(one) for name, one in entries.items()} == advice
    for kind in Advice:
        found = history.entries(Query(advices=frozenset({kind})))
        assert set(names(found)) == {name for name in advice if advice[name] is kind}
    assert not_known(entries["steady.jpg"]) == (Unknown.COPIES,)  # of its copies only melanoma was kept
    assert not_known(entries["no copies.jpg"]) == (Unknown.COPIES,)
    assert not_known(entries["of an older model.jpg"]) == (Unknown.OTHER_CANCER, Unknown.COPIES)
    assert all(one.prediction and one.prediction.diagnoses == () for one in entries.values())


def test_a_file_of_version_7_has_no_copies_of_other_cancers(history: EntryRepository) -> None:
    load_version(7, history.file)
    entries = {entry.screening.path.name: entry.screening.prediction for entry in history.entries()}
    of_carcinoma, without = entries["carcinoma.jpg"], entries["no copies.jpg"]
    assert of_carcinoma is not None
    assert of_carcinoma.consistency == Consistency(0.05, 0.12, True, other_cancer=None)
    assert of_carcinoma.other_cancer_probability == 0.9
    assert without is not None
    assert without.consistency is None


@pytest.mark.parametrize("others", [None, (0.25, 0.75)])
def test_what_the_copies_gave_is_kept(history: EntryRepository, others: tuple[float, float] | None) -> None:
    prediction = Prediction(
        0.1, 0.2, Consistency(0.05, 0.12, True, others), other_cancer_probability=0.5, other_cancer_threshold=0.3
    )
    history.add(screening(prediction=prediction))
    (entry,) = history.entries()
    assert entry.screening.prediction == prediction


def test_a_file_of_version_5_still_says_which_number_was_asked_for(history: EntryRepository) -> None:
    """Until then the distance from the training's images told it."""
    load_version(5, history.file)
    entries = {entry.screening.path.name: entry.screening for entry in history.entries()}
    assert (entries["like it.jpg"].ood_distance, entries["cat.jpg"].ood_distance) == (1.0, 3.0)
    assert {name for name, one in entries.items() if one.status == "unfamiliar"} == {"cat.jpg"}
    assert {name for name, one in entries.items() if one.forced} == {"cat.jpg"}
    melanomas = Query(advices=frozenset({Advice.REFER_MELANOMA}))
    assert history.count(melanomas) == len(entries) - 2  # nor the one that is none
    (batch, _) = BatchRepository(history.database).open()
    rows = BatchRepository(history.database).rows(batch.id)
    assert [row.screening.status for row in rows] == ["refused", "unfamiliar"]
    assert rows[0].screening.refusal is Rejection.OUT_OF_DISTRIBUTION
    assert rows[0].screening.dermoscopy_probability is None
    again = history.record_once(entries["cat.jpg"])
    assert again.screening.path.name == "cat.jpg"
    assert history.count() == len(entries)


def test_what_an_answer_is_worth_is_kept(history: EntryRepository) -> None:
    shaky = Prediction(0.25, 0.2, Consistency(0.1, 0.3, consistent=False), 0.125, 0.0625)
    added = history.add(screening(prediction=shaky, ood_distance=0.5, dermoscopy_probability=0.75, embedding=b"\0\x3c"))
    (read,) = history.entries()
    assert read.screening == added.screening
    assert read.screening.prediction is not None
    assert read.screening.prediction.is_near_threshold


def test_a_drawing_is_kept_and_replaced(history: EntryRepository) -> None:
    entry = history.add(screening())
    outline = Outline(((0.1, 0.2), (0.8, 0.2), (0.5, 0.9)))
    history.update_annotation(entry, Annotation(outline, outline_by_hand=True, field_width=12.5))
    assert history.entries()[0].annotation == Annotation(outline, outline_by_hand=True, field_width=12.5)
    history.update_annotation(entry, EMPTY_ANNOTATION)
    assert history.entries()[0].annotation == EMPTY_ANNOTATION


def test_a_drawing_goes_to_its_very_entry_alone(history: EntryRepository) -> None:
    entry = history.add(screening())
    another = replace(entry, screening=replace(entry.screening, sha256="c" * 64))
    history.update_annotation(another, Annotation(field_width=3.0))
    assert history.entries()[0].annotation == EMPTY_ANNOTATION


def case(*values: float) -> bytes:
    return np.array(values, np.float16).tobytes()


def test_similar_cases_are_the_confirmed_ones_by_likeness(history: EntryRepository) -> None:
    melanoma, nevus = ClinicalRecord(diagnosis="melanoma"), ClinicalRecord(diagnosis="nevus")
    like = history.add(screening("like.jpg", sha256="1" * 64, embedding=case(1, 0)), melanoma)
    unlike = history.add(screening("unlike.jpg", sha256="2" * 64, embedding=case(0, 1)), nevus)
    history.add(screening("not confirmed.jpg", sha256="3" * 64, embedding=case(1, 0)))
    history.add(screening("the same.jpg", sha256="4" * 64, embedding=case(1, 0)), nevus)
    history.add(
        screening("other model.jpg", sha256="5" * 64, embedding=case(1, 0), model=ModelId("x", "1", "0" * 64)), nevus
    )
    found = history.similar(screening(sha256="4" * 64, embedding=case(0.8, 0.6)), count=6)
    assert [case.entry.id for case in found] == [like.id, unlike.id]
    assert [case.similarity for case in found] == pytest.approx([0.8, 0.6], abs=1e-3)
    assert len(history.similar(screening(sha256="4" * 64, embedding=case(0.8, 0.6)), count=1)) == 1
    assert history.similar(screening(), count=6) == []  # a result of an earlier model has nothing to compare


def test_cases_of_another_card_of_the_same_network_are_not_compared(history: EntryRepository) -> None:
    """Its short vectors of a case may have other directions."""
    nevus = ClinicalRecord(diagnosis="nevus")
    cards = {name: ModelId("model", "1.2", "f" * 64, name * 64) for name in ("a", "b")}
    for number, card in enumerate(cards.values()):
        history.add(screening(sha256=f"{number}" * 64, embedding=case(1, 0), model=card), nevus)
    (found,) = history.similar(screening(sha256="c" * 64, embedding=case(1, 0), model=cards["b"]), count=6)
    assert found.entry.screening.model.card_sha256 == "b" * 64


def test_search(history: EntryRepository) -> None:
    one = history.add(screening("Родинка.jpg", 0.9), ClinicalRecord(patient="Müller 7", site="head/neck"))
    two = history.add(screening("b.jpg", 0.1), ClinicalRecord(note="100% sure_thing"))
    history.add(screening("c.jpg", 0.3, screened_at=dt.datetime(2026, 3, 1, 23, 59).astimezone()))
    history.set_mark([one.id], Mark.CLEAR)
    history.update_record(two, ClinicalRecord(note="100% sure_thing", diagnosis="nevus"))
    found = {
        "родинка": Query(text="рОДИНКА"),
        "accent written otherwise": Query(text="mu\u0308ller"),
        "signs that SQL knows": Query(text="0% sure_"),
        "site": Query(site="head/neck"),
        "patient": Query(patient="Müller 7"),
        "mark": Query(mark=Mark.CLEAR),
        "another mark": Query(mark=Mark.REFER),
        "decided": Query(decided=True),
        "confirmed": Query(confirmed=True),
        "diagnosis": Query(text="NEVUS"),
        "advice": Query(advices=frozenset({Advice.BELOW_THRESHOLD})),
        "since": Query(since=dt.date(2026, 3, 1)),
        "until": Query(until=dt.date(2026, 2, 28), decided=False),
        "one day": Query(since=dt.date(2026, 3, 1), until=dt.date(2026, 3, 1)),
        "nothing": Query(text="%" * 2),
    }
    assert {name: names(history.entries(query)) for name, query in found.items()} == {
        "родинка": ["Родинка.jpg"],
        "accent written otherwise": ["Родинка.jpg"],
        "signs that SQL knows": ["b.jpg"],
        "site": ["Родинка.jpg"],
        "patient": ["Родинка.jpg"],
        "mark": ["Родинка.jpg"],
        "another mark": [],
        "decided": ["Родинка.jpg"],
        "confirmed": ["b.jpg"],
        "diagnosis": ["b.jpg"],
        "advice": ["b.jpg"],
        "since": ["c.jpg"],
        "until": ["b.jpg"],
        "one day": ["c.jpg"],
        "nothing": [],
    }
    assert [history.count(query) for query in found.values()] == [
        len(history.entries(query)) for query in found.values()
    ]


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("descending", [True, False])
def test_pages_in_any_order_have_every_entry_once(history: EntryRepository, sort: Sort, descending: bool) -> None:
    for number in range(23):
        history.add(screening(str(number), (number % 5) / 10), ClinicalRecord(patient=f"p{number % 3}"))
    query = Query(sort=sort, descending=descending)
    pages: list[Entry] = []
    while page := history.entries(query, limit=4, after=pages[-1] if pages else None):
        pages += page
    keys = {
        Sort.TIME: lambda entry: (entry.screening.screened_at, entry.id),
        Sort.PROBABILITY: lambda entry: (entry.screening.prediction.melanoma_probability, entry.id),
        Sort.PATIENT: lambda entry: (entry.record.patient, entry.id),
    }
    assert pages == sorted(pages, key=keys[sort], reverse=descending)
    assert len({entry.id for entry in pages}) == 23


def test_a_lesion_over_time(history: EntryRepository) -> None:
    ids = [history.add(screening(str(number))).id for number in range(6)]
    first = history.join_lesion([ids[0], ids[1]])
    second = history.join_lesion([ids[3], ids[4]])
    assert first != second
    both = history.join_lesion([ids[1], ids[4], ids[5]])
    assert names(history.entries(Query(lesion=both, descending=False))) == ["0", "1", "3", "4", "5"]
    history.leave_lesion([ids[3]])
    assert names(history.entries(Query(lesion=both, descending=False))) == ["0", "1", "4", "5"]


def test_deleting_a_patient_or_what_is_old(history: EntryRepository, tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "images")
    history = EntryRepository(history.file, images)
    old = dt.datetime(2020, 1, 1).astimezone()
    for name, patient, screened_at, content in (
        ("1", "Very Secret", old, "a"),
        ("2", "Very Secret", None, "b"),
        ("3", "", old, "c"),
        ("4", "other", None, "c"),
    ):
        changes = {"screened_at": screened_at} if screened_at else {}
        history.add(screening(name, sha256=content * 64, **changes), ClinicalRecord(patient=patient))
        images.add(content * 64, content.encode())
    assert PatientRepository(history.database).identifiers() == ["Very Secret", "other"]
    assert history.delete_patient("Very Secret") == 2
    assert names(history.entries()) == ["4", "3"]
    assert [images.content(content * 64) for content in "abc"] == [None, None, b"c"]
    assert history.delete_before(dt.date(2026, 1, 1)) == 1
    assert names(history.entries()) == ["4"]
    assert images.content("c" * 64) == b"c"  # another entry has the same content
    files = history.file.parent.glob("history.sqlite3*")
    assert not any(b"Very Secret" in file.read_bytes() for file in files)


def test_what_was_opened_goes_with_its_last_result(history: EntryRepository, tmp_path: Path) -> None:
    batches = BatchRepository(history.database)
    files = [tmp_path / "Very Secret" / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    batch = batches.create(files, [tmp_path / "Very Secret"])
    batches.write(batch, [ItemResult(0, screening()), ItemResult(1, screening(prediction=None, error="damaged"))])
    batches.close(batch)
    history.database.file.with_name(f"history.sqlite3.before-{len(migrations.STEPS)}").write_bytes(b"Very Secret")
    history.delete([1])
    files = list(history.file.parent.glob("history.sqlite3*"))
    assert not any(b"Very Secret" in file.read_bytes() for file in files)
    assert not any(b"Very Secret".hex().encode() in file.read_bytes() for file in files)


def test_a_damaged_file_is_found_and_set_aside_whole(
    history: EntryRepository, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(200):
        history.add(screening(str(number), thumbnail=bytes(3000)))
    assert history.database.integrity_error() == ""
    content = bytearray(history.file.read_bytes())
    content[40_000:200_000] = b"\xa5" * 160_000
    history.file.write_bytes(content)
    assert history.database.integrity_error()
    aside = history.database.quarantine()
    assert caplog.messages == [Event.HISTORY_QUARANTINED]
    assert aside.read_bytes() == bytes(content)
    assert history.entries() == []
    assert history.database.integrity_error() == ""


def test_file_that_is_no_database(history: EntryRepository) -> None:
    history.file.parent.mkdir()
    history.file.write_bytes(b"no database" * 1000)
    with pytest.raises(HistoryError, match="history"):
        history.entries()
    assert history.file.read_bytes() == b"no database" * 1000


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError):
        EntryRepository(tmp_path / "file" / "history.sqlite3").add(screening())


def test_a_large_history_is_paged_as_fast_as_a_small_one(tmp_path: Path) -> None:
    """The first page by any order, and a page from the middle, take about as long with 100,000 entries as with 500."""
    histories = {count: EntryRepository(tmp_path / f"{count}.sqlite3") for count in (500, 100_000)}
    for count, history in histories.items():
        with history.database.transaction() as connection:
            for number in range(count):
                insert(connection, screening(f"{number}.jpg", (number * 7919 % 1000) / 1000, thumbnail=b"x" * 50))
    seconds: dict[int, float] = {}
    for count, history in histories.items():
        queries = [(Query(sort=sort, descending=descending), None) for sort in Sort for descending in (True, False)]
        (middle,) = history.entries(Query(text=f"/{count // 2}.jpg"))
        queries += [(query, middle) for query, _ in queries]
        rounds = []
        for _ in range(3):
            start = time.perf_counter()
            for query, after in queries:
                assert history.entries(query, limit=100, after=after)
            rounds.append(time.perf_counter() - start)
        seconds[count] = min(rounds)
    assert seconds[100_000] < 3 * seconds[500]


@pytest.fixture
def kinds(history: EntryRepository) -> EntryRepository:
    """A history with results of four kinds, some of them decided on."""
    other = {"other_cancer_probability": 0.9, "other_cancer_threshold": 0.5}
    for name, prediction in (
        ("melanoma.jpg", Prediction(0.9, 0.2)),
        ("another melanoma.jpg", Prediction(0.8, 0.2)),
        ("carcinoma.jpg", Prediction(0.1, 0.2, **other)),
        ("near.jpg", Prediction(0.19, 0.2, borderline=True)),
        ("below.jpg", Prediction(0.1, 0.2)),
    ):
        history.add(screening(name, prediction=prediction))
    history.set_mark([1, 3, 5], Mark.WATCH)
    return history


@pytest.mark.parametrize(
    ("advices", "found"),
    [
        ((), ["below.jpg", "near.jpg", "carcinoma.jpg", "another melanoma.jpg", "melanoma.jpg"]),
        ((Advice.BORDERLINE,), ["near.jpg"]),
        ((Advice.REFER_OTHER_CANCER, Advice.BORDERLINE), ["near.jpg", "carcinoma.jpg"]),
        ((Advice.BELOW_THRESHOLD, Advice.REFER_MELANOMA), ["below.jpg", "another melanoma.jpg", "melanoma.jpg"]),
        ((Advice.NOT_ASSESSED,), []),
        ((Advice.NOT_ASSESSED, Advice.BORDERLINE), ["near.jpg"]),
    ],
)
def test_several_advices_are_looked_for_at_once(
    kinds: EntryRepository, advices: tuple[Advice, ...], found: list[str]
) -> None:
    query = Query(advices=frozenset(advices))
    assert names(kinds.entries(query)) == found
    assert kinds.count(query) == len(found)


def test_several_advices_and_what_else_is_asked_for_must_hold_together(kinds: EntryRepository) -> None:
    query = Query(advices=frozenset({Advice.REFER_MELANOMA, Advice.BORDERLINE}), decided=False)
    assert names(kinds.entries(query)) == ["near.jpg", "another melanoma.jpg"]
    (first, *_) = kinds.entries(query, limit=1)
    assert names(kinds.entries(query, after=first)) == ["another melanoma.jpg"]


def test_the_counts_by_advice_leave_out_which_advices_are_looked_for(kinds: EntryRepository) -> None:
    everything = {
        Advice.REFER_MELANOMA: 2,
        Advice.REFER_OTHER_CANCER: 1,
        Advice.BORDERLINE: 1,
        Advice.BELOW_THRESHOLD: 1,
    }
    assert kinds.counts() == everything
    assert kinds.counts(Query(advices=frozenset({Advice.BORDERLINE}))) == everything
    assert kinds.counts(Query(advices=frozenset({Advice.BORDERLINE}), decided=False)) == {
        Advice.REFER_MELANOMA: 1,
        Advice.BORDERLINE: 1,
    }
    assert kinds.counts(Query(text="nobody")) == {}


def test_a_number_that_was_asked_for_is_found_under_no_answer(history: EntryRepository) -> None:
    asked_for = history.add(screening("cat.jpg", 0.9, forced=True, embedding=case(1, 0)))
    answered = history.add(screening("mole.jpg", 0.9, ood_distance=3.0, sha256="b" * 64, embedding=case(1, 0)))
    assert history.entries(Query(advices=frozenset({Advice.REFER_MELANOMA}))) == [answered]
    assert history.entries(Query(advices=frozenset({Advice.NOT_ASSESSED}))) == [asked_for]
    assert history.entries() == [answered, asked_for]
    history.update_record(asked_for, ClinicalRecord(diagnosis="nevus"))
    assert history.similar(answered.screening, count=6) == []
    assert history.similar(asked_for.screening, count=6) == []


def test_more_numbers_than_a_statement_takes(history: EntryRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite limits the question marks of one statement, in some builds to 999."""
    ids = [history.add(screening(str(number))).id for number in range(7)]
    transaction = history.database.transaction

    @contextlib.contextmanager
    def limited() -> Iterator[sqlite3.Connection]:
        with transaction() as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 40)
            yield connection

    monkeypatch.setattr(history.database, "transaction", limited)
    monkeypatch.setattr(entries_module, "AT_ONCE", 3)
    many = [*ids, *range(1000, 1100)]
    assert list(history.by_id(many)) == ids
    assert list(history.thumbnails(many)) == ids
    assert history.join_lesion(many) == ids[0]
    assert {entry.lesion for entry in history.entries()} == {ids[0]}
    history.set_mark(many, Mark.REFER)
    assert history.count(Query(mark=Mark.REFER)) == 7
    history.leave_lesion(many)
    assert history.delete(many) == 7


def test_one_entry_by_its_number(history: EntryRepository) -> None:
    entry = history.add(screening())
    assert history.get(entry.id) == entry
    history.delete([entry.id])
    assert history.get(entry.id) is None
