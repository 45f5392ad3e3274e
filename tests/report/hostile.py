"""Names that somebody might give a scenario to see what the page does with them."""

from __future__ import annotations

HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</title><svg onload=alert(1)>",
    "</style><script>1</script>", "]]><script>1</script>", "javascript:alert(1)", "<!--", "-->", "<?xml?>", "&lt;b&gt;", "&#60;b",
    "$\\foo$", "$x^2$", "$", "\\frac{1}{2}", "_{a}^{b}", "{{ 7*7 }}", "{% raw %}", "${oc.env:SECRET}", "%s%n", "=1+1", "+cmd|' /C",
    "-2+3", "@SUM(A1)", "\t=1", "../../evil", "CON", "a:b*c?<x>|", "name\nwith\nlines", "a\x00b", "\x1b[31mred", "\u202eevil",
    "\u200b", "漢字の名前", "😀" * 5, "é" * 40, "x" * 300, "a b " * 60, "url(https://evil.example/x)", "<a href='https://evil.example'>",
    "<style>@import 'https://evil.example'</style>", "<base href='https://evil.example'>", "<iframe src=x>", "<foreignObject>",
    "<animate onbegin=alert(1)>", "data:text/html,<script>1</script>", "<use href='https://evil.example#x'>",
    "baseline_2", "0", " ",
)  # fmt: skip
