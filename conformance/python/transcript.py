"""What a judge did and read, kept on a page of docs/operating between two comments. UPDATE_EXPECT=1 rewrites it."""

import os
import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs/operating"
WHOLE = re.compile(r"(<!-- transcript: [^\n]*-->\n)(.*?)(<!-- transcript end -->)", re.DOTALL)


class Transcript:
    """Commands with what they said of it."""

    def __init__(self, page):
        self.page, self.lines = PAGES / page, []

    def add(self, command, said):
        """A command and the lines of its output that tell what became of it."""
        self.lines += [f"$ {command}", *said]

    def compare(self):
        """Holds it against the page, or writes the page."""
        text = self.page.read_text()
        shown = "```\n" + "\n".join(self.lines) + "\n```\n"
        fresh = WHOLE.sub(lambda found: found[1] + shown + found[3], text)
        assert shown in fresh, f"{self.page.name} has no place for a transcript"
        if os.environ.get("UPDATE_EXPECT"):
            self.page.write_text(fresh)
        assert self.page.read_text() == fresh, f"UPDATE_EXPECT=1 with this judge rewrites {self.page.name}"
