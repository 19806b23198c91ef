"""What the heatmap knows, without a page: scores that grow, ties, diverged cells, links."""

START = """
import { Hunt } from "./hunt.js";
import { Scores } from "./scores.js";
const sweep = (...rows) => {
  const scores = new Scores(4);
  rows.forEach(([validation, train = validation, diverged = []], k) =>
    scores.grow({ epoch: k + 1, validation, train, diverged }));
  return scores;
};
const grid = { rates: [0.1, 1], penalties: [0, 0.01], theirs: true, rows: 900 };
const hunt = (...rows) => new Hunt(grid, () => sweep(...rows));
"""


def test_live_scores_grow_epoch_by_epoch(node):
    script = START + """
    const scores = sweep([[0.1, 0.2, 0.3, 0.4]]);
    scores.pictures[1] = "of epoch 1";
    const row = (epoch) => scores.grow(
      { epoch, validation: [0.5, null, 0.7, 0.8], train: [0.5, null, 0.9, 1], diverged: [1] });
    row(5); // of a sweep before this one
    const before = [scores.epochs.length, scores.pictures[1]];
    row(2);
    row(2); // again
    console.log(JSON.stringify([before, scores.epochs, scores.validation, scores.diverged,
      scores.pictures[1], [0, 1].map((at) => [scores.of(2, "gap", at), scores.gone(1, at)])]));
    """
    before, epochs, validation, diverged, picture, seen = node(script)
    assert before == [1, "of epoch 1"]
    assert epochs == [1, 2]
    assert validation == [[0.1, 0.5], [0.2, 0], [0.3, 0.7], [0.4, 0.8]]
    assert diverged == [0, 2, 0, 0]
    assert picture is None  # it showed the epoch before
    assert [gone for _, gone in seen] == [False, True]
    assert seen[0][0] == 0 and round(seen[1][0], 6) == 0.2


def test_a_recording_is_cut_into_cells_and_its_end_is_exact(node):
    script = """
    import { readScores } from "./scores.js";
    const data = { p_train: Uint8Array.from([0, 51, 102, 255]), p_train_last: [2001, 9999],
      p_validation: Uint8Array.from([255, 0, 0, 51]), p_validation_last: [1, 2],
      p_diverged: [0, 20], p_chaotic: [0, 0],
      p_pictures: Uint8Array.from([1, 2, 3, 4, 5, 6]) };
    const scores = readScores(data, "p_", [1, 20]);
    console.log(JSON.stringify([scores.train, [scores.of(0, "train", 0), scores.of(0, "train", 1)],
      [...scores.pictures[1]], scores.best(), [scores.gone(1, 0), scores.gone(1, 1)]]));
    """
    train, shown, picture, best, gone = node(script)
    assert train == [[0, 0.2], [0.4, 1]]
    assert shown == [0, 0.2001]  # the last epoch with all its digits
    assert picture == [4, 5, 6]
    assert best == 0.0001
    assert gone == [False, True]


def test_ties_and_diverged_cells_in_the_verdict(node):
    script = START + """
    const one = hunt([[0.9, 0.7, 0.9, 0.9], undefined, [3]]);
    const said = [one.verdict()];
    one.bet = 3;
    said.push(one.verdict());
    one.bet = 1;
    said.push(one.verdict());
    console.log(JSON.stringify(said.map((text) => text.replaceAll("\\u00a0", " "))));
    """
    best = (
        "Best on the validation data: learning rate 0.1, L2 0, 90.0 % (and 1 more). "
        "As good up to L2 0."
    )
    assert node(script) == [
        best,
        best + " You bet on learning rate 1, L2 0.01, which diverged.",
        best + " You bet on learning rate 0.1, L2 0.01: 70.0 %.",
    ]


def test_of_a_chaotic_cell_no_score_is_said(node):
    script = START + """
    const one = hunt([[0.9, 0.95, 0.9, 0.9], undefined, [1]]);
    one.scores.chaotic[1] = 1;
    one.phase = "all";
    one.bet = 1;
    console.log(JSON.stringify([one.describe(1), one.verdict(), one.scores.bestCells()]));
    """
    said, verdict, best = node(script)
    assert said.endswith("L2 0.01: chaotic: rounding decides where it ends.")
    assert verdict.endswith("which is chaotic.")
    assert 1 not in best


def test_the_hunt_is_for_any_of_the_strongest_penalties_with_few_openings(node):
    script = START + """
    const one = hunt([[0.9, 0.7, 0.891, 0.9], undefined, [3]]); // within one standard error, 0.01
    const found = [3, 1, 2].map((cell) => (one.open(cell), one.found()));
    one.opened.push(4, 5, 6); // more than few
    console.log(JSON.stringify([found, one.found(), one.bet, one.standing()]));
    """
    found, late, bet, standing = node(script)
    assert found == [False, False, True] and not late and bet == 3
    assert standing == "6 cells opened, more than 5: look on, uncover all, or start over."


def test_the_strongest_penalty_that_costs_nothing(node):
    script = START + """
    const sought = (...rows) => hunt(...rows).sought();
    const found = [
      sought([[0.9, 0.891, 0.9, 0.7]]), // as good, and stronger
      sought([[0.9, 0.889, 0.9, 0.7]]), // more than one standard error worse
      sought([[0.9, 0.9, 0.7, 0.9], undefined, [1, 3]])]; // of what lasted
    const one = hunt([[0.9, 0.891, 0.5, 0.7]]);
    const said = [2, 0, 1].map((cell) => (one.open(cell), one.standing()));
    console.log(JSON.stringify([found, said]));
    """
    found, said = node(script)
    assert found == [[1], [0, 2], [0]]
    assert said[0].endswith("Others are clearly better.")
    assert said[1].endswith("A stronger penalty does as well.")


def test_one_step_over_a_cliff(node):
    script = START + """
    const cliff = (validation, a, b, diverged) =>
      sweep([validation, undefined, diverged]).cliff(a, b, 2);
    console.log(JSON.stringify([
      cliff([0.9, 0.6, 0.9, 0.9], 0, 1),  // one step aside
      cliff([0.9, 0.9, 0.6, 0.9], 2, 0),  // one step up or down
      cliff([0.9, 0.61, 0.9, 0.9], 0, 1),  // not far enough
      cliff([0.9, 0.9, 0.9, 0.6], 0, 3),  // two steps
      cliff([0.9, 0.6, 0.2, 0.9], 1, 2),  // the next in the list, not on the map
      cliff([0.9, 0.6, 0.9, 0.9], 0, 1, [1])]));
    """
    assert node(script) == [True, True, False, False, False, False]


def test_presets_pass_over_what_diverged(node):
    script = START + """
    const one = hunt([[0.1, 0.1, 0.1, 0.1]], [[0.6, 0.5, 0.9, 0.8], [0.7, 0.9, 1, 0.85], [2]]);
    const sights = ["end", "first", "gap", "pair"].map((name) => {
      one.arrange(name);
      return [one.view, one.at, one.kept, one.chosen];
    });
    console.log(JSON.stringify(sights));
    """
    assert node(script) == [
        ["validation", 1, -1, 3],
        ["validation", 0, -1, 3],
        ["gap", 1, -1, 1],
        ["validation", 1, 3, 3],
    ]


def test_what_was_trained_live_stands_in_place_of_the_recording(node):
    script = START + """
    const one = hunt([[0.1, 0.2, 0.3, 0.4]]);
    one.live = "ready";
    one.train();
    one.choose("live");
    one.live = "paused";
    one.choose("sklearn_");
    one.choose("");
    const during = [one.source, one.standing()];
    one.clear();
    console.log(JSON.stringify([...during, one.source, one.live, one.liveScores]));
    """
    assert node(script) == ["live", "", "", "ready", None]


def test_a_link_says_no_more_than_a_control_could(node):
    script = START + """
    const one = hunt([[0.1, 0.2, 0.3, 0.4]], [[0.1, 0.2, 0.3, 0.4]]);
    const at = (hash) => (one.restore(new URLSearchParams(hash)), one.state());
    const good = { phase: "hunt", bet: "1", opened: "1.3", cell: "3", kept: "-1", view: "gap",
      source: "sklearn_", at: "0" };
    console.log(JSON.stringify([at(new URLSearchParams(good)),
      at("phase=won&bet=4&opened=9.1.1.x&cell=-2&view=none&source=live&at=7")]));
    """
    good, wild = node(script)
    assert good == {
        "phase": "hunt", "bet": "1", "opened": "1.3", "cell": "3", "kept": "-1", "view": "gap",
        "source": "sklearn_", "at": "0",
    }  # fmt: skip
    assert wild == {
        "phase": "bet", "bet": "-1", "opened": "1", "cell": "-1", "kept": "-1",
        "view": "validation", "source": "", "at": "1",
    }  # fmt: skip
