"""Training in a kernel, without a browser: the front-end is played by the test."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nnlib
from nnlib.widgets import Heatmap, TrainingPlayer, live, problems
from nnlib.widgets.heatmap import LiveSweep


class FrontEnd:
    """Takes a figure's messages; says that it has seen them unless it is gone."""

    def __init__(self, figure, there=True):
        self.figure, self.there = figure, there
        self.messages = []
        self.ask("hello")

    def ask(self, do, **content):
        self.figure.receive(self, {"do": do, "from": "one", **content})

    def send(self, content, buffers=None):
        self.messages.append((content, buffers))
        if self.there and content["kind"] == "report":
            asyncio.get_running_loop().call_soon(self.seen, content["frame"])

    def seen(self, frame):
        if "one" in self.figure.sessions:
            self.ask("seen", frame=frame)

    async def until(self, stopped):
        for _ in range(2000):
            if self.reports and self.reports[-1]["stopped"] == stopped:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never {stopped}: {self.reports[-1]}")

    @property
    def reports(self):
        return [content for content, _ in self.messages if content["kind"] == "report"]

    @property
    def records(self):
        return [record for report in self.reports for record in report["records"]]

    def last_theta(self):
        buffers = [buffers for _, buffers in self.messages if buffers]
        return np.frombuffer(buffers[-1][0], "<f8")[-self.size :]

    @property
    def size(self):
        return self.figure.sessions["one"].run.network.theta.size


def play(scene):
    """Run a scene on a loop of its own: another test's browser may hold this thread's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scene()).result(60)


def started(name="noisy_xor", there=True, **recipe):
    player = TrainingPlayer(name)
    front = FrontEnd(player, there)
    front.ask("reset", recipe=player.settings["recipe"] | recipe)
    front.ask("pace", pace=1e6)
    return front


def test_a_whole_run_is_nnlibs_own():
    async def scene():
        front = started()
        front.ask("go", how="on")
        await front.until("done")
        return front

    front = play(scene)
    assert front.messages[0][0]["kind"] == "here"
    problem = problems.PROBLEMS["noisy_xor"]()
    network = problems.start_network(problem.plan, 1)
    first = nnlib.losses.get(problem.loss)(network(problem.train[0]), problem.train[1])[0]
    history = nnlib.fit(
        network, *problem.train, loss=problem.loss, epochs=200, progress=False,
        optimizer=nnlib.SGD(0.1, momentum=0.9), batches=problems.batches(150, 50, 1),
        monitor={"train": problem.train}, validation=problem.validation,
    )  # fmt: skip
    assert [record["epoch"] for record in front.records] == list(range(201))
    assert [record["train"] for record in front.records] == [first, *history["train_loss"]]
    assert [record["validation"] for record in front.records[1:]] == list(
        history["validation_loss"]
    )
    assert (front.last_theta() == network.theta).all()


def test_going_back_and_branching_is_bit_for_bit():
    async def scene():
        front = started()
        front.ask("go", how="on")
        await front.until("done")
        straight = front.last_theta()
        for into in (0, 1):
            front.ask("take", run=0, epoch=20, into=into)
            front.ask("go", how="on")
            await front.until(None)
            await front.until("done")
            assert (front.last_theta() == straight).all()
            assert front.reports[-1]["run"] == into
        front.ask("take", run=0, epoch=20, into=2)
        front.ask("rate", rate=0.5)
        front.ask("go", how="on")
        await front.until(None)
        await front.until("done")
        assert (front.last_theta() != straight).any()
        assert front.records[-1]["rate"] == 0.5

    play(scene)


def test_one_step_one_epoch_and_pause():
    async def scene():
        front = started()
        front.ask("go", how="step")
        assert [front.reports[-1][key] for key in ("epoch", "batch", "batches")] == [0, 1, 3]
        front.ask("go", how="epoch")
        assert [front.reports[-1][key] for key in ("epoch", "batch")] == [1, 0]
        front.ask("pace", pace=20)
        front.ask("go", how="on")
        await asyncio.sleep(0.3)
        front.ask("pause")
        count = len(front.messages)
        assert front.reports[-1]["stopped"] == "paused"
        assert 3 <= front.reports[-1]["epoch"] <= 9  # 20 epochs a second, for 0.3 seconds
        await asyncio.sleep(0.2)
        assert len(front.messages) == count

    play(scene)


def test_back_to_the_start_is_the_same_start():
    async def scene():
        front = started(seed=3)
        thetas = []
        for _ in range(2):
            thetas.append(front.last_theta())
            front.ask("go", how="on")
            await front.until("done")
            thetas.append(front.last_theta())
            front.ask("reset", recipe=front.figure.settings["recipe"] | {"seed": 3})
        return thetas

    start, end, same_start, same_end = play(scene)
    assert (start == same_start).all()
    assert (end == same_end).all()
    assert (start != end).any()


def test_a_front_end_that_is_gone_ends_the_training(monkeypatch):
    monkeypatch.setattr(live, "SILENCE", 0.1)

    async def scene():
        front = started(there=False)
        front.ask("pace", pace=50)
        front.ask("go", how="on")
        task = front.figure.sessions["one"].task
        await asyncio.wait_for(task, 5)
        return front

    front = play(scene)
    assert front.reports[-1]["stopped"] is None
    assert front.reports[-1]["epoch"] < 200


def test_divergence_is_named():
    async def scene():
        front = started("digits", rate=50, l2=1)
        front.ask("go", how="on")
        await front.until("diverged")
        return front

    message = play(scene).reports[-1]["message"]
    assert message.startswith("Training diverged in epoch")
    assert message.endswith("Lower the learning rate.")
    assert live.finite({"a": float("inf"), "b": 1.5, "c": 3}) == {"a": None, "b": 1.5, "c": 3}


def test_closing_forgets_and_strangers_are_not_heard():
    async def scene():
        front = started()
        front.ask("go", how="on")
        front.ask("close")
        await asyncio.sleep(0.1)
        assert front.figure.sessions == {}
        front.figure.receive(front, {"do": "go", "how": "on", "from": "two"})
        assert front.figure.sessions == {}

    play(scene)


def test_a_live_sweep_fills_pauses_and_tells_what_a_cell_does():
    async def scene():
        figure = Heatmap("xor")
        front = FrontEnd(figure)
        front.ask("picture", cell=0)  # nothing is trained yet: nothing to show
        front.ask("train")
        await asyncio.sleep(0.2)
        front.ask("pause")
        some = front.reports[-2]["rows"][-1]["epoch"]
        assert front.reports[-1]["stopped"] == "paused"
        await asyncio.sleep(0.2)
        assert some < 200
        front.ask("go")
        await front.until("done")
        front.ask("picture", cell=8)
        front.ask("picture", cell=48)  # diverged: no picture
        front.ask("train")
        front.ask("stop")
        front.ask("close")
        return figure, front

    figure, front = play(scene)
    rows = [row for report in front.reports for row in report.get("rows", [])]
    assert [row["epoch"] for row in rows][:200] == list(range(1, 201))
    sweep = figure.problem.sweep(figure.size).run()
    assert rows[199]["validation"][8] == pytest.approx(
        sweep.curves["validation_accuracy"][8, -1], abs=1e-6
    )
    lost = {cell: row["epoch"] for row in rows[:200] for cell in row["diverged"]}
    assert lost == {cell: epoch for cell, (epoch, _) in sweep.diverged.items()}
    assert rows[199]["validation"][48] is None
    pictures = [content for content, _ in front.messages if content["kind"] == "picture"]
    assert [picture["cell"] for picture in pictures] == [8]
    expected = figure.problem.picture_of(sweep.network(8))
    sent = next(buffers[0] for content, buffers in front.messages if content["kind"] == "picture")
    assert np.abs(np.frombuffer(sent, np.uint8).astype(int) - expected).max() <= 1
    assert issubclass(LiveSweep, live.LiveTask)
