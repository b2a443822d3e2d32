"""What only a layout tells of mails: that none is wider than a phone, in any language."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "jobs"))
from test_letters import LEFTWARD, LONG, SAMPLES, letters  # noqa: E402, F401  pylint: disable=wrong-import-position

# pylint: disable=redefined-outer-name


@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize("locale", ["en", "es", LONG, LEFTWARD])
def test_no_mail_is_wider_than_the_screen(chromium, letters, tmp_path, locale, width):  # noqa: F811
    chromium.width(width)
    wide = {}
    for name, (kind, sample) in SAMPLES.items():
        page = tmp_path / "mail.html"
        page.write_text(letters.write(kind, sample, locale)["html"], encoding="utf-8")
        chromium.driver.get(f"file://{page}")
        found = chromium.run("return document.documentElement.scrollWidth")
        if found > width:
            wide[name] = found
    assert wide == {}
