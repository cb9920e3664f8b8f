"""The formats that a model can be exported in; the n-th is a new file and one line here."""

from experiments.exports.formats.bundle import Bundle
from experiments.exports.formats.form import Form
from experiments.exports.formats.mlflow import Mlflow
from experiments.exports.formats.onnx import Onnx
from experiments.exports.formats.pmml import Pmml
from experiments.exports.formats.sql import Sql

_ALL: tuple[Form, ...] = (Bundle(), Sql(), Onnx(), Pmml(), Mlflow())
FORMATS: dict[str, Form] = {form.name: form for form in _ALL}
