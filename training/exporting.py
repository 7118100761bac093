"""A report as a file: JSON for programs, and a page that needs nothing else for people."""

import json
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from training import charts, reporting
from training.models import EvaluationReport

# Those of every page (templates/components/_styles.html), in their order.
PARTS = ("elements", "layout", "forms", "tables", "panels", "navigation", "dialogs", "turns")
OF_EVERY_PAGE = ("tokens.css", *(f"styles/{part}.css" for part in (*PARTS, "states")))
STYLES = (*OF_EVERY_PAGE, "report.css")


def as_json(report: EvaluationReport) -> str:
    """The report's content with what is known of it besides. `sha256` is that of `content`."""
    return json.dumps(
        {
            "report": report.pk,
            "bot": report.bot.slug,
            "version": report.version.number,
            "champion": report.champion.number if report.champion else None,
            "created_at": report.created_at.isoformat(),
            "outcome": report.outcome,
            "passes": report.passes,
            "looks": report.looks,
            "sha256": report.sha256,
            "artifact_sha256": report.version.sha256,
            "content": report.found,
        },
        indent=1,
        ensure_ascii=False,
    )


def as_html(report: EvaluationReport) -> str:
    """One file: styles and plots are in it, and it asks for nothing. No text of anybody is."""
    found, compared = report.found, report.champion_id is not None
    shown = {
        "report": report,
        "version": report.version,
        "found": found,
        "evidence": found["evidence"],
        "compared": compared,
        "figures": reporting.figures_of(found, compared=compared),
        "dumbbell": charts.dumbbell(found["intents"], compared=compared),
        "charts": reporting.plots(found, compared=compared),
        "card": reporting.card_of(report.version, report),
        "styles": "\n".join(_style(name) for name in STYLES),
    }
    return render_to_string("training/report_export.html", shown)


def _style(name: str) -> str:
    path = finders.find(name)
    return Path(path).read_text() if isinstance(path, str) else ""
