"""What the player knows, without a page: reports, branches, halts, verdicts, links."""

START = """
import { Runs } from "./runs.js";
const losses = (from, values) => values.map((value, k) => (
  { epoch: from + k, train: value, validation: value, trainAccuracy: 0.5, rate: 0.1 }));
const tell = (runs, from, values, more = {}) =>
  runs.takeIn({ run: 0, records: losses(from, values), epoch: from + values.length - 1,
    batch: 0, batches: 3, stopped: null, ...more });
const epochs = (which) => runs.whole(which).map((one) => one.epoch);
const runs = new Runs(200, 0);
"""


def test_late_reports_neither_double_an_epoch_nor_leave_a_gap(node):
    script = START + """
    tell(runs, 0, [5, 4, 3, 2]);
    tell(runs, 2, [3, 2, 1]); // overlaps
    tell(runs, 7, [0]); // after a gap
    const before = [epochs(0), runs.shown, tell(runs, 5, [1], { run: 3 })];
    runs.go();
    runs.end = 5; // halted there
    tell(runs, 5, [0.9, 0.8, 0.7]);
    console.log(JSON.stringify([...before, epochs(0), runs.shown]));
    """
    before, shown, known, after, end = node(script)
    assert before == [0, 1, 2, 3, 4] and shown == 4
    assert known is False  # of a run that there is no more
    assert after == [0, 1, 2, 3, 4, 5] and end == 5


def test_who_looks_back_is_not_taken_along(node):
    script = START + """
    tell(runs, 0, [5, 4, 3]);
    runs.scrub(1);
    tell(runs, 3, [2]);
    const back = runs.shown;
    runs.go();
    tell(runs, 4, [1]);
    console.log(JSON.stringify([back, runs.shown]));
    """
    assert node(script) == [1, 4]


def test_a_branch_of_a_branch_is_whole_and_leads_back(node):
    script = START + """
    tell(runs, 0, [9, 8, 7, 6, 5]);
    runs.scrub(3);
    runs.takeUp(runs.branch());
    tell(runs, 4, [4, 3], { run: 1 });
    runs.scrub(4);
    runs.takeUp(runs.branch());
    tell(runs, 5, [2], { run: 2 });
    const values = runs.whole(2).map((one) => one.train);
    const [has, hasNot] = [runs.has(1, 4), runs.has(1, 2) || runs.has(2, 6) || runs.has(3, 0)];
    runs.turn(1, 3);
    const needed = runs.needed;
    runs.turn(2);
    const way = [5, 4, 3, 2].map((epoch) => (runs.scrub(epoch), [runs.current, runs.shown]));
    runs.turn(2);
    runs.scrub(0); // over both branches at once
    way.push([runs.current, runs.shown]);
    console.log(JSON.stringify([epochs(2), values, has, hasNot, needed, way]));
    """
    epochs, values, has, has_not, needed, way = node(script)
    assert epochs == [0, 1, 2, 3, 4, 5]
    assert values == [9, 8, 7, 6, 4, 2]
    assert has and not has_not
    assert needed  # the second branch begins behind epoch 3 of the first
    assert way == [[2, 5], [2, 4], [1, 3], [0, 2], [0, 0]]


def test_a_training_is_halted_once_in_each_place(node):
    script = START + """
    runs.patience = 2;
    tell(runs, 0, [1, 1, 2, 3]);
    const idle = runs.halt();
    runs.turn(0, 0);
    runs.go();
    const early = runs.halt();
    runs.turn(0, 3);
    runs.go(); // and on, behind where it was halted
    const on = runs.halt();
    tell(runs, 4, [Infinity]);
    console.log(JSON.stringify([idle, early, on, runs.halt().epoch, runs.end]));
    """
    assert node(script) == [None, {"epoch": 3, "times": None}, None, 4, 4]


def test_the_bet_beside_the_truth(node):
    script = """import { reaches, verdict, whyHalted } from "./verdict.js";""" + START + """
    tell(runs, 0, [5, 4, 3, 3]);
    const say = (bet) => verdict(runs, "best", bet);
    const said = [say("skipped"), say(30), say(2)];
    tell(runs, 4, [4, 4, 4, 4, 4, 4, 4, 4, 4]);
    said.push(say(2), say(3), say(4), whyHalted({ epoch: 7, times: NaN }, 0));
    const best = { kind: "best" };
    const goals = [reaches(runs, best), (runs.scrub(2), reaches(runs, best))];
    runs.scrub(1);
    runs.takeUp(runs.branch());
    tell(runs, 2, [2], { run: 1 });
    const whole = new Runs(3, 0);
    tell(whole, 0, [5, 4, 3, 3.5]);
    const end = (which, below) => reaches(which, { kind: "end", below });
    goals.push(end(whole, 3.5), end(whole, 3.4), end(runs, 9));
    console.log(JSON.stringify([said, goals, say(2)]));
    """
    said, goals, branch = node(script)
    assert said == [
        "The validation loss is so far lowest at epoch 2 (3.000).",
        "You bet on epoch 30, which is still to come. "
        "The validation loss is so far lowest at epoch 2 (3.000).",
        "You bet on epoch 2. The validation loss is so far lowest at epoch 2 (3.000).",
        "You bet on epoch 2: the best there is.",
        "You bet on epoch 3: the best there is.",  # a tie
        "You bet on epoch 4. The validation loss was lowest at epoch 2 (3.000). "
        "Your epoch: 4.000.",
        "Training diverges: at epoch 7 the loss is no longer a number. "
        "Lower the learning rate, or step back and branch.",
    ]
    assert goals == [False, True, True, False, False]
    assert branch == (
        "Best validation loss: 2.000 on this branch (epoch 2), 3.000 on the first run (epoch 2)."
    )


LINK = """
import { offer, readState, writeState } from "./recipes.js";
const recipe = { rate: 0.1, momentum: 0.9, l2: 0, batch: 50, seed: 1 };
const offered = offer(recipe, 150);
const read = (hash) => readState(new URLSearchParams(hash), { epochs: 200, recipe }, offered);
"""


def test_a_link_says_what_the_runs_were(node):
    script = LINK + START + """
    tell(runs, 0, [9, 8, 7]);
    runs.takeIn({ run: 0, epoch: 4, batch: 0, batches: 3, stopped: null,
      records: losses(3, [6, 5]).map((one) => ({ ...one, rate: 0.2 })) });
    runs.scrub(1);
    runs.takeUp(runs.branch());
    const state = writeState(runs, recipe, 7);
    console.log(JSON.stringify([state.runs, read(new URLSearchParams(state))]));
    """
    runs, state = node(script)
    assert runs == "0.0-4@0:0.1_2:0.2~0.1-1@1:0.1"
    assert state["runs"] == [
        {"parent": 0, "from": 0, "legs": [{"rate": 0.1, "to": 2}, {"rate": 0.2, "to": 4}]},
        {"parent": 0, "from": 1, "legs": [{"rate": 0.1, "to": 1}]},
    ]
    assert [state[key] for key in ("bet", "at", "run", "patience")] == [7, 1, 1, 0]


def test_a_link_says_no_more_than_a_control_could(node):
    script = LINK + """
    const wild = read("rate=3&batch=1000&seed=2&patience=7&bet=999&at=x&run=x&runs=0-9e9@0:0.1~no~0-5@0:0.1");
    console.log(JSON.stringify([wild, read("bet=0&runs=0-999@0:0.1_5:7").bet,
      read("bet=0&runs=0-999@0:0.1_5:7").runs, read("bet=skipped").bet]));
    """  # noqa: E501
    wild, bet, runs, skipped = node(script)
    assert wild["recipe"] == {"rate": 0.1, "momentum": 0.9, "l2": 0, "batch": 50, "seed": 2}
    assert [wild[key] for key in ("patience", "bet", "at", "runs")] == [0, None, 0, []]
    assert bet == 1 and skipped == "skipped"
    assert runs == [{"parent": 0, "from": 0, "legs": [{"rate": 0.1, "to": 200}]}]
