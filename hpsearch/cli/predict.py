"""`hpsearch predict RUN DATA`: use the winner's model on new rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.completion import files_ending
from hpsearch.cli.options import json_option, out_option, run_argument, runs_dir_option
from hpsearch.cli.out_file import out_file
from hpsearch.data.settings import ENDINGS
from hpsearch.prose import counted, percent

if TYPE_CHECKING:
    from hpsearch.objectives.model import Model
    from hpsearch.objectives.prediction import Prediction


@click.command("predict")
@run_argument
@click.argument("data", metavar="DATA", shell_complete=files_ending(*ENDINGS))
@out_option("Write FILE, not standard output.")
@json_option
@runs_dir_option
def predict_command(run: str, data: str, out: Path | None, as_json: bool, runs_dir: Path) -> None:
    """Predict the rows of DATA, a .csv, .csv.gz or .npz file, with the winner of RUN.

    Writes CSV, a line per row in the order of DATA: what is predicted and, of classes, the probability of each.
    A file that holds something else than older predictions is left alone.
    """
    from hpsearch.objectives.prediction import predict_table
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.study.files import encoded
    from hpsearch.study.saved_model import goes_on, model_file, read_model
    from hpsearch.views.terminal.console import messages, note, print_data

    target = out_file(out) if out else None
    file = model_file(run, runs_dir)
    model = read_model(file)
    if target:
        target.require(lambda held: _are_predictions(model, held, as_json=as_json), "older predictions")
    table = model.table(data)
    with one_blas_thread():
        prediction = predict_table(model, table)
    text = _json_text(model, prediction) if as_json else _csv_text(model, prediction)
    if target:
        target.write(encoded(text))
    else:
        print_data(text)
    for told in prediction.notes:
        note(told)
    if goes_on(file):
        note(f"the search {model.run} has not finished: trial {model.trial} is its best so far")
    console = messages()
    if model.target in table.columns:
        console.print(_comparison(prediction))
    console.print(_ending(model, prediction, out))


def _csv_text(model: Model, prediction: Prediction) -> str:
    from hpsearch.study.derived import csv_text

    answers = prediction.answers
    if model.task == "regression":
        return csv_text(_columns(model), ([value] for value in answers))
    texts = dict(zip(model.labels.tolist(), model.label_texts, strict=True))
    rows = zip(answers, prediction.probabilities, strict=True)
    return csv_text(_columns(model), ([texts[label], *probabilities] for label, probabilities in rows))


def _json_text(model: Model, prediction: Prediction) -> str:
    import json

    content: dict[str, Any] = {"run": model.run, "trial": model.trial, "target": model.target}
    content |= {"predicted": prediction.answers}
    if model.task != "regression":
        content |= {"labels": model.labels.tolist(), "probabilities": prediction.probabilities}
    content |= {"score": prediction.score or None, "notes": prediction.notes}
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _are_predictions(model: Model, held: bytes, *, as_json: bool) -> bool:
    """Whether a text is predictions, to their end, of what a model predicts; by which run they are does not matter."""
    import csv
    import io
    import json

    try:
        if as_json:
            content = json.loads(held)
            return isinstance(content, dict) and {"run", "trial", "target", "predicted"} <= content.keys()
        head, *rows = csv.reader(io.StringIO(held.decode(), newline=""), strict=True)
        return head == _columns(model) and all(_is_prediction(model, row) for row in rows)
    except (ValueError, RecursionError, csv.Error):  # no text, no JSON, no table, or no numbers in it
        return False


def _is_prediction(model: Model, row: Sequence[str]) -> bool:
    """Whether a row of CSV is one of predictions; raises ValueError where it holds a text and no number."""
    numbers = row if model.task == "regression" else row[1:]
    return len(row) == len(_columns(model)) and all(math.isfinite(float(cell)) for cell in numbers)


def _columns(model: Model) -> list[str]:
    return ["predicted", *(f"p({label})" for label in model.label_texts)]


def _comparison(prediction: Prediction) -> str:
    from hpsearch.views.format import quantity

    score = prediction.score
    if not score:
        return "note: the file has the target, but not a known value in every row: it is not compared"
    if "rmse" in score:
        return f"the file has the target: rmse {quantity(score['rmse'])}"
    return f"the file has the target: {score['wrong']} of {len(prediction.answers)} wrong ({percent(score['error'], 3)})"


def _ending(model: Model, prediction: Prediction, out: Path | None) -> str:
    place = f", written to {out}" if out is not None else ""
    return f"{counted(len(prediction.answers), 'row')} predicted by trial {model.trial} of {model.run}{place}"
