"""Tables that come from a database: one query, read only, streamed into Parquet."""

from experiments.databases.access import HostRules, Login
from experiments.databases.fetching import Fetched, QueryLimits, fetch_query, try_login
from experiments.databases.statement import check_select

__all__ = ["Fetched", "HostRules", "Login", "QueryLimits", "check_select", "fetch_query", "try_login"]
