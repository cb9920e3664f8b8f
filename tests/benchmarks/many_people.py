"""Many people at once on the usual pages of a running platform, alone, beside a run, and beside slow clients.

Start a platform with its samples (``make up``), then run ``python -m tests.benchmarks.many_people`` in the root of the
repository. ``--slow 300`` holds 300 unfinished requests open meanwhile; ``--pause 0`` asks without a breath.
"""

import argparse
import http.client
import random
import re
import socket
import statistics
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import psutil

PEOPLE = ("analyst", "modeler", "approver")
SLOW_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SLOW_BODY = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100000\r\n\r\nusername="
)


@dataclass
class Seen:
    """What everybody met, gathered over all threads."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    resets: int = 0

    def every(self) -> list[float]:
        return [value for values in self.seconds.values() for value in values]


class Person:
    """One browser with its cookie and one connection that is kept."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.host, self.port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        page = self.ask("GET", "/sign-in/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:500]
        form = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token[1]})
        status, _page = self.ask("POST", "/sign-in/", form, {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 302, status

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body or None, {"Cookie": cookie, **(headers or {})})
        answer = self.connection.getresponse()
        page = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status, page

    def timed(self, path: str, seen: Seen) -> None:
        began = time.perf_counter()
        try:
            status, _page = self.ask("GET", path)
        except (ConnectionError, http.client.HTTPException):
            seen.resets += 1
            self.connection.close()  # the next question opens another one, as a browser does
            return
        seen.statuses[status] += 1
        seen.seconds[kind_of(path)].append(time.perf_counter() - began)


def kind_of(path: str) -> str:
    return re.sub(r"\d+", "N", path)


def usual_pages(person: Person) -> list[str]:
    """Follow the links of the navigation and of its lists, as a person does, one of each kind."""
    found = ["/"]
    for page in found:
        if len(found) > 40:
            break
        for link in re.findall(r'href="(/[^"?#]*)', person.ask("GET", page)[1]):
            is_page = not re.search(r"^/(static|sign|language|api|health)|\.\w+$|/download", link)
            if is_page and kind_of(link) not in map(kind_of, found):
                found.append(link)
    return [path for path in found if person.ask("GET", path)[0] == 200]


def visit(person: Person, pages: list[str], until: float, pause: float, seen: Seen) -> None:
    while time.monotonic() < until:
        person.timed(random.choice(pages), seen)
        time.sleep(pause * random.uniform(0.5, 1.5))


def hold_slow(url: str, count: int, over: threading.Event) -> None:
    """Keep unfinished requests open, a byte every few seconds; who is put out comes back."""
    address = (urlsplit(url).hostname, urlsplit(url).port)
    held: list[socket.socket] = []
    while not over.wait(1):
        held += [begun(address, number) for number in range(count - len(held))]
        held = [one for one in held if still_there(one)]
    for one in held:
        one.close()


def begun(address: tuple[str | None, int | None], number: int) -> socket.socket:
    one = socket.create_connection(address, timeout=10)  # type: ignore[arg-type]
    one.sendall((b"", SLOW_HEAD, SLOW_BODY)[number % 3])
    one.setblocking(False)
    return one


def still_there(one: socket.socket) -> bool:
    try:
        one.send(b"x" if random.random() < 0.3 else b"")
        return one.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def web_seconds() -> float:
    """Return the processor time of all web server processes."""
    total = 0.0
    for process in psutil.process_iter(["cmdline"]):
        if "manage.py web" in " ".join(process.info["cmdline"] or []):
            used = process.cpu_times()
            total += used.user + used.system
    return total


def report(seen: Seen, cpu: float, wall: float) -> None:
    times = seen.every()
    rows = [(kind, values) for kind, values in sorted(seen.seconds.items()) if len(values) > 1]
    for kind, values in [*rows, ("all", times)]:
        cuts = statistics.quantiles(values, n=20)
        print(
            f"{kind:50s} n {len(values):5d}  median {cuts[9]:6.3f} s  p95 {cuts[18]:6.3f} s  max {max(values):6.3f} s"
        )
    print(f"statuses {dict(seen.statuses)}, connections reset {seen.resets}, {len(times) / wall:.1f} answers a second")
    print(f"processor time of the web server: {1000 * cpu / len(times):.1f} ms an answer")


def main() -> None:
    """Print what people waited for, page by page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--password", default="xiaoyu-sample")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between an answer and the next question")
    parser.add_argument("--slow", type=int, default=0, help="unfinished requests that are held open meanwhile")
    wish = parser.parse_args()
    people = [Person(wish.url, PEOPLE[number % len(PEOPLE)], wish.password) for number in range(wish.people)]
    pages = usual_pages(Person(wish.url, PEOPLE[1], wish.password))
    print(f"{len(people)} people, {len(pages)} pages: {' '.join(pages)}")
    over, seen = threading.Event(), Seen()
    threading.Thread(target=hold_slow, args=(wish.url, wish.slow, over), daemon=True).start()
    until, cpu, began = time.monotonic() + wish.seconds, web_seconds(), time.monotonic()
    rounds = [threading.Thread(target=visit, args=(person, pages, until, wish.pause, seen)) for person in people]
    for one in rounds:
        one.start()
    for one in rounds:
        one.join()
    over.set()
    report(seen, web_seconds() - cpu, time.monotonic() - began)


if __name__ == "__main__":
    main()
