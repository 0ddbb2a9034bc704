"""Two ways to use a page: with a mouse, and with nothing but a keyboard."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

# More elements than any page has.
FAR = 600


class Mouse:
    """Clicks and types, as most people do."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Use a button or follow a link."""
        target.click()

    def write(self, target: Locator, words: str) -> None:
        """Put words in a field, in place of what stood there."""
        target.fill(words)

    def choose(self, target: Locator, label: str) -> None:
        """Choose from a list."""
        target.select_option(label=label)

    def tick(self, target: Locator) -> None:
        """Choose a radio button or tick a box."""
        target.check()


class Keyboard(Mouse):
    """Never touches the mouse: what Tab does not reach is not there."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, words: str) -> None:
        self._reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        self.page.keyboard.type(label)

    def tick(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Space")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _step in range(FAR):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}")
