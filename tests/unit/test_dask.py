"""Beyond one machine: a search over our estimators on joblib's Dask backend, unchanged.

A local cluster of two workers; one of them is killed in the middle, and nothing is lost. (Most
fits wait for that, so that it is the middle on a slow machine, too.)
joblib puts each large array on *one* worker, so what a killed worker held would be gone: the
rows and the splits are therefore named in ``scatter``, which copies them to every worker. Dask's
memory manager would drop those copies again after two seconds: it is not started.
"""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
import uuid
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from nnlib import Dense, Network, datasets, sweep
from nnlib.estimators import MLPClassifier

distributed = pytest.importorskip(
    "distributed", reason="Dask is optional: pip install 'dask[distributed]'"
)
dask = pytest.importorskip("dask")
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.skipif(os.name == "nt", reason="a worker is killed with a POSIX signal"),
]

GRID = {"learning_rate_init": [0.001, 0.01, 0.1], "alpha": [1e-4, 1e-2, 1.0, 10.0]}


BEFORE = 8  # fits that do not wait until a worker is killed
KILLED = "killed"


def search(splits, **options) -> GridSearchCV:
    model = MLPClassifier((30,), max_iter=15, random_state=0)
    return GridSearchCV(model, GRID, cv=splits, n_jobs=-1, **options)


def score_after_the_kill(model, X, y, *, folder: str) -> float:
    """Score as the search does by itself; but after some fits, wait until a worker was killed."""
    (Path(folder) / uuid.uuid4().hex).touch()
    until = time.monotonic() + 300
    while len(os.listdir(folder)) > BEFORE and not (Path(folder) / KILLED).exists():
        if time.monotonic() > until:
            raise TimeoutError("nobody killed a worker")
        time.sleep(0.02)
    return model.score(X, y)


@pytest.fixture(scope="module")
def data():
    X, y = datasets.load_digits()
    ((X, y),) = datasets.split(X, y, 900, seed=0)
    return X, y


@pytest.fixture
def client(tmp_path):
    with (
        dask.config.set({"distributed.scheduler.active-memory-manager.start": False}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
            local_directory=str(tmp_path), silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


def test_a_search_survives_a_killed_worker(client, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fits")
    waiting = functools.partial(score_after_the_kill, folder=str(folder))
    splits = list(StratifiedKFold(3).split(*data))
    everywhere = [*data, *(rows for pair in splits for rows in pair)]
    alone = search(splits).set_params(n_jobs=1).fit(*data)
    victims = client.run(os.getpid)
    killed = []

    def kill_one_midway() -> None:
        # Wait until the first of the 36 fits are done and another one waits; end a worker.
        while len(os.listdir(folder)) <= BEFORE:
            time.sleep(0.02)
        pid = next(iter(victims.values()))
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
        (folder / KILLED).touch()

    killer = threading.Thread(target=kill_one_midway, daemon=True)
    with joblib.parallel_backend("dask", client=client, scatter=everywhere):
        killer.start()
        together = search(splits, scoring=waiting).fit(*data)
    killer.join(timeout=30)

    assert len(killed) == 1, "no worker was killed: the test showed nothing"
    assert killed[0] not in client.run(os.getpid).values()
    np.testing.assert_allclose(
        together.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    assert not np.isnan(together.cv_results_["mean_test_score"]).any()
    assert together.best_params_ == alone.best_params_


def test_a_sweep_trains_its_blocks_on_the_cluster(client, data):
    template = Network(64, [Dense(12, "sigmoid"), Dense(10)])
    grid = {"learning_rate": [0.01, 0.1, 1.0, 2.0]}

    def prepared():
        return sweep(template, *data, grid, batch_size=50, epochs=3, threads=2)

    there, here = prepared().run(client.get_executor()), prepared().run()
    for column, values in here.curves.items():
        np.testing.assert_array_equal(there.curves[column], values)
    for k in range(4):
        np.testing.assert_array_equal(there.network(k).theta, here.network(k).theta)
