#!/usr/bin/env python3
"""Prints the HTML twin of a referral with WeasyPrint and says how many documents a second that is.

The figure stands beside that of `benches/documents.rs`, from the same content in the same run:

    python3 -m venv target/weasyprint && target/weasyprint/bin/pip install weasyprint
    DUTYLINE_TWIN=target/twin.html cargo bench --bench documents -- referral
    target/weasyprint/bin/python scripts/bench_weasyprint.py target/twin.html 20
"""

import sys
import time
from pathlib import Path

from weasyprint import CSS, HTML

# The same paper and sizes as src/documents/layout/sheet.rs; tables as a print needs them.
STYLE = """
@page { size: A4; margin: 16mm 20mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 10pt } }
body { font: 11pt/1.4 "Noto Sans", "DejaVu Sans", sans-serif; color: black }
h1 { font-size: 20pt } h2 { font-size: 14pt } h3 { font-size: 11.5pt } p { margin: 4pt 0 }
h1, h2, h3 { break-after: avoid; margin: 10pt 0 5pt }
dl, table { display: table; width: 100%; border-collapse: collapse; margin: 6pt 0 }
dl > div { display: table-row; break-inside: avoid }
dt, dd { display: table-cell; padding: 3pt 0; border-bottom: 0.6pt solid #888 }
dt { width: 33%; font-weight: bold }
th, td { text-align: start; padding: 3pt 0; border-bottom: 0.6pt solid #888 }
.nhsuk-inset-text { border: 1.2pt solid black; padding: 6pt 9pt; margin: 8pt 0 }
.paper__ink { width: 162pt; height: 54pt }
"""


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print("usage: bench_weasyprint.py TWIN.html [TIMES]", file=sys.stderr)
        return 2
    fragment = Path(sys.argv[1]).read_text(encoding="utf-8")
    times = int(sys.argv[2]) if len(sys.argv) == 3 else 20
    page = f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Referral</title></head><body>{fragment}</body></html>'

    def once() -> bytes:
        return HTML(string=page).write_pdf(stylesheets=[CSS(string=STYLE)], pdf_variant="pdf/ua-1")

    size = len(once())  # the first one also loads the fonts
    begun = time.perf_counter()
    for _ in range(times):
        once()
    seconds = time.perf_counter() - begun
    print(f"weasyprint: {times / seconds:.1f} documents/s, {seconds / times * 1000:.1f} ms each, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
