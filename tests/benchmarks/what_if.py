"""What-if on a running platform: how long it takes from a value that is moved to the score, by page and over HTTP.

Start a platform with its samples (``make up``), then run ``python -m tests.benchmarks.what_if --experiment 1
--customer 12`` in the root of the repository: the number of a finished experiment, and an id or row of its table.
"""

import argparse
import re
import statistics
import time
from html import unescape
from urllib.parse import urlencode

import psutil

from tests.benchmarks.many_people import Person

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TURNS = 200
OWN = re.compile(r'name="column" value="([^"]+)".*?name="own" value="([^"]*)"', re.DOTALL)
SERVERS = ("manage.py web", "manage.py model_server")


def main() -> None:
    """Print the times in milliseconds, and the processor time of the servers for one question."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8000")
    options.add_argument("--experiment", type=int, required=True)
    options.add_argument("--customer", required=True)
    options.add_argument("--username", default="analyst")
    options.add_argument("--password", default="xiaoyu-sample")
    asked = options.parse_args()
    person = Person(asked.url, asked.username, asked.password)
    address, fields, column = looked_at(person, asked.experiment, asked.customer)
    walls, busy = [], server_seconds()
    for turn in range(TURNS):
        began = time.perf_counter()
        status, page = person.ask("POST", address, urlencode([*fields, ("value", str(20 + turn % 40))]), FORM)
        walls.append(1_000 * (time.perf_counter() - began))
        assert status == 200, (status, page[:300])
        assert 'id="now"' in page
    spent = 1_000 * (server_seconds() - busy) / TURNS
    ranked = sorted(walls)
    within, most = ranked[int(0.95 * TURNS)], ranked[-1]
    print(f"{TURNS} values of {column}: median {statistics.median(walls):.0f} ms, 95 of 100 within {within:.0f} ms,")
    print(f"at most {most:.0f} ms; {spent:.0f} ms of processor each")


def looked_at(person: Person, experiment: int, customer: str) -> tuple[str, list[tuple[str, str]], str]:
    """Look a customer up; return where what-if is asked, what is sent each time, and the column that is moved."""
    page = person.ask("GET", f"/experiments/{experiment}/customers/")[1]
    form = urlencode({"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"), "customer": customer})
    person.connection.request(
        "POST", f"/experiments/{experiment}/customers/", form,
        {"Cookie": "; ".join(f"{name}={value}" for name, value in person.cookies.items()), **FORM},
    )  # fmt: skip
    answer = person.connection.getresponse()
    answer.read()
    where = answer.headers["Location"]
    assert where, "no such customer"
    page = person.ask("GET", where)[1]
    address = unescape(re.search(r'hx-post="([^"]+/what-if/[^"]*)"', page)[1])  # type: ignore[index]
    knobs = re.split(r'<div class="wi">', page)[1:]
    slider = next((found for knob in knobs if 'type="range"' in knob and (found := OWN.search(knob))), None)
    assert slider, "no column of this model can be moved by a slider"
    column = unescape(slider[1])
    sent = [(name, hidden(page, name)) for name in ("csrfmiddlewaretoken", "cut_off", "probability")]
    return address, [*sent, ("column", column), ("own", unescape(slider[2]))], column


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def server_seconds() -> float:
    """Return the processor time of the web server and the model server, all their processes added."""
    total = 0.0
    for process in psutil.process_iter(["cmdline", "cpu_times"]):
        line = " ".join(process.info["cmdline"] or ())
        if any(name in line for name in SERVERS) and process.info["cpu_times"]:
            total += process.info["cpu_times"].user + process.info["cpu_times"].system
    return total


if __name__ == "__main__":
    main()
