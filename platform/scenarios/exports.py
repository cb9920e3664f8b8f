"""A list of chosen customers as it is carried away: a CSV that streams, ids masked for who may not see them."""

from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from accounts.models import User
from audit.services import record
from common.storage import local_path
from experiments.errors import gettext_noop
from experiments.privacy.masking import masked_id
from experiments.writing.formula_guard import guarded
from results.views.chosen import attachment
from scenarios.errors import ScenarioError
from scenarios.models import ChosenList
from scenarios.queries import hides_ids, is_draft

ROWS_A_PART = 20_000
CONTENT_TYPE = "text/csv; charset=utf-8"
NOT_MADE = gettext_noop("This list is not ready yet.")


def list_file(chosen: ChosenList, user: User) -> StreamingHttpResponse:
    """Answer with the list, on record.

    Raises
    ------
    ScenarioError : it has not been made.
    """
    if not chosen.is_made:
        raise ScenarioError(NOT_MADE)
    is_masked = hides_ids(chosen, user)
    record(
        user, "chosen_list.downloaded", workspace=chosen.leaderboard_row.experiment.workspace, obj=chosen,
        details={"rows": chosen.row_count, "ids_masked": is_masked},
    )  # fmt: skip
    answer = StreamingHttpResponse(_parts(chosen, is_masked=is_masked), content_type=CONTENT_TYPE)
    draft = "draft-" if is_draft(chosen.leaderboard_row) else ""
    answer["Content-Disposition"] = attachment(f"{draft}{chosen.scenario_name}-{chosen.pk}", "csv")
    return answer


def _parts(chosen: ChosenList, *, is_masked: bool) -> Iterator[bytes]:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Ids of a table that was scored may be numbers or days: they are masked whatever their type.
    hidden: set[str] = {chosen.id_column} if is_masked and chosen.id_column else set()

    def written(frame: Any, *, with_headings: bool) -> bytes:
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String or name in hidden]
        safe = frame.with_columns(*(_safe(frame[name], hide=name in hidden) for name in texts))
        return str(
            safe.rename({name: guarded(name) for name in safe.columns}).write_csv(include_header=with_headings)
        ).encode()

    with pq.ParquetFile(local_path(chosen.path)) as table:
        # Excel reads Chinese only behind a byte order mark.
        yield b"\xef\xbb\xbf"
        yield written(pl.DataFrame(table.schema_arrow.empty_table()), with_headings=True)
        for batch in table.iter_batches(batch_size=ROWS_A_PART):
            yield written(pl.DataFrame(pa.Table.from_batches([batch])), with_headings=False)


def _safe(values: Any, *, hide: bool) -> Any:
    import polars as pl

    told = [None if text is None else masked_id(text) if hide else guarded(text) for text in values.cast(pl.String)]
    return pl.Series(values.name, told, dtype=pl.String)
