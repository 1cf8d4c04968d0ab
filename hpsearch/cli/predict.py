"""`hpsearch predict RUN DATA`: use the winner's model on new rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.completion import files_ending
from hpsearch.cli.options import json_option, out_option, run_argument, runs_dir_option
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
    """
    from hpsearch.errors import UsageError
    from hpsearch.objectives.prediction import predict_table
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.study.saved_model import goes_on, model_file, read_model
    from hpsearch.views.terminal.console import messages, note

    if out is not None and out.exists() and Path(data).exists() and out.samefile(data):
        raise UsageError(f"{out}: --out would replace the rows that are to be predicted")
    file = model_file(run, runs_dir)
    model = read_model(file)
    table = model.table(data)
    with one_blas_thread():
        prediction = predict_table(model, table)
    _write(_json_text(model, prediction) if as_json else _csv_text(model, prediction), out)
    for text in prediction.notes:
        note(text)
    if goes_on(file):
        note(f"the search {model.run} has not finished: trial {model.trial} is its best so far")
    console = messages()
    if model.target in table.columns:
        console.print(_comparison(prediction))
    console.print(_ending(model, prediction, out))


def _csv_text(model: Model, prediction: Prediction) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["predicted", *(f"p({label})" for label in model.label_texts)])
    if model.task == "regression":
        writer.writerows([value] for value in prediction.answers)
    else:
        texts = dict(zip(model.labels.tolist(), model.label_texts, strict=True))
        rows = zip(prediction.answers, prediction.probabilities, strict=True)
        writer.writerows([texts[label], *probabilities] for label, probabilities in rows)
    return text.getvalue()


def _json_text(model: Model, prediction: Prediction) -> str:
    import json

    content: dict[str, Any] = {"run": model.run, "trial": model.trial, "target": model.target}
    content |= {"predicted": prediction.answers}
    if model.task != "regression":
        content |= {"labels": model.labels.tolist(), "probabilities": prediction.probabilities}
    content |= {"score": prediction.score or None, "notes": prediction.notes}
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


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


def _write(text: str, out: Path | None) -> None:
    import sys

    from hpsearch.study.files import write_whole
    from hpsearch.views.terminal.console import output

    if out is not None and out.exists() and not out.is_file():  # a pipe or a device is written to, not replaced
        out.write_bytes(text.encode())
        return
    if out is not None:
        write_whole(out.resolve(), text)
        return
    console = output()
    try:  # not through the console, which expands tabs: this is data
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError:
        console.on_broken_pipe()
