"""Text that jsonb refuses.

jsonb refuses two things that a Python str may hold: U+0000 and surrogates. Both become U+001A (SUBSTITUTE) and four
hexadecimal digits, and so does U+001A itself; all other text stays as it is. The client for JavaScript does the same.
"""

from __future__ import annotations

import re

_REFUSED = re.compile("[\0\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


def escape(text: str) -> str:
    if text.isascii() and "\0" not in text and "\x1a" not in text:
        return text
    return _REFUSED.sub(lambda found: f"\x1a{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    if "\x1a" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
