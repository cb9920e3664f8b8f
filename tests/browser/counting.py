"""A person whose presses are counted by the browser itself, so that no step can be taken without one."""

from pathlib import Path

from tests.browser.person import Person

# What a hand does: a press of the pointer; a form sent with the keyboard; a choice made in a list, which takes two
# presses (open it, choose) where it was not pressed itself. A click that no press came before is a script's.
COUNTER = """
(() => {
  const count = (what, by = 1) => {
    const told = JSON.parse(sessionStorage.getItem('presses') || '[]');
    for (let each = 0; each < by; each += 1) told.push(what);
    sessionStorage.setItem('presses', JSON.stringify(told));
  };
  const named = el => `${el.tagName} ${(el.id || el.name || el.textContent || '').trim().slice(0, 40)}`;
  let last = -Infinity;
  addEventListener('pointerdown', event => { last = event.timeStamp; count(named(event.target)); }, true);
  addEventListener('click', event => {
    if (!event.isTrusted && event.target.form) count('script ' + named(event.target), 100);
  }, true);
  addEventListener('submit', event => {
    if (event.timeStamp - last > 3000) count('keyboard ' + named(event.target));
  }, true);
  addEventListener('change', event => {
    if (event.target.tagName === 'SELECT' && event.timeStamp - last > 1000) count('choice ' + named(event.target), 2);
  }, true);
})();
"""


class CountingPerson(Person):
    """After ``start_counting`` each press counts, opening a file chooser is one, and no address may be typed."""

    is_counting = False

    def start_counting(self) -> None:
        self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": COUNTER})
        self.go("/")
        self.wait_for("main", "no home")
        self.browser.execute_script("sessionStorage.removeItem('presses')")
        self.is_counting = True

    @property
    def presses(self) -> list[str]:
        """What was pressed, in order."""
        told: list[str] = self.browser.execute_script("return JSON.parse(sessionStorage.getItem('presses') || '[]')")
        return told

    def go(self, path: str) -> None:
        assert not self.is_counting, f"{path} was typed, not reached by pressing"
        super().go(path)

    def choose_file(self, *files: Path) -> None:
        super().choose_file(*files)
        self.browser.execute_script(
            "sessionStorage.setItem('presses',"
            " JSON.stringify([...JSON.parse(sessionStorage.getItem('presses') || '[]'), 'file chooser']))"
        )
