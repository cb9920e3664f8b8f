"""What axe holds against a page that somebody looks at."""

from pathlib import Path

from tests.browser.person import Person

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
GRAVE = """
const done = arguments[0];
axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })
  .then(found => done(found.violations.filter(each => ['serious', 'critical'].includes(each.impact)).map(
    each => `${each.id}: ${each.nodes.map(node => node.target.join(' ')).slice(0, 4).join(' | ')}`)));
"""


def grave_faults(person: Person) -> list[str]:
    """Return the serious and critical faults of the page, each with where it is."""
    # As the developer tools do it, which the security policy of the page does not hold back.
    person.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
    return list(person.browser.execute_async_script(GRAVE))
