"""`melascreen classify --cluster`: the same rows as without, each image once, whatever becomes of a worker."""

from __future__ import annotations

import argparse
import csv
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask.config
import pytest
from distributed import Client, LocalCluster, Security
from PIL import Image
from pyarrow import parquet

from app.__main__ import main
from app.cli import cluster, cluster_worker
from app.cli.cluster import ClusterError
from app.cli.cluster_worker import Job, ScreenerPlugin, UnfitWorkerError
from app.cli.results_file import ResultsError, ResultsFile, read_parquet, write_parquet
from app.core.domain.results import ModelId
from app.core.exchange.table import COLUMNS
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.system import paths
from tests.factories import file_of

pytestmark = pytest.mark.filterwarnings("ignore")  # the library's own
COUNT = 70
screen = cluster_worker.screen


@pytest.fixture(autouse=True)
def no_thread_is_left() -> None:
    """In place of the check for all tests: the library's threads live as long as its cluster."""


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalCluster]:
    """A scheduler and two workers, each of them a process; a task that ends two workers is given up."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as ours,
    ):
        yield ours


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures that differ, one of them damaged."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(COUNT - 1):
        Image.fromarray(reference_image(radius=30 + number)).save(folder / f"{number:02}.png")
    (folder / "broken.jpg").write_bytes(b"no image")
    return folder


@pytest.fixture
def classify(user_data: object, model: Path) -> Callable[..., int]:
    return lambda *arguments: main(["classify", *map(str, arguments), "--model", str(model)])


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["path"])


@pytest.fixture(scope="module")
def local_table(archive: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table without a cluster."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.DATA_VARIABLE, str(folder / "data"))
        main(["classify", str(archive), "--csv", str(folder / "out.csv"), "--no-history", "--model", str(model)])
    return folder / "out.csv"


@pytest.fixture
def local(local_table: Path) -> list[dict[str, str]]:
    return rows_of(local_table)


def test_rows_equal_those_without_a_cluster(
    archive: Path,
    classify: Callable[..., int],
    local: list[dict[str, str]],
    workers: LocalCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "SENT_WITH_A_TASK", 50_000)  # a picture or two, and a task or two under way
    monkeypatch.setattr(cluster, "SENT_AT_ONCE", 100_000)
    for how in ((), ("--send",)):
        table = tmp_path / f"cluster{len(how)}.csv"
        assert classify(archive, "--cluster", workers.scheduler_address, "--csv", table, *how) == 1
        assert rows_of(table) == local


def test_workers_of_its_own_on_this_machine(
    archive: Path, classify: Callable[..., int], local: list[dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("\n".join(str(path) for path in archive.iterdir()))
    arguments = ("--list", tmp_path / "list.txt", archive / "00.png", "--cluster", "local")
    assert classify(*arguments, "--parquet", tmp_path / "out.parquet") == 1
    found = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["path"] for row in sorted(found, key=lambda row: row["path"])] == [row["path"] for row in local]
    probabilities = {row["path"]: row["melanoma_probability"] for row in found}
    assert probabilities == {  # as numbers
        row["path"]: float(row["melanoma_probability"]) if row["melanoma_probability"] else None for row in local
    }
    assert [file.name for file in tmp_path.glob("out*")] == ["out.parquet"]
    later = tmp_path / "later.png"
    Image.fromarray(reference_image(radius=20)).save(later)
    assert classify(archive, later, "--cluster", "local", "--parquet", tmp_path / "out.parquet") == 1
    again = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert again[: len(found)] == found
    assert [row["path"] for row in again[len(found) :]] == [str(later)]


def test_a_killed_worker_costs_no_image(
    archive: Path,
    classify: Callable[..., int],
    local: list[dict[str, str]],
    workers: LocalCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Client(workers, set_as_default=False) as client:
        before = client.run(os.getpid)
        table = tmp_path / "out.csv"

        rows_before: list[int] = []

        def kill() -> None:
            latest = time.monotonic() + 60
            while time.monotonic() < latest and (not table.exists() or len(table.read_bytes().splitlines()) < 2):
                time.sleep(0.005)
            os.kill(next(iter(before.values())), signal.SIGKILL)
            rows_before.append(len(table.read_bytes().splitlines()) - 1)

        monkeypatch.setattr(cluster, "WRITTEN_AT_LEAST", 0.0)
        monkeypatch.setattr(cluster, "CHUNK_SIZE", 4)
        killer = threading.Thread(target=kill)
        killer.start()
        assert classify(archive, "--cluster", workers.scheduler_address, "--csv", table) == 1
        killer.join()
        assert rows_before[0] < COUNT
        assert rows_of(table) == local
        client.wait_for_workers(2, timeout=30)  # the killed one comes back
        assert set(client.run(os.getpid).values()) != set(before.values())


def screen_or_end(key: str, images: list[cluster_worker.Image]) -> list[cluster_worker.Row]:
    """As a worker does, which ends at a picture by that name."""
    if any(image.path.name == "07.png" for image in images):
        os.kill(os.getpid(), signal.SIGKILL)
    return screen(key, images)


def test_a_picture_that_ends_its_workers_is_a_row_with_the_reason(
    archive: Path, classify: Callable[..., int], workers: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_worker, "screen", screen_or_end)
    with Client(workers, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=30)
    some = [archive / f"{number:02}.png" for number in range(5, 10)]
    assert classify(*some, "--cluster", workers.scheduler_address, "--csv", tmp_path / "out.csv") == 1
    codes = {Path(row["path"]).name: row["code"] for row in rows_of(tmp_path / "out.csv")}
    assert codes == {path.name: "picture-ends-worker" if path.name == "07.png" else "" for path in some}


def test_a_table_is_gone_on_with(
    archive: Path, classify: Callable[..., int], local_table: Path, workers: LocalCluster, tmp_path: Path
) -> None:
    """Rows that are there stay as they are; one that was cut off is made again."""
    table, local = tmp_path / "out.csv", rows_of(local_table)
    whole = local_table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join(whole[:30]) + whole[30][:40])
    assert classify(archive, "--cluster", workers.scheduler_address, "--csv", table) == 1
    assert table.read_bytes().startswith(b"".join(whole[:30]))
    assert rows_of(table) == local
    finished = table.read_bytes()
    assert classify(archive, "--cluster", workers.scheduler_address, "--csv", table) == 1
    assert table.read_bytes() == finished


def test_images_that_are_sent_are_read_by_no_worker(model: Path) -> None:
    job = Job("sent", load_bundle(model), False, False, cluster_worker.versions())
    plugin = ScreenerPlugin(job)
    plugin.setup(None)
    nowhere = Path("/nowhere")
    images = [
        cluster_worker.Image(nowhere / "a.png", file_of(reference_image())),
        cluster_worker.Image(nowhere / "b.png"),
    ]
    status = {Path(row["path"]).name: row["status"] for row in screen("sent", images)}
    assert status == {"a.png": "ok", "b.png": "failed"}
    plugin.teardown(None)
    with pytest.raises(UnfitWorkerError, match="could not be made ready"):
        screen("sent", [])


def test_with_certificates(archive: Path, classify: Callable[..., int], tmp_path: Path) -> None:
    security = Security.temporary()
    files = {"ca": security.tls_ca_file, "cert": security.tls_client_cert, "key": security.tls_client_key}
    options = ["--csv", tmp_path / "out.csv"]
    for name, content in files.items():
        (tmp_path / f"{name}.pem").write_text(content)
        options += [f"--tls-{name}", tmp_path / f"{name}.pem"]
    with LocalCluster(1, 1, host="tls://127.0.0.1", dashboard_address=None, security=security) as secured:
        address = secured.scheduler_address.removeprefix("tls://")
        assert classify(archive / "00.png", "--cluster", address, *options) == 0
    assert len(rows_of(tmp_path / "out.csv")) == 1


def test_a_worker_of_another_version_is_unfit(model: Path, workers: LocalCluster) -> None:
    versions = cluster_worker.versions() | {"numpy": "0"}
    with Client(workers, set_as_default=False) as client, pytest.raises(UnfitWorkerError, match="this machine has 0"):
        client.register_plugin(ScreenerPlugin(Job("odd", load_bundle(model), False, False, versions)))


class TestRefused:
    def test_another_machine_without_encryption(self) -> None:
        for address in ("tcp://192.168.1.5:8786", "clinic:8786", "tls://10.0.0.1:8786"):
            options = self.options(cluster=address)
            with pytest.raises(ClusterError, match="another machine"):
                cluster.security_of(options)
            assert cluster.security_of(self.options(cluster=address, insecure=True)) is None
        for address in ("tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786", "local"):
            assert cluster.security_of(self.options(cluster=address)) is None

    def test_half_of_the_certificates(self) -> None:
        files = {f"tls_{name}": Path(name) for name in ("ca", "cert", "key")}
        secured = cluster.security_of(self.options(cluster="tls://clinic:8786", **files))
        assert secured is not None
        assert secured.require_encryption
        with pytest.raises(ClusterError, match="go together"):
            cluster.security_of(self.options(cluster="tls://clinic:8786", tls_ca=Path("ca")))

    def options(self, **given: object) -> argparse.Namespace:
        nothing = {"insecure": False, "tls_ca": None, "tls_cert": None, "tls_key": None}
        return argparse.Namespace(**(nothing | given))

    def test_what_is_said_of_it(
        self,
        archive: Path,
        classify: Callable[..., int],
        workers: LocalCluster,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        table, address = tmp_path / "out.csv", workers.scheduler_address
        monkeypatch.setattr(cluster, "PATIENCE", 1)

        def told(*arguments: object) -> str:
            assert classify(archive, *arguments) == 2
            return capsys.readouterr().err

        assert "name the file" in told("--cluster", address)
        assert "name the file" in told("--cluster", address, "--csv", table, "--parquet", table)
        assert "go with --cluster" in told("--send", "--csv", table)
        assert "go with --cluster" in told("--parquet", table)
        for nowhere in ("tcp://127.0.0.1:1", "tls://127.0.0.1:1"):
            assert "no scheduler with a worker answers" in told("--cluster", nowhere, "--csv", table)
        assert not table.exists()
        table.write_text("some,other\ntable,here\n")
        assert "no table of this program's results" in told("--cluster", address, "--csv", table)
        assert table.read_text() == "some,other\ntable,here\n"
        assert "no-such-folder" in told("--cluster", address, "--csv", tmp_path / "no-such-folder" / "out.csv")
        assert "list.txt" in told("--list", tmp_path / "list.txt", "--cluster", address, "--csv", tmp_path / "new.csv")
        own = cluster_worker.versions() | {"numpy": "0"}
        monkeypatch.setattr(cluster_worker, "versions", lambda: own)
        assert "this machine has 0" in told("--cluster", address, "--csv", tmp_path / "new.csv")
        monkeypatch.undo()

    def test_without_the_packages(
        self,
        archive: Path,
        classify: Callable[..., int],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delattr("app.cli.cluster")
        monkeypatch.setitem(sys.modules, "app.cli.cluster", None)
        assert classify(archive, "--cluster", "local", "--csv", tmp_path / "out.csv") == 2
        assert "it works from source" in capsys.readouterr().err


MODEL = ModelId("MelaScreen", "1", "f" * 64)


class TestResultsFile:
    ROW = dict.fromkeys(COLUMNS, "") | {"model": MODEL.name, "model_version": MODEL.version}

    def test_an_image_is_claimed_once(self, tmp_path: Path) -> None:
        odd = os.fsdecode(b'/archive/caf\xe9, "a"\n.png')
        file = ResultsFile(tmp_path / "out.csv", MODEL)
        assert file.claim(odd)
        assert not file.claim(Path(odd))
        file.add([self.ROW | {"path": odd, "melanoma_probability": 0.0}, self.ROW | {"path": "b"}])
        assert (file.done, file.failed) == (2, 1)
        file.close()
        again = ResultsFile(tmp_path / "out.csv", MODEL)
        assert [again.claim(path) for path in (odd, "b", "c")] == [False, False, True]
        assert (again.done, again.failed) == (2, 1)
        again.close()

    def test_of_another_version(self, tmp_path: Path) -> None:
        (tmp_path / "out.csv").write_text("path,status\r\na,ok\r\n")
        with pytest.raises(ResultsError, match="another version"):
            ResultsFile(tmp_path / "out.csv", MODEL)

    def test_of_another_model(self, tmp_path: Path) -> None:
        file = ResultsFile(tmp_path / "out.csv", MODEL)
        file.add([self.ROW | {"path": "a"}])
        file.close()
        with pytest.raises(ResultsError, match="another model, MelaScreen 1"):
            ResultsFile(tmp_path / "out.csv", ModelId("MelaScreen", "2", "f" * 64))

    def test_a_row_that_is_none_ends_it_and_nothing_is_lost(self, tmp_path: Path) -> None:
        file = ResultsFile(tmp_path / "out.csv", MODEL)
        file.add([self.ROW | {"path": "a"}])
        file.close()
        content = (tmp_path / "out.csv").read_bytes() + b"b,ok\r\n"
        (tmp_path / "out.csv").write_bytes(content)
        with pytest.raises(ResultsError, match="2 cells"):
            ResultsFile(tmp_path / "out.csv", MODEL)
        assert (tmp_path / "out.csv").read_bytes() == content

    def test_words_that_tables_take_for_nothing_stay_words(self, tmp_path: Path) -> None:
        file = ResultsFile(tmp_path / "out.csv", MODEL)
        file.add([self.ROW | {"path": "NA", "error": "n/a", "melanoma_probability": 0.25}])
        file.close()
        write_parquet(tmp_path / "out.csv", tmp_path / "out.parquet")
        ((row,),) = read_parquet(tmp_path / "out.parquet")
        assert (row["path"], row["error"], row["melanoma_probability"], row["code"]) == ("NA", "n/a", 0.25, None)
        (tmp_path / "other.parquet").write_bytes(b"none")
        with pytest.raises(ResultsError, match="can't be read"):
            list(read_parquet(tmp_path / "other.parquet"))
